/**
 * The HTTP interface, as the web and other clients use it. JSON unless said otherwise; errors are `Problem` (application/problem+json).
 * Who may: `Authorization: Bearer TOKEN`, or the session cookie (then state-changing requests need the same origin).
 *
 * | route | body | answer |
 * | --- | --- | --- |
 * | GET /api/health | | Health; open to all |
 * | GET /api/session | | SessionView; open to all |
 * | POST /api/session | { login } (the one-time code of the printed link) | SessionView |
 * | DELETE /api/session | | 204 |
 * | GET /api/tokens, POST /api/tokens, DELETE /api/tokens/:id | CreateToken | TokenView[]; { token, view }; 204 |
 * | GET /api/projects | | ProjectView[] |
 * | POST /api/projects | CreateProject | 201 ProjectView |
 * | GET, PATCH, DELETE /api/projects/:id | UpdateProject | ProjectView; 204 |
 * | POST /api/projects/:id/builds | CreateBuild | 201 BuildView |
 * | GET /api/projects/:id/builds?before=NUMBER&limit=50&branch= | | BuildSummary[], newest first |
 * | GET /api/projects/:id/badge.svg?branch= | | image/svg+xml: how the branch (the default one) stands; ETag; open to all |
 * | GET /api/builds/:id | | BuildView |
 * | POST /api/builds/:id/cancel, /restart | | BuildView |
 * | GET /api/jobs/:id | | JobView |
 * | POST /api/jobs/:id/cancel, /restart | | JobView |
 * | GET /api/jobs/:id/log?attempt=N&download=1 | | text/plain bytes, Range; header X-Log-Complete: true or false |
 * | GET /api/jobs/:id/log/index?attempt=N | | LogIndex |
 * | GET /api/jobs/:id/log/search?q=TEXT&attempt=N | | LogSearch |
 * | GET /api/queue?limit=200 | | QueueView |
 * | POST /api/jobs/:id/hold | HoldJob | JobView; the right to shells |
 * | POST /api/jobs/:id/release | | JobView: the held machine is let go; the right to shells |
 * | GET /api/machines | | MachinesView |
 * | GET /api/machines/lives?limit=100&pool=NAME | | MachineLife[], newest first, living ones included |
 * | GET /api/pools/history?hours=6 | | PoolHistory[] |
 * | GET /api/images | | ImageView[] |
 * | GET /api/held?limit=100 | | HeldView: builds that wait for an approval |
 * | GET /api/builds/:id/review | | ReviewView |
 * | POST /api/builds/:id/approve, /refuse | DecideBuild | BuildView; 409 for another commit |
 * | GET, POST /api/projects/:id/contributors; DELETE .../:name | AddContributor | ContributorView[]; 204 |
 * | POST /api/hooks/projects/:id, /api/hooks/:instance | as the code host sends it | 202; 401 unsigned, 409 came before; open to all |
 * | GET, POST /api/projects/:id/hook; POST .../hook/secret | | HookView; HookSetup |
 * | GET /api/deliveries, /api/projects/:id/deliveries?limit=50&before=ID | | DeliveryView[], newest first |
 * | GET /api/deliveries/:id; POST .../replay | | DeliveryDetail; DeliveryView |
 * | GET /api/notifiers | | NotifierView[] |
 * | GET, POST /api/projects/:id/subscriptions; DELETE .../:id | CreateSubscription | SubscriptionView[]; 204 |
 * | GET /api/projects/:id/outbox?limit=50, /api/builds/:id/outbox; POST /api/projects/:id/outbox/:id/resend | | OutboxView[]; 204 |
 * | GET /api/projects/:id/environments; PUT, DELETE .../:name | UpdateEnvironment | EnvironmentView[]; 204 |
 * | POST /api/secrets/rotate | | RotatedKey |
 * | GET /api/code-hosts; GET .../:name/repositories | | CodeHostView[]; RepositoryOfferView[] |
 * | GET /api/audit?limit=100&before=ID | | AuditEntry[], newest first |
 * | GET /api/openapi.json, GET /api/docs | | the description; readable |
 */
export const API_PREFIX = '/api';
