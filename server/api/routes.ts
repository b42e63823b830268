/**
 * The HTTP interface, as the web and other clients use it. JSON unless said otherwise; errors are `Problem` (application/problem+json).
 * Who may: `Authorization: Bearer TOKEN`, or the session cookie (then state-changing requests need the same origin). Each route says what role it needs, on the
 * project that it is about or, where it is about none, for the installation: v viewer, d developer, m maintainer, a admin. `own`: one's own account, by a session
 * or a token with the scope admin. `open`: nothing. `any`: to be somebody; the answer holds what he may read. A project that one may not read is 404, with all that
 * belongs to it; whatever else one may not do there is 403. 429 carries Retry-After.
 *
 * | route | needs | body | answer |
 * | --- | --- | --- | --- |
 * | GET /api/health | open | | Health |
 * | GET /api/session | open | | SessionView |
 * | POST /api/session | open | SignIn: the one-time code of the printed link, or name and password | SessionView |
 * | DELETE /api/session | open | | 204 |
 * | POST /api/session/github | open | SignInByHost | { url }: where to go |
 * | GET /api/session/github/callback | open | | 303 to our pages, or a page that says why not |
 * | POST /api/invitations/read | open | ReadInvitation | { name, displayName } |
 * | POST /api/invitations/accept | open | AcceptInvitation | SessionView |
 * | GET, PATCH /api/account | own | UpdateProfile | ProfileView |
 * | POST /api/account/password | own | ChangePassword | 204 |
 * | GET, DELETE /api/account/sessions | own | | OwnSession[]; 204: all others are ended |
 * | DELETE /api/account/sessions/:session | own | | 204 |
 * | DELETE /api/account/identities/:provider | own | | 204 |
 * | GET /api/tokens?of=own, POST /api/tokens, DELETE /api/tokens/:id | own (`of=all` and those of others: a) | CreateToken | TokenView[]; { token, view }; 204 |
 * | GET, POST /api/accounts | a | CreateAccount | AccountView[]; 201 InvitedAccount |
 * | PATCH /api/accounts/:id | a | UpdateAccount | AccountView |
 * | POST /api/accounts/:id/invitation | a | | Invitation |
 * | GET /api/projects | any | | ProjectView[] |
 * | POST /api/projects | m, for the installation | CreateProject | 201 ProjectView |
 * | GET, PATCH, DELETE /api/projects/:id | v; m; m, for the installation | UpdateProject | ProjectView; 204 |
 * | PUT /api/projects/:id/repository | m, for the installation | MoveProject | ProjectView; 409 for a place at another code host |
 * | GET, POST /api/projects/:id/people | m | GiveRole | PersonView[] |
 * | DELETE /api/projects/:id/people/:account | m | | 204 |
 * | POST /api/projects/:id/builds | d | CreateBuild | 201 BuildView |
 * | GET /api/projects/:id/builds?before=NUMBER&limit=50&branch= | v | | BuildSummary[], newest first |
 * | GET /api/builds/:id | v | | BuildView |
 * | POST /api/builds/:id/cancel, /restart | d | | BuildView |
 * | GET /api/jobs/:id | v | | JobView |
 * | POST /api/jobs/:id/cancel, /restart | d | | JobView |
 * | GET /api/jobs/:id/log?attempt=N&download=1 | v | | text/plain bytes, Range; header X-Log-Complete: true or false |
 * | GET /api/jobs/:id/log/index?attempt=N | v | | LogIndex |
 * | GET /api/jobs/:id/log/search?q=TEXT&attempt=N | v | | LogSearch |
 * | GET /api/queue?limit=200 | any | | QueueView |
 * | POST /api/jobs/:id/hold | d | HoldJob | JobView; the right to shells |
 * | POST /api/jobs/:id/release | d | | JobView: the held machine is let go; the right to shells |
 * | GET /api/machines | any | | MachinesView |
 * | GET /api/machines/lives?limit=100&pool=NAME | any | | MachineLife[], newest first, living ones included |
 * | GET /api/pools/history?hours=6 | any | | PoolHistory[] |
 * | GET /api/images | any | | ImageView[] |
 * | GET /api/cache | any | | CacheView |
 * | GET /api/pythons | any | | PythonsView |
 * | GET /api/licenses | any | | LicensesView |
 * | PUT, DELETE /api/licenses/:name | a | SetLicensePool | LicensePoolView; 204, 409 while a seat of it is taken |
 * | POST /api/licenses/leases/:id/release | a | | 204: the quarantine is over |
 * | PUT, DELETE /api/licenses/:name/keys/:key | a | SetLicenseKey | LicensePoolView; 204, 409 while its seat is taken |
 * | POST /api/licenses/:name/reservations; DELETE /api/licenses/reservations/:id | a | CreateReservation | LicensePoolView; 204 |
 * | GET /api/licenses/use?hours=24 | any | | LicenseUseView |
 * | GET /api/licenses/uses.csv?from=DATE&until=DATE | a | | text/csv: a row for each seat that was taken on those days (UTC, both included) |
 * | GET /api/bundles; GET /api/bundles/:name/:version/uses | any | | BundleView[]; BundleUseView[], newest first |
 * | PUT /api/bundles/:name/:version?format=tar.gz&sha256= | a | the archive, application/octet-stream | BundleView; 409 if there is that version |
 * | PATCH, DELETE /api/bundles/:name/:version | a | BundleTerms | BundleView; 204 |
 * | PUT /api/projects/:id/groups | a | SetGroups | ProjectView |
 * | GET, PUT, DELETE /api/projects/:id/fork | v; a; a | SetFork | ForkView; 404 where it is no fork; 204 |
 * | POST /api/projects/:id/fork/packages; DELETE .../:package | m, of the package, too; of either | AddForkPackage | ForkView; 204 |
 * | GET /api/projects/:id/fork/report?revision= | v | | ForkReport |
 * | GET /api/projects/:id/tests/flaky?days=30, /tests/slow?days=30 | v | | FlakyTests; SlowTests |
 * | GET /api/projects/:id/badge.svg?branch= | open | | image/svg+xml: how the branch (the default one) stands; ETag |
 * | GET /api/held?limit=100 | any | | HeldView: builds that wait for an approval |
 * | GET /api/builds/:id/review | d | | ReviewView |
 * | POST /api/builds/:id/approve, /refuse | m | DecideBuild | BuildView; 409 for another commit |
 * | GET, POST /api/projects/:id/contributors; DELETE .../:name | m | AddContributor | ContributorView[]; 204 |
 * | POST /api/hooks/projects/:id, /api/hooks/:instance | open | as the code host sends it | 202; 401 unsigned, 409 came before |
 * | GET, POST /api/projects/:id/hook; POST .../hook/secret | m | | HookView; HookSetup |
 * | GET /api/projects/:id/deliveries?limit=50&before=ID | m | | DeliveryView[], newest first |
 * | GET /api/projects/:id/deliveries/:delivery; POST .../replay | m | | DeliveryDetail; DeliveryView |
 * | GET /api/deliveries?limit=50&before=ID; GET /api/deliveries/:delivery; POST .../replay | a | | the same, of all |
 * | GET /api/notifiers | any | | NotifierView[] |
 * | GET, POST /api/projects/:id/subscriptions; DELETE .../:subscription | m | CreateSubscription | SubscriptionView[]; 204 |
 * | GET /api/projects/:id/outbox?limit=50; POST .../outbox/:entry/resend | m | | OutboxView[]; 204 |
 * | GET /api/builds/:id/outbox | d | | OutboxView[] |
 * | GET /api/projects/:id/environments; PUT, DELETE .../:name | m | UpdateEnvironment | EnvironmentView[]; 204 |
 * | POST /api/secrets/rotate | a | | RotatedKey |
 * | GET /api/code-hosts; GET .../:name/repositories | m, for the installation | | CodeHostView[]; RepositoryOfferView[] |
 * | GET /api/audit?limit=100&before=ID | a | | AuditEntry[], newest first |
 * | GET /api/openapi.json, GET /api/docs | open | | the description; readable |
 */
export const API_PREFIX = '/api';
