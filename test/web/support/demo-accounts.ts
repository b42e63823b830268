import { AccountView, OwnSession, PersonView, ProfileView, SessionView, TokenView } from '#server/api';
import { z } from 'zod';
import { ago } from './demo-clock.ts';

const DAY = 86_400;
const admin = { id: 1, name: 'admin', displayName: '', role: 'admin', mayShell: true };

/** Who is signed in in the demo: its admin, with a code host to sign in by. */
export const DEMO_SESSION = SessionView.parse({ user: { ...admin, projects: [] }, isPublic: false, hosts: ['github'] });

/** Somebody who may only look. */
export const VIEWER_SESSION = SessionView.parse({
  user: { ...admin, name: 'viewer', displayName: 'Viewer', role: 'viewer', mayShell: false, projects: [] },
  isPublic: false,
  hosts: ['github'],
});

const person = (id: number, name: string, displayName: string, role: string | null, rest: object = {}): object => ({
  id,
  name,
  displayName,
  role,
  mayShell: false,
  hasPassword: true,
  disabled: false,
  isFounder: id === 1,
  identities: [],
  createdAt: ago(200 * DAY),
  seenAt: ago(4000),
  ...rest,
});

/** One of each kind: the founder, people with every role, one by a code host only, one who never came, one who is out. */
export const DEMO_ACCOUNTS = z
  .array(AccountView)
  .parse([
    person(1, 'admin', '', 'admin', { mayShell: true }),
    person(2, 'anna', 'Anna Ångström', 'maintainer', { mayShell: true, identities: [{ provider: 'github', login: 'anna-angstrom' }] }),
    person(3, 'bartholomew.featherstonehaugh', 'Bartholomew Featherstonehaugh-Cholmondeley', 'developer'),
    person(4, 'carla', '', null, { hasPassword: false, identities: [{ provider: 'github', login: 'carla' }] }),
    person(5, 'dmitri', 'Дмитрий', 'viewer', { hasPassword: false, seenAt: null }),
    person(6, 'eve', 'Eve', 'viewer', { disabled: true, seenAt: ago(90 * DAY) }),
  ]);

/** The signed-in account's own page. */
export const DEMO_PROFILE = ProfileView.parse({ ...person(1, 'admin', '', 'admin', { mayShell: true, hasPassword: false }), maxTokenDays: 365 });

/** Browsers that it is signed in with. */
export const DEMO_SESSIONS = z
  .array(OwnSession)
  .parse([
    { id: 'a', agent: 'Mozilla/5.0 (X11; Linux x86_64) Firefox/146.0', address: '192.0.2.7', signedInAt: ago(300), expiresAt: ago(-7 * DAY), isThis: true },
    { id: 'b', agent: 'Mozilla/5.0 (iPhone) Version/19.0 Safari/604.1', address: '2001:db8:12:ab::/64', signedInAt: ago(3 * DAY), expiresAt: ago(-4 * DAY), isThis: false },
  ]); // prettier-ignore

/** Who may what on any project. */
export const DEMO_PEOPLE = z.array(PersonView).parse([
  { account: 1, name: 'admin', displayName: '', given: null, byHost: null, everywhere: 'admin', role: 'admin' },
  { account: 2, name: 'anna', displayName: 'Anna Ångström', given: null, byHost: 'developer', everywhere: 'maintainer', role: 'maintainer' },
  { account: 3, name: 'bartholomew.featherstonehaugh', displayName: 'Bartholomew Featherstonehaugh-Cholmondeley', given: 'maintainer', byHost: null, everywhere: 'developer', role: 'maintainer' },
  { account: 4, name: 'carla', displayName: '', given: 'developer', byHost: 'viewer', everywhere: null, role: 'developer' },
]); // prettier-ignore

/** Tokens: one that may much, one that may little on one project, one from before they had to end. */
export const DEMO_TOKENS = z.array(TokenView).parse([
  { id: 1, name: 'release script', prefix: 'trr_9fk2', owner: 'admin', scopes: ['admin', 'shell'], projects: null, createdAt: ago(400_000), lastUsedAt: ago(4000), expiresAt: null },
  { id: 2, name: 'dashboard on the wall', prefix: 'trr_b71x', owner: 'anna', scopes: ['read'], projects: [1, 4], createdAt: ago(40_000), lastUsedAt: null, expiresAt: ago(-2_000_000) },
]); // prettier-ignore
