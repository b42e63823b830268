import { z } from 'zod';
import { GitReading } from '#plugins/kit/git-config';

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

/** An address without user, query and fragment, and without a slash at its end. Tokens travel over it: it must be https, except on this computer. */
const Address = z.string().transform((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || url.username + url.password + url.search + url.hash !== '') {
    context.addIssue({ code: 'custom', message: 'must be a URL as https://github.example.org, without user, query and fragment' });
    return z.NEVER;
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && LOOPBACK.test(url.hostname))) {
    context.addIssue({ code: 'custom', message: 'must begin with https: tokens travel over it' });
    return z.NEVER;
  }
  return (url.origin + url.pathname).replace(/\/+$/, '');
});

const AbsolutePath = z.string().startsWith('/', 'must be an absolute path');

/** A GitHub App: https://docs.github.com/en/apps. A key file is read when the server starts. */
export const AppConfig = z
  .strictObject({
    /** The number that its settings page shows as "App ID". */
    id: z.number().int().positive(),
    /** PEM, as GitHub gives it out. */
    privateKey: z.string().min(1).optional(),
    privateKeyFile: AbsolutePath.optional(),
    /** The secret of the App's own webhook; left out where it has none. */
    webhookSecret: z.string().min(1).nullable().default(null),
  })
  .superRefine((app, context) => {
    if ((app.privateKey === undefined) === (app.privateKeyFile === undefined))
      context.addIssue({ code: 'custom', message: 'must have exactly one of privateKey and privateKeyFile' });
  });
export type AppConfig = z.infer<typeof AppConfig>;

const WAYS = ['token', 'tokenFile', 'app'] as const;

/** An instance of scm-github: one GitHub, and how it is asked. Everything has a default. */
export const GithubConfig = z
  .strictObject({
    /** Where people find it. */
    webUrl: Address.refine((url) => new URL(url).pathname === '/', 'must have no path').default('https://github.com'),
    /** Where programs find it; null: what goes with `webUrl`. */
    apiUrl: Address.nullable().default(null),
    /** A token of a user, for all projects of the instance. */
    token: z.string().min(1).optional(),
    /** A file with one; it is read again for every request, so that a new token needs no restart. */
    tokenFile: AbsolutePath.optional(),
    app: AppConfig.optional(),
    /** How long a request may take. */
    timeoutSeconds: z.number().positive().max(600).default(20),
    /** How long it may wait for its turn before it gives up as `rate-limited`. */
    patienceSeconds: z.number().positive().max(60).default(5),
    /** Whether requests are spread as GitHub asks for (one that changes something a second, say); null: at github.com, and not at an own server. */
    pace: z.boolean().nullable().default(null),
    /** How repositories are read. */
    git: GitReading.strict().prefault({}),
  })
  .superRefine((config, context) => {
    const ways = WAYS.filter((way) => config[way] !== undefined);
    if (ways.length > 1) context.addIssue({ code: 'custom', message: `must have one of ${WAYS.join(', ')} at most; it has ${ways.join(' and ')}` });
  });
export type GithubConfig = z.infer<typeof GithubConfig>;

/**
 * Where the API of a GitHub is: that of github.com, that of its tenants (`NAME.ghe.com`), else `/api/v3` of an own server.
 * Source: https://docs.github.com/en/enterprise-server/rest/using-the-rest-api/getting-started-with-the-rest-api
 */
export function apiUrlOf({ apiUrl, webUrl }: Pick<GithubConfig, 'apiUrl' | 'webUrl'>): string {
  if (apiUrl !== null) return apiUrl;
  const { hostname, host } = new URL(webUrl);
  return isHosted(hostname) ? `https://api.${host}` : `${webUrl}/api/v3`;
}

/** Whether requests are to be spread. */
export function isPaced({ pace, webUrl }: Pick<GithubConfig, 'pace' | 'webUrl'>): boolean {
  return pace ?? isHosted(new URL(webUrl).hostname);
}

function isHosted(hostname: string): boolean {
  return hostname === 'github.com' || hostname.endsWith('.ghe.com');
}
