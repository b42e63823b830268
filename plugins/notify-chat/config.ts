import { z } from 'zod';

const timeoutSeconds = z.number().positive().max(300).default(15);
/** Whether hosts in the server's own network may be called, also by plain http. */
const allowPrivate = z.boolean().default(false);

/** A homeserver's base URL: the token goes there with each message, so in clear only within this computer. */
const Homeserver = z
  .url({ protocol: /^https?$/ })
  .refine(isGuarded, 'must begin with https://, or be of this very computer, and hold no user and no ?')
  .transform(withoutSlash);

/** How an instance writes to chats: one format each. */
export const ChatConfig = z.discriminatedUnion('format', [
  z.strictObject({ format: z.literal('slack'), timeoutSeconds, allowPrivate }),
  z.strictObject({ format: z.literal('mattermost'), timeoutSeconds, allowPrivate }),
  z.strictObject({
    format: z.literal('matrix'),
    timeoutSeconds,
    homeserver: Homeserver,
    /** A file with the access token of the account that writes. It is read again for every message. */
    accessTokenFile: z.string().startsWith('/', 'must be an absolute path'),
  }),
]);
export type ChatConfig = z.infer<typeof ChatConfig>;

/** The part of it for Matrix. */
export type MatrixConfig = Extract<ChatConfig, { format: 'matrix' }>;
/** The part of it for chats that give out webhooks. */
export type HookConfig = Exclude<ChatConfig, MatrixConfig>;

function isGuarded(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, search, hash } = new URL(text);
  if (username + search + hash !== '') return false;
  return protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

function withoutSlash(text: string): string {
  return text.replace(/\/+$/, '');
}
