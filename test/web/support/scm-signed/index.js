import { createHmac, timingSafeEqual } from 'node:crypto';

// Loaded by a server from its folder, as any plugin from outside: the built parts are what that server itself runs.
const built = (path) => import(new URL(`../../../../dist/plugins/${path}`, import.meta.url).href);
const { default: git } = await built('scm-git/index.js');
const { PluginError } = await built('api/index.js');

/** What a hook is signed with: of the bytes, in hex. */
function signatureOf(body, secret) {
  return createHmac('sha256', secret).update(body).digest('hex');
}

function isSigned({ headers, body }, secret) {
  const given = Buffer.from(headers['x-signed'] ?? '');
  const expected = Buffer.from(signatureOf(body, secret));
  return given.length === expected.length && timingSafeEqual(given, expected);
}

const eventOf = ({ body }) => JSON.parse(Buffer.from(body).toString('utf8'));

/** Real git repositories behind a code host that signs what it sends, whose payloads are the seam's own events, and where everybody may read and no more. */
class SignedHost extends git.provides.scm {
  webhooks = {
    secret: null,
    verify(delivery, secrets) {
      if (!secrets.some((secret) => isSigned(delivery, secret))) throw new PluginError('unauthorized', 'The signature is missing or wrong.');
    },
    idOf: () => null,
    nameOf: (delivery) => eventOf(delivery).kind,
    parse: eventOf,
  };

  people = {
    find: async (name) => ({ id: name.toLowerCase(), name }),
    permission: async () => 'read',
    isMember: async () => false,
    hasMerged: async () => false,
  };

  pullRequests = { get: () => Promise.reject(new PluginError('unsupported', 'Hooks tell of all of them.')), open: async () => [] };
}

export default { ...git, id: 'scm-signed', provides: { scm: SignedHost } };
