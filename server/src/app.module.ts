import { type DynamicModule, Module, type Provider, type Type } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { Audit } from './audit/audit.ts';
import { AuditController } from './audit/audit.controller.ts';
import { Accounts } from './auth/accounts/accounts.ts';
import { AccountsController } from './auth/accounts/accounts.controller.ts';
import { OneTimeLinks } from './auth/accounts/one-time-links.ts';
import { ProfileController } from './auth/accounts/profile.controller.ts';
import type { AuthParts } from './auth/assemble.ts';
import { AuthGuard } from './auth/auth.guard.ts';
import { Auth } from './auth/auth.service.ts';
import { People } from './auth/people/people.ts';
import { PeopleController } from './auth/people/people.controller.ts';
import { RoleSync } from './auth/people/role-sync.ts';
import { RequestLimits } from './auth/request-limits.ts';
import { Rights } from './auth/rights.ts';
import { Sessions } from './auth/sessions.ts';
import { GITHUB_SIGN_IN, GithubController } from './auth/sign-in/github.controller.ts';
import { HostAccounts } from './auth/sign-in/host-accounts.ts';
import { InvitationsController } from './auth/sign-in/invitations.controller.ts';
import { PasswordSignIn } from './auth/sign-in/password-sign-in.ts';
import { SessionController } from './auth/sign-in/session.controller.ts';
import { SessionViews } from './auth/sign-in/session-views.ts';
import { SignIns } from './auth/sign-in/sign-ins.ts';
import { Tokens } from './auth/tokens.ts';
import { TokensController } from './auth/tokens.controller.ts';
import { Badges } from './badges/badges.ts';
import { BadgesController } from './badges/badges.controller.ts';
import { BuildViews } from './builds/build-views.ts';
import { BuildsController } from './builds/builds.controller.ts';
import { Builds } from './builds/builds.service.ts';
import { JobViews } from './builds/job-views.ts';
import { JobsController } from './builds/jobs.controller.ts';
import type { CoreParts } from './assemble.ts';
import { HealthController } from './http/health.controller.ts';
import { ProblemFilter } from './http/problem.filter.ts';
import { Status } from './http/status.ts';
import { validationPipe } from './http/validation.ts';
import { LogStore } from './logs/log-store.ts';
import { LogsController } from './logs/logs.controller.ts';
import { BundleUses } from './bundles/bundle-uses.ts';
import { BundlesController } from './bundles/bundles.controller.ts';
import { Bundles } from './bundles/bundles.ts';
import { ForkReports } from './forks/fork-reports.ts';
import { ForksController } from './forks/forks.controller.ts';
import { Forks } from './forks/forks.ts';
import { LicenseDesk } from './licenses/license-desk.ts';
import { LicenseKeys } from './licenses/license-keys.ts';
import { LicenseUse } from './licenses/license-use.ts';
import { LicenseUseController } from './licenses/license-use.controller.ts';
import { LicenseViews } from './licenses/license-views.ts';
import { Reservations } from './licenses/reservations.ts';
import { LicensesController } from './licenses/licenses.controller.ts';
import { MachineViews } from './machines/machine-views.ts';
import { MachinesController } from './machines/machines.controller.ts';
import { NotificationsController } from './notifications/notifications.controller.ts';
import { OutboxViews } from './notifications/outbox-views.ts';
import { Subscriptions } from './notifications/subscriptions.ts';
import { CodeHosts } from './projects/code-hosts.ts';
import { CodeHostsController } from './projects/code-hosts.controller.ts';
import { CacheController } from './package-cache/cache.controller.ts';
import { PackageCache } from './package-cache/package-cache.ts';
import { PythonViews } from './pythons/python-views.ts';
import { PythonsController } from './pythons/pythons.controller.ts';
import { ProjectsController } from './projects/projects.controller.ts';
import { Projects } from './projects/projects.service.ts';
import { LIVE_PARTS, LiveGateway, type LiveParts } from './realtime/live.gateway.ts';
import { SecretsController } from './secrets/secrets.controller.ts';
import { SecretsDesk } from './secrets/secrets-desk.ts';
import { QueueController } from './scheduling/queue.controller.ts';
import { QueueViews } from './scheduling/queue-views.ts';
import { JobHolds } from './shells/holds.ts';
import { HoldsController } from './shells/holds.controller.ts';
import { SHELL_PARTS, ShellGateway, type ShellGatewayParts } from './shells/shell.gateway.ts';
import { Deliveries } from './triggers/deliveries.ts';
import { DeliveriesController } from './triggers/deliveries.controller.ts';
import { DeliveryViews } from './triggers/delivery-views.ts';
import { HooksController } from './triggers/hooks.controller.ts';
import { ProjectHooks } from './triggers/project-hooks.ts';
import { ProjectMoves } from './triggers/project-moves.ts';
import { BuildStarter } from './triggers/start-build.ts';
import { TestHistoryController } from './test-history/test-history.controller.ts';
import { TestHistory } from './test-history/test-history.ts';
import { TrustController } from './trust/trust.controller.ts';
import { TrustDesk } from './trust/trust-desk.ts';

/** Every controller: each of its routes declares what it needs, which a test makes sure of. */
export const CONTROLLERS: readonly Type[] = [
  HealthController,
  SessionController,
  GithubController,
  InvitationsController,
  ProfileController,
  AccountsController,
  TokensController,
  ProjectsController,
  PeopleController,
  BuildsController,
  JobsController,
  LogsController,
  QueueController,
  MachinesController,
  HoldsController,
  AuditController,
  BadgesController,
  TrustController,
  HooksController,
  DeliveriesController,
  NotificationsController,
  SecretsController,
  CodeHostsController,
  LicensesController,
  LicenseUseController,
  BundlesController,
  ForksController,
  CacheController,
  PythonsController,
  TestHistoryController,
];

/** What the server answers: every controller, and the parts of the core that they are given. */
@Module({})
export class AppModule {
  static of(parts: CoreParts): DynamicModule {
    return {
      module: AppModule,
      controllers: [...CONTROLLERS],
      providers: [
        ...authProviders(parts.auth),
        { provide: Status, useValue: parts.status },
        { provide: Projects, useValue: parts.projects },
        { provide: Badges, useValue: parts.badges },
        { provide: Builds, useValue: parts.builds },
        { provide: BuildViews, useValue: parts.buildViews },
        { provide: JobViews, useValue: parts.jobViews },
        { provide: BuildStarter, useValue: parts.starter },
        { provide: ProjectMoves, useValue: parts.moves },
        { provide: LogStore, useValue: parts.logs },
        { provide: QueueViews, useValue: parts.queueViews },
        { provide: MachineViews, useValue: parts.machineViews },
        { provide: LIVE_PARTS, useValue: liveParts(parts) },
        LiveGateway,
        { provide: Audit, useValue: parts.audit },
        { provide: JobHolds, useValue: parts.holds },
        { provide: TrustDesk, useValue: parts.trustDesk },
        { provide: Deliveries, useValue: parts.hosts.deliveries },
        { provide: DeliveryViews, useValue: parts.hosts.deliveryViews },
        { provide: ProjectHooks, useValue: parts.hosts.hooks },
        { provide: Subscriptions, useValue: parts.hosts.subscriptions },
        { provide: CodeHosts, useValue: parts.codeHosts },
        { provide: LicenseDesk, useValue: parts.licenses.desk },
        { provide: LicenseUse, useValue: parts.licenses.use },
        { provide: LicenseViews, useValue: parts.licenses.views },
        { provide: LicenseKeys, useValue: parts.licenses.keys },
        { provide: Reservations, useValue: parts.licenses.reservations },
        { provide: Bundles, useValue: parts.bundles },
        { provide: BundleUses, useValue: parts.bundleUses },
        { provide: Forks, useValue: parts.forks },
        { provide: TestHistory, useValue: parts.testHistory },
        { provide: ForkReports, useValue: parts.forkReports },
        { provide: PackageCache, useValue: parts.packages },
        { provide: PythonViews, useValue: parts.pythonViews },
        { provide: SecretsDesk, useValue: parts.secrets },
        { provide: OutboxViews, useValue: parts.hosts.outboxViews },
        { provide: SHELL_PARTS, useValue: shellParts(parts) },
        ShellGateway,
        { provide: APP_GUARD, useClass: AuthGuard },
        { provide: APP_PIPE, useFactory: validationPipe },
        { provide: APP_FILTER, useFactory: () => new ProblemFilter(parts.logger.child('http')) },
      ],
    };
  }
}

function authProviders(parts: AuthParts): Provider[] {
  return [
    { provide: Auth, useValue: parts.auth },
    { provide: Rights, useValue: parts.rights },
    { provide: RequestLimits, useValue: parts.limits },
    { provide: Sessions, useValue: parts.sessions },
    { provide: Tokens, useValue: parts.tokens },
    { provide: Accounts, useValue: parts.accounts },
    { provide: OneTimeLinks, useValue: parts.links },
    { provide: PasswordSignIn, useValue: parts.passwords },
    { provide: SignIns, useValue: parts.signIns },
    { provide: SessionViews, useValue: parts.sessionViews },
    { provide: People, useValue: parts.people },
    { provide: HostAccounts, useValue: parts.hosts },
    { provide: RoleSync, useValue: parts.roleSync },
    { provide: GITHUB_SIGN_IN, useValue: parts.github },
  ];
}

function liveParts(parts: CoreParts): LiveParts {
  return {
    pool: parts.database.pool,
    events: parts.events,
    auth: parts.auth.auth,
    rights: parts.auth.rights,
    session: parts.session,
    builds: parts.buildViews,
    machines: parts.machineViews,
    scheduler: parts.scheduler,
    logger: parts.logger.child('live'),
  };
}

function shellParts({ auth, events, shells, logger }: CoreParts): ShellGatewayParts {
  return { auth: auth.auth, rights: auth.rights, events, shells, logger: logger.child('shells') };
}
