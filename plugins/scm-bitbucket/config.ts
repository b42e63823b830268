import { z } from 'zod';

const WebAddress = z
  .string()
  .regex(/^https?:\/\/[^\s/?#@]+(?:\/[^\s?#@]*)?$/, 'must be an address that begins with https:// or http://, without user, query or fragment');
const Secret = z.string().min(1);
const SecretFile = z.string().startsWith('/');

const Shape = z
  .object({
    /** Which Bitbucket it is: bitbucket.org, or one's own Data Center (or Server). */
    flavour: z.enum(['cloud', 'data-center']).default('cloud'),
    /** Where people see it, with the context path if it has one. Cloud has a default. */
    webUrl: WebAddress.nullable().default(null),
    /** Where its REST interface is. Cloud: https://api.bitbucket.org/2.0; Data Center: `webUrl`/rest/api/latest. */
    apiUrl: WebAddress.nullable().default(null),
    /** The host of its ssh URLs, where that is another than the one of `webUrl`. */
    sshHost: z
      .string()
      .regex(/^[A-Za-z0-9.-]+$/, 'must be the name of a host, without port')
      .nullable()
      .default(null),
    /** Cloud: the account's user name (of an app password) or e-mail address (of an API token). */
    username: z.string().min(1).nullable().default(null),
    /** Cloud: what goes with `username`: an app password or an API token. */
    appPassword: Secret.nullable().default(null),
    /** A file that holds it; read at each use, so that a new one counts at once. */
    appPasswordFile: SecretFile.nullable().default(null),
    /** An access token: of a repository, project or workspace (Cloud), or an HTTP access token (Data Center). */
    token: Secret.nullable().default(null),
    tokenFile: SecretFile.nullable().default(null),
    /** Cloud: the workspaces whose repositories are offered and whose members have nicknames. Empty: those that the account is in. */
    workspaces: z.array(z.string().regex(/^[A-Za-z0-9_.-]+$/)).default([]),
    /** How long one request may take. */
    requestSeconds: z.number().positive().max(600).default(30),
    /** How repositories are read: as in scm-git. */
    program: z.string().min(1).default('git'),
    timeoutSeconds: z.number().positive().max(86_400).default(300),
    depth: z.number().int().positive().max(1_000_000).default(50),
    archiveMegabytes: z.number().positive().default(2048),
    unknownHosts: z.enum(['remember', 'refuse']).default('remember'),
    authorities: z.string().startsWith('/').nullable().default(null),
  })
  .strict();

/** How an instance reaches Bitbucket. Everything has a default: bitbucket.org, without credentials of its own. */
export const BitbucketConfig = Shape.superRefine((config, context) => {
  const wrong = (path: keyof typeof config, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
  const password = config.appPassword ?? config.appPasswordFile;
  const token = config.token ?? config.tokenFile;
  if (config.flavour === 'data-center' && config.webUrl === null) wrong('webUrl', 'must be given for a Data Center');
  if (config.appPassword !== null && config.appPasswordFile !== null) wrong('appPasswordFile', 'must not be given beside appPassword');
  if (config.token !== null && config.tokenFile !== null) wrong('tokenFile', 'must not be given beside token');
  if (token !== null && password !== null) wrong('appPassword', 'must not be given beside a token: one of them is enough');
  if (config.username !== null && password === null) wrong('username', 'needs an appPassword or appPasswordFile');
  if (password !== null && config.username === null) wrong('appPassword', 'needs a username');
});
export type BitbucketConfig = z.infer<typeof BitbucketConfig>;

/** Where this instance's Bitbucket is, without a slash at the end. */
export function webUrlOf({ webUrl }: BitbucketConfig): string {
  return (webUrl ?? 'https://bitbucket.org').replace(/\/+$/, '');
}

/** Where its REST interface is, without a slash at the end. */
export function apiUrlOf(config: BitbucketConfig): string {
  const usual = config.flavour === 'cloud' ? 'https://api.bitbucket.org/2.0' : `${webUrlOf(config)}/rest/api/latest`;
  return (config.apiUrl ?? usual).replace(/\/+$/, '');
}
