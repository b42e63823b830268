import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { RequestHandler } from 'express';
import { Audit } from './audit/audit.ts';
import { assembleAuth, type AuthParts } from './auth/assemble.ts';
import { sessionMiddleware } from './auth/session.ts';
import { Badges } from './badges/badges.ts';
import { BuildViews } from './builds/build-views.ts';
import { Builds } from './builds/builds.service.ts';
import { JobViews } from './builds/job-views.ts';
import { DomainEvents } from './common/domain-events.ts';
import { Links } from './common/links.ts';
import type { ServerLogger } from './common/logger.ts';
import type { Config } from './config/index.ts';
import type { Database } from './database/index.ts';
import { Leadership } from './database/leadership.ts';
import { Neighbours } from './database/neighbours.ts';
import { Executor } from './execution/executor.ts';
import { Status } from './http/status.ts';
import { Leading } from './leading.ts';
import { LogStore } from './logs/index.ts';
import { LogRetention } from './logs/retention.ts';
import { PackageCache } from './package-cache/package-cache.ts';
import { BundleUses } from './bundles/bundle-uses.ts';
import { BundleFiles } from './bundles/bundle-files.ts';
import { BundleLoans } from './bundles/bundle-loans.ts';
import { Bundles } from './bundles/bundles.ts';
import { ForkDesk } from './forks/fork-desk.ts';
import { ForgetTests } from './test-history/forget-tests.ts';
import { TestHistory } from './test-history/test-history.ts';
import { ForkReports } from './forks/fork-reports.ts';
import { Forks } from './forks/forks.ts';
import { InterpreterCache } from './forks/interpreter-cache.ts';
import { PairImages } from './forks/pair-images.ts';
import { LicenseOffice } from './licenses/license-office.ts';
import { MachinePools } from './machines/machine-pools.ts';
import { MachineViews } from './machines/machine-views.ts';
import type { LoadedPlugins } from './plugins/index.ts';
import { ThreadPlanner } from './planning/thread-planner.ts';
import { CodeHosts } from './projects/code-hosts.ts';
import { PythonViews } from './pythons/python-views.ts';
import { Projects } from './projects/projects.service.ts';
import { SecretBox } from './projects/secret-box.ts';
import { Sources } from './projects/sources.ts';
import { JobSecrets } from './secrets/job-secrets.ts';
import { SecretsDesk } from './secrets/secrets-desk.ts';
import { QueueViews } from './scheduling/queue-views.ts';
import { Scheduler } from './scheduling/scheduler.ts';
import { JobHolds } from './shells/holds.ts';
import { ShellDoor } from './shells/shell-door.ts';
import { Shells } from './shells/shells.ts';
import { HostDesk } from './triggers/host-desk.ts';
import { Intake } from './triggers/intake.ts';
import { Poller } from './triggers/poller.ts';
import { ProjectMoves } from './triggers/project-moves.ts';
import { BuildStarter } from './triggers/start-build.ts';
import { trustOf } from './trust/index.ts';
import type { TrustDesk } from './trust/trust-desk.ts';
import { version } from './version.ts';

const MEGABYTE = 1_000_000;

/** What a server is made of. */
export interface CoreParts {
  readonly config: Config;
  readonly logger: ServerLogger;
  readonly database: Database;
  readonly plugins: LoadedPlugins;
  readonly events: DomainEvents;
  readonly session: RequestHandler;
  readonly auth: AuthParts;
  readonly status: Status;
  readonly logs: LogStore;
  readonly buildViews: BuildViews;
  readonly jobViews: JobViews;
  readonly builds: Builds;
  readonly projects: Projects;
  readonly badges: Badges;
  readonly starter: BuildStarter;
  readonly moves: ProjectMoves;
  readonly pools: MachinePools;
  readonly machineViews: MachineViews;
  readonly executor: Executor;
  readonly scheduler: Scheduler;
  readonly queueViews: QueueViews;
  readonly audit: Audit;
  readonly shells: Shells;
  readonly holds: JobHolds;
  readonly links: Links;
  readonly planner: ThreadPlanner;
  readonly trustDesk: TrustDesk;
  readonly hosts: HostDesk;
  readonly licenses: LicenseOffice;
  readonly bundles: Bundles;
  readonly bundleUses: BundleUses;
  readonly forks: Forks;
  readonly testHistory: TestHistory;
  readonly forkReports: ForkReports;
  readonly pythonViews: PythonViews;
  readonly interpreters: InterpreterCache;
  readonly packages: PackageCache;
  readonly secrets: SecretsDesk;
  readonly codeHosts: CodeHosts;
  readonly leading: Leading;
}

/** What there is before anything else: read, opened, loaded. */
export interface Foundation {
  readonly config: Config;
  readonly logger: ServerLogger;
  readonly database: Database;
  readonly box: SecretBox;
  readonly plugins: LoadedPlugins;
  /** The identity of this installation. */
  readonly installation: string;
}

/** All parts put together by hand: the one place that knows them all. Nothing runs yet. */
export function assemble({ config, logger, database, box, plugins, installation }: Foundation): CoreParts {
  const owner = randomUUID();
  const { registry } = plugins;
  const events = new DomainEvents();
  const logs = new LogStore(join(config.dataFolder, 'logs'));
  const buildViews = new BuildViews(database.pool);
  const neighbours = new Neighbours(database, events, owner);
  const testHistory = new TestHistory(database.pool);
  const builds = new Builds(database, events, neighbours);
  const sources = new Sources(database, registry, box);
  const planner = plannerOf({ config, logger, plugins, installation });
  const { isolation } = config;
  const links = new Links(config.publicUrl);
  const audit = new Audit(database.pool, logger.child('audit'));
  const interpreters = new InterpreterCache(database.pool, join(config.dataFolder, 'interpreters'));
  const forks = new Forks(database.pool, interpreters, events);
  const starter = new BuildStarter(sources, builds, planner, forks, isolation, logger.child('triggers'));
  const pairImages = new PairImages(database.pool, isolation, () => pools.snapshot());
  const forkDesk = new ForkDesk({
    pool: database.pool,
    cache: interpreters,
    logger: logger.child('forks'),
    start: async (projectId, fork, note, signal) =>
      await starter.startOnFork(projectId, fork, signal, { imageFor: await pairImages.of(projectId), note }),
  });
  const auth = assembleAuth({
    config,
    database,
    audit,
    sources,
    logger: logger.child('auth'),
    revoke: (right) => revoke(right, events, neighbours, logger),
  });
  const { trust, desk } = trustOf({ database, sources, wanted: planner.wanted, builds, audit });
  const intake = new Intake(database.pool, sources, trust, starter, builds);
  const hosts = new HostDesk({
    database,
    registry,
    sources,
    box,
    links,
    audit,
    builds,
    trust,
    desk,
    intake,
    events,
    retention: config.retention,
    logger: logger.child('hosts'),
  });
  const { machineDays } = config.retention;
  const cache = new PackageCache(config.cache, (url) => pools.wantPackages(url), logger.child('packages'));
  const pools: MachinePools = new MachinePools({
    database,
    events,
    registry,
    logger: logger.child('machines'),
    owner,
    machineDays,
    packages: cache,
    offersFor: (image) => interpreters.offersFor(image),
  });
  const { timeMinutes, silenceMinutes, logMegabytes } = config.limits;
  const bundleFiles = new BundleFiles(join(config.dataFolder, 'bundles'));
  const executor = new Executor({
    database,
    events,
    pools,
    sources,
    provider: { pool: database.pool, box, secrets: new JobSecrets(database.pool, box), bundles: new BundleLoans(database.pool, bundleFiles) },
    interpreters,
    planner,
    logs,
    owner,
    isolation,
    cache: config.cache,
    limits: { timeSeconds: timeMinutes * 60, silenceSeconds: silenceMinutes * 60, outputBytes: logMegabytes * MEGABYTE },
    logger: logger.child('execution'),
  });
  const scheduler = new Scheduler({ database, events, pools, executor, isolation, logger: logger.child('scheduling'), owner });
  const licenses = new LicenseOffice({
    database,
    events,
    audit,
    registry,
    box,
    builds,
    waits: () => scheduler.seatWaits(),
    logger: logger.child('licenses'),
  });
  const forgetTests = new ForgetTests(database.pool, config.retention.testDays, logger.child('tests'));
  const door = new ShellDoor(database.pool, pools, owner);
  buildViews.explainBy((jobId) => scheduler.reasonFor(jobId));
  return {
    config,
    logger,
    database,
    plugins,
    events,
    session: sessionMiddleware(database, box.derive('sessions'), config.publicUrl),
    auth,
    status: new Status(database, version),
    logs,
    buildViews,
    jobViews: new JobViews(database.pool, buildViews, logs, testHistory, (jobId) => door.refusal(jobId)),
    builds,
    projects: new Projects(database, sources, buildViews, logs),
    badges: new Badges(database.pool),
    starter,
    moves: new ProjectMoves({ database, sources, intake, roleSync: auth.roleSync }),
    pools,
    machineViews: new MachineViews(database.pool, pools),
    executor,
    scheduler,
    queueViews: new QueueViews(database.pool, scheduler, buildViews),
    audit,
    shells: new Shells({ pool: database.pool, events, pools, door, audit, logger: logger.child('shells') }),
    holds: new JobHolds({ database, events, pools, door, audit }),
    links,
    planner,
    trustDesk: desk,
    hosts,
    licenses,
    bundles: new Bundles(database.pool, bundleFiles),
    bundleUses: new BundleUses(database.pool),
    forks,
    testHistory,
    forkReports: new ForkReports(database.pool),
    pythonViews: new PythonViews(database.pool, () => pools.snapshot()),
    interpreters,
    packages: cache,
    secrets: new SecretsDesk(database, box, audit),
    codeHosts: new CodeHosts(database.pool, registry),
    leading: new Leading({
      leadership: new Leadership(database),
      neighbours,
      pools,
      interpreters,
      executor,
      scheduler,
      retention: new LogRetention(database.pool, logs, config.retention.logDays, logger.child('logs')),
      newPoller: () => new Poller(database.pool, sources, intake, logger.child('polling')),
      desks: [cache, hosts.worker, hosts.outbox, licenses.withdrawals, licenses.servers, licenses.records, forkDesk, forgetTests],
      configs: config.pools,
      logger,
    }),
  };
}

function plannerOf({ config, logger, plugins, installation }: Pick<Foundation, 'config' | 'logger' | 'plugins' | 'installation'>): ThreadPlanner {
  const readers = plugins.registry.all('ci');
  const own = config.plugins.filter(({ name }) => readers.some((reader) => reader.name === name));
  return new ThreadPlanner({
    data: {
      plugins: own.map(({ plugin, name, config: given }) => ({ plugin, name, config: given })),
      folder: config.folder,
      pluginsFolder: join(config.dataFolder, 'plugins'),
      installation,
    },
    providers: readers.map(({ extension }) => extension),
    seconds: config.limits.planSeconds,
    logger: logger.child('planning'),
  });
}

/** Tells all servers that a right was taken away. */
function revoke(right: string, events: DomainEvents, neighbours: Neighbours, logger: ServerLogger): void {
  events.emit('revoked', right);
  neighbours.tellRevoked(right).catch((error: unknown) => logger.warn('other servers could not be told that a right was revoked', { error }));
}
