import {
  AccountView,
  AuditEntry,
  BuildSummary,
  BuildView,
  BundleUseView,
  BundleView,
  CacheView,
  CodeHostView,
  EnvironmentView,
  FlakyTests,
  ForkReport,
  ForkView,
  ContributorView,
  DeliveryDetail,
  DeliveryView,
  Health,
  HeldView,
  HookSetup,
  HookView,
  ImageView,
  Invitation,
  InvitedAccount,
  JobView,
  LicensePoolView,
  LicensesView,
  LicenseUseView,
  MachineLife,
  MachinesView,
  OwnSession,
  PersonView,
  NotifierView,
  OutboxView,
  PoolHistory,
  ProfileView,
  ProjectView,
  PythonsView,
  QueueView,
  RepositoryOfferView,
  ReviewView,
  SessionView,
  SlowTests,
  SubscriptionView,
  TokenView,
  type AcceptInvitation,
  type ChangePassword,
  type CreateAccount,
  type AddContributor,
  type BundleTerms,
  type CreateBuild,
  type CreateProject,
  type CreateReservation,
  type CreateSubscription,
  type CreateToken,
  type GiveRole,
  type DecideBuild,
  type HoldJob,
  type UpdateEnvironment,
  type SetFork,
  type SetLicensePool,
  type SignIn,
  type UpdateAccount,
  type UpdateProfile,
  type UpdateProject,
  type MoveProject,
  type SetGroups,
} from '#server/api';
import { z } from 'zod';
import { requestJson, requestNothing } from './http.ts';

const NewToken = z.object({ token: z.string(), view: TokenView });
/** A token just made: the only time its text is seen. */
export type NewToken = z.infer<typeof NewToken>;

const Invitee = z.object({ name: z.string(), displayName: z.string() });
const HostSignIn = z.object({ url: z.url() });

/** Which builds of a project: older than a number, of one branch. */
export interface BuildsQuery {
  before?: number;
  branch?: string;
  limit?: number;
}

/** Which machines' lives: of one pool, so many at most. */
export interface LivesQuery {
  pool?: string;
  limit: number;
}

/** Which bundle. */
export type BundleId = Pick<BundleView, 'name' | 'version'>;

type Signal = AbortSignal | undefined;

/** Where a bundle is. */
export function bundlePath({ name, version }: BundleId): string {
  return `/api/bundles/${encodeURIComponent(name)}/${encodeURIComponent(version)}`;
}

/** Every route of the server that the pages use, one function each. All throw ApiError. Logs are in log-client.ts. */
export const api = {
  health: (signal?: Signal) => requestJson(Health, '/api/health', { signal }),

  session: () => requestJson(SessionView, '/api/session'),
  signIn: (body: SignIn) => requestJson(SessionView, '/api/session', { method: 'POST', body }),
  signOut: () => requestNothing('/api/session', { method: 'DELETE' }),

  /** Where at a code host to go to sign in, or to link it to one's account. */
  signInByHost: (host: string, body: { to?: string; link?: boolean }) => requestJson(HostSignIn, `/api/session/${host}`, { method: 'POST', body }),
  readInvitation: (code: string) => requestJson(Invitee, '/api/invitations/read', { method: 'POST', body: { code } }),
  acceptInvitation: (body: AcceptInvitation) => requestJson(SessionView, '/api/invitations/accept', { method: 'POST', body }),

  profile: (signal?: Signal) => requestJson(ProfileView, '/api/account', { signal }),
  updateProfile: (body: UpdateProfile) => requestJson(ProfileView, '/api/account', { method: 'PATCH', body }),
  changePassword: (body: ChangePassword) => requestNothing('/api/account/password', { method: 'POST', body }),
  unlinkHost: (provider: string) => requestNothing(`/api/account/identities/${provider}`, { method: 'DELETE' }),
  sessions: (signal?: Signal) => requestJson(z.array(OwnSession), '/api/account/sessions', { signal }),
  endSession: (id: string) => requestNothing(`/api/account/sessions/${id}`, { method: 'DELETE' }),
  endOtherSessions: () => requestNothing('/api/account/sessions', { method: 'DELETE' }),

  accounts: (signal?: Signal) => requestJson(z.array(AccountView), '/api/accounts', { signal }),
  createAccount: (body: CreateAccount) => requestJson(InvitedAccount, '/api/accounts', { method: 'POST', body }),
  updateAccount: (id: number, body: UpdateAccount) => requestJson(AccountView, `/api/accounts/${id}`, { method: 'PATCH', body }),
  invite: (id: number) => requestJson(Invitation, `/api/accounts/${id}/invitation`, { method: 'POST' }),

  people: (projectId: number, signal?: Signal) => requestJson(z.array(PersonView), `/api/projects/${projectId}/people`, { signal }),
  giveRole: (projectId: number, body: GiveRole) => requestJson(z.array(PersonView), `/api/projects/${projectId}/people`, { method: 'POST', body }),
  takeRole: (projectId: number, account: number) => requestNothing(`/api/projects/${projectId}/people/${account}`, { method: 'DELETE' }),

  tokens: (of: 'own' | 'all', signal?: Signal) => requestJson(z.array(TokenView), `/api/tokens?of=${of}`, { signal }),
  createToken: (body: z.input<typeof CreateToken>) => requestJson(NewToken, '/api/tokens', { method: 'POST', body }),
  deleteToken: (id: number) => requestNothing(`/api/tokens/${id}`, { method: 'DELETE' }),

  projects: (signal?: Signal) => requestJson(z.array(ProjectView), '/api/projects', { signal }),
  project: (id: number, signal?: Signal) => requestJson(ProjectView, `/api/projects/${id}`, { signal }),
  createProject: (body: CreateProject) => requestJson(ProjectView, '/api/projects', { method: 'POST', body }),
  updateProject: (id: number, body: UpdateProject) => requestJson(ProjectView, `/api/projects/${id}`, { method: 'PATCH', body }),
  moveProject: (id: number, body: MoveProject) => requestJson(ProjectView, `/api/projects/${id}/repository`, { method: 'PUT', body }),
  setGroups: (id: number, body: SetGroups) => requestJson(ProjectView, `/api/projects/${id}/groups`, { method: 'PUT', body }),
  deleteProject: (id: number) => requestNothing(`/api/projects/${id}`, { method: 'DELETE' }),

  codeHosts: (signal?: Signal) => requestJson(z.array(CodeHostView), '/api/code-hosts', { signal }),
  repositories: (host: string, signal?: Signal) =>
    requestJson(z.array(RepositoryOfferView), `/api/code-hosts/${encodeURIComponent(host)}/repositories`, { signal }),

  environments: (projectId: number, signal?: Signal) => requestJson(z.array(EnvironmentView), `/api/projects/${projectId}/environments`, { signal }),
  saveEnvironment: (projectId: number, name: string, body: UpdateEnvironment) =>
    requestJson(z.array(EnvironmentView), `/api/projects/${projectId}/environments/${encodeURIComponent(name)}`, { method: 'PUT', body }),
  deleteEnvironment: (projectId: number, name: string) =>
    requestNothing(`/api/projects/${projectId}/environments/${encodeURIComponent(name)}`, { method: 'DELETE' }),

  builds: (projectId: number, query: BuildsQuery, signal?: Signal) =>
    requestJson(z.array(BuildSummary), `/api/projects/${projectId}/builds${writeQuery({ ...query })}`, { signal }),
  createBuild: (projectId: number, body: CreateBuild) => requestJson(BuildView, `/api/projects/${projectId}/builds`, { method: 'POST', body }),
  build: (id: number, signal?: Signal) => requestJson(BuildView, `/api/builds/${id}`, { signal }),
  cancelBuild: (id: number) => requestJson(BuildView, `/api/builds/${id}/cancel`, { method: 'POST' }),
  restartBuild: (id: number) => requestJson(BuildView, `/api/builds/${id}/restart`, { method: 'POST' }),

  held: (signal?: Signal) => requestJson(HeldView, '/api/held?limit=100', { signal }),
  review: (buildId: number, signal?: Signal) => requestJson(ReviewView, `/api/builds/${buildId}/review`, { signal }),
  approveBuild: (id: number, body: DecideBuild) => requestJson(BuildView, `/api/builds/${id}/approve`, { method: 'POST', body }),
  refuseBuild: (id: number, body: DecideBuild) => requestJson(BuildView, `/api/builds/${id}/refuse`, { method: 'POST', body }),

  contributors: (projectId: number, signal?: Signal) => requestJson(z.array(ContributorView), `/api/projects/${projectId}/contributors`, { signal }),
  addContributor: (projectId: number, body: AddContributor) =>
    requestJson(z.array(ContributorView), `/api/projects/${projectId}/contributors`, { method: 'POST', body }),
  removeContributor: (projectId: number, name: string) =>
    requestNothing(`/api/projects/${projectId}/contributors/${encodeURIComponent(name)}`, { method: 'DELETE' }),

  hook: (projectId: number, signal?: Signal) => requestJson(HookView, `/api/projects/${projectId}/hook`, { signal }),
  setHook: (projectId: number) => requestJson(HookSetup, `/api/projects/${projectId}/hook`, { method: 'POST' }),
  renewHookSecret: (projectId: number) => requestJson(HookSetup, `/api/projects/${projectId}/hook/secret`, { method: 'POST' }),

  deliveries: (projectId: number, query: { limit: number; before?: number }, signal?: Signal) =>
    requestJson(z.array(DeliveryView), `/api/projects/${projectId}/deliveries${writeQuery({ ...query })}`, { signal }),
  delivery: (projectId: number, id: number, signal?: Signal) =>
    requestJson(DeliveryDetail, `/api/projects/${projectId}/deliveries/${id}`, { signal }),
  replayDelivery: (projectId: number, id: number) =>
    requestJson(DeliveryView, `/api/projects/${projectId}/deliveries/${id}/replay`, { method: 'POST' }),

  notifiers: (signal?: Signal) => requestJson(z.array(NotifierView), '/api/notifiers', { signal }),
  subscriptions: (projectId: number, signal?: Signal) =>
    requestJson(z.array(SubscriptionView), `/api/projects/${projectId}/subscriptions`, { signal }),
  addSubscription: (projectId: number, body: CreateSubscription) =>
    requestJson(z.array(SubscriptionView), `/api/projects/${projectId}/subscriptions`, { method: 'POST', body }),
  removeSubscription: (projectId: number, id: number) => requestNothing(`/api/projects/${projectId}/subscriptions/${id}`, { method: 'DELETE' }),
  outbox: (projectId: number, limit: number, signal?: Signal) =>
    requestJson(z.array(OutboxView), `/api/projects/${projectId}/outbox?limit=${limit}`, { signal }),
  resend: (projectId: number, entry: number) => requestNothing(`/api/projects/${projectId}/outbox/${entry}/resend`, { method: 'POST' }),

  fork: (projectId: number, signal?: Signal) => requestJson(ForkView, `/api/projects/${projectId}/fork`, { signal }),
  setFork: (projectId: number, body: SetFork) => requestJson(ForkView, `/api/projects/${projectId}/fork`, { method: 'PUT', body }),
  removeFork: (projectId: number) => requestNothing(`/api/projects/${projectId}/fork`, { method: 'DELETE' }),
  addForkPackage: (projectId: number, packageId: number) =>
    requestJson(ForkView, `/api/projects/${projectId}/fork/packages`, { method: 'POST', body: { projectId: packageId } }),
  removeForkPackage: (projectId: number, packageId: number) =>
    requestNothing(`/api/projects/${projectId}/fork/packages/${packageId}`, { method: 'DELETE' }),
  forkReport: (projectId: number, revision: string | undefined, signal?: Signal) =>
    requestJson(ForkReport, `/api/projects/${projectId}/fork/report${writeQuery({ revision })}`, { signal }),

  flakyTests: (projectId: number, days: number, signal?: Signal) =>
    requestJson(FlakyTests, `/api/projects/${projectId}/tests/flaky?days=${days}`, { signal }),
  slowTests: (projectId: number, days: number, signal?: Signal) =>
    requestJson(SlowTests, `/api/projects/${projectId}/tests/slow?days=${days}`, { signal }),

  job: (id: number, signal?: Signal) => requestJson(JobView, `/api/jobs/${id}`, { signal }),
  cancelJob: (id: number) => requestJson(JobView, `/api/jobs/${id}/cancel`, { method: 'POST' }),
  restartJob: (id: number) => requestJson(JobView, `/api/jobs/${id}/restart`, { method: 'POST' }),

  holdJob: (id: number, body: HoldJob) => requestJson(JobView, `/api/jobs/${id}/hold`, { method: 'POST', body }),
  releaseJob: (id: number) => requestJson(JobView, `/api/jobs/${id}/release`, { method: 'POST' }),

  queue: (signal?: Signal) => requestJson(QueueView, '/api/queue?limit=200', { signal }),
  machines: (signal?: Signal) => requestJson(MachinesView, '/api/machines', { signal }),
  machineLives: (query: LivesQuery, signal?: Signal) =>
    requestJson(z.array(MachineLife), `/api/machines/lives${writeQuery({ ...query })}`, { signal }),
  poolHistory: (hours: number, signal?: Signal) => requestJson(z.array(PoolHistory), `/api/pools/history?hours=${hours}`, { signal }),
  licenses: (signal?: Signal) => requestJson(LicensesView, '/api/licenses', { signal }),
  setLicensePool: (name: string, body: SetLicensePool) =>
    requestJson(LicensePoolView, `/api/licenses/${encodeURIComponent(name)}`, { method: 'PUT', body }),
  removeLicensePool: (name: string) => requestNothing(`/api/licenses/${encodeURIComponent(name)}`, { method: 'DELETE' }),
  releaseSeat: (id: number) => requestNothing(`/api/licenses/leases/${id}/release`, { method: 'POST' }),
  setLicenseKey: (pool: string, key: string, value: string) =>
    requestJson(LicensePoolView, `/api/licenses/${encodeURIComponent(pool)}/keys/${encodeURIComponent(key)}`, { method: 'PUT', body: { value } }),
  removeLicenseKey: (pool: string, key: string) =>
    requestNothing(`/api/licenses/${encodeURIComponent(pool)}/keys/${encodeURIComponent(key)}`, { method: 'DELETE' }),
  reserveSeats: (pool: string, body: CreateReservation) =>
    requestJson(LicensePoolView, `/api/licenses/${encodeURIComponent(pool)}/reservations`, { method: 'POST', body }),
  unreserveSeats: (id: number) => requestNothing(`/api/licenses/reservations/${id}`, { method: 'DELETE' }),
  licenseUse: (hours: number, signal?: Signal) => requestJson(LicenseUseView, `/api/licenses/use?hours=${hours}`, { signal }),

  bundles: (signal?: Signal) => requestJson(z.array(BundleView), '/api/bundles', { signal }),
  bundleUses: (bundle: BundleId, signal?: Signal) => requestJson(z.array(BundleUseView), `${bundlePath(bundle)}/uses`, { signal }),
  changeBundle: (bundle: BundleId, body: BundleTerms) => requestJson(BundleView, bundlePath(bundle), { method: 'PATCH', body }),
  removeBundle: (bundle: BundleId) => requestNothing(bundlePath(bundle), { method: 'DELETE' }),

  cache: (signal?: Signal) => requestJson(CacheView, '/api/cache', { signal }),
  pythons: (signal?: Signal) => requestJson(PythonsView, '/api/pythons', { signal }),
  images: (signal?: Signal) => requestJson(z.array(ImageView), '/api/images', { signal }),

  audit: (query: { limit: number; before?: number }, signal?: Signal) =>
    requestJson(z.array(AuditEntry), `/api/audit${writeQuery({ ...query })}`, { signal }),
};

/** Parameters that are there, as a query with its question mark; empty if there are none. */
export function writeQuery(parameters: Record<string, string | number | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) query.set(name, String(value));
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}
