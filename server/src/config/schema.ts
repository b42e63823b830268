import { z } from 'zod';
import { Isolation, LicenseNeed } from '#plugins/api';
import { Role } from '#server/api';
import { section } from './sentences.ts';

const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;
const Name = z.string().regex(NAME, 'must be small letters, digits and dashes, 40 at most.');
const Amount = z.number().positive();
const Count = z.number().int('must be a whole number.').nonnegative();

/** An instance of a plugin. */
export const InstanceInput = section({
  /** The id of a built-in plugin, a path (`./folder`, from the file's own folder), or the name of an npm package. */
  plugin: z.string().min(1),
  /** Unique in the installation; by default the name of the built-in instance of that plugin, else the plugin's id. */
  name: Name.optional(),
  /** What the plugin itself wants to know; its README says what. */
  config: z.record(z.string(), z.unknown()).default({}),
  /** False takes a built-in instance away. */
  enabled: z.boolean().default(true),
});
export type InstanceInput = z.output<typeof InstanceInput>;

/** `HOST:PORT`, the host a name or an IPv4 address. No patterns: each name is looked up where the machine is. */
const Destination = z
  .string()
  .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?:[1-9][0-9]{0,4}$/, 'must be HOST:PORT, as pypi.org:443; patterns are not possible.')
  .refine(
    (text) => !/^(localhost|127\.[0-9.]*|0\.0\.0\.0):/i.test(text),
    'is the machine itself, as a job sees it: name the host as others know it.',
  );

/** Machines of one image at one runner. */
export const PoolInput = section({
  name: Name,
  /** The name of a runner's instance. */
  runner: z.string().min(1),
  image: z.string().min(1),
  /** How many jobs run at once; by default one for each core of this computer. */
  jobs: Count.min(1).optional(),
  /** How many machines are kept ready for jobs to come; by default two, or `jobs` if that is less. */
  ready: Count.optional(),
  /** How many machines there are at most, those included that are being made or destroyed; by default `jobs` and `ready` together. */
  machines: Count.min(1).optional(),
  /** How long a machine waits for a job at most before it is replaced by a new one. */
  maxReadyMinutes: Amount.default(240),
  /** How long machines beyond `ready` are kept once no job wants them. */
  idleMinutes: Amount.default(5),
  /** What its machines may reach, `HOST:PORT` each; only for runners that close their network. */
  allow: z.array(Destination).default([]),
  /** What each machine has; by default what the runner says. Only for runners that can tell. */
  resources: section({ cpus: Count.min(1), memoryMegabytes: Count.min(64), diskGigabytes: Count.min(1) }).optional(),
  /** Whether its machines fetch packages through the cache, where they can reach it. */
  cache: z.boolean().default(true),
  /** What every job on its machines needs a licensed seat of, besides what it says itself: `windows-server`. */
  licenses: z.array(LicenseNeed).default([]),
});
export type PoolInput = z.output<typeof PoolInput>;

const Limits = section({
  /** How long a job may take, where its description does not say. */
  timeMinutes: Amount.default(50),
  /** How long a job may say nothing, where its description does not say. */
  silenceMinutes: Amount.default(10),
  /** How much a job may write to its log. */
  logMegabytes: Amount.default(100),
  /** How long it may take to read a change's CI description. */
  planSeconds: Amount.default(15),
});

/** How well a job's machine must be kept apart at least, whatever a project says; a project may ask for more, never for less. */
const IsolationRules = section({
  /** For every job. */
  minimum: Isolation.default('none'),
  /** For jobs of pull requests by people whom their project does not trust, approved or not. */
  pullRequests: Isolation.default('vm'),
});

const Retention = section({
  /** How long a log is kept after its job has ended; null: for ever. */
  logDays: Amount.nullable().default(null),
  /** How long it is remembered how machines lived and pools stood. */
  machineDays: Amount.default(14),
  /** How long it is remembered how single tests came out. */
  testDays: Count.min(1).default(90),
  /** How long what code hosts sent is kept, to be looked at and replayed. */
  deliveryDays: Count.min(1).default(30),
});

/** Who may come in without an account, and how much anybody may ask. */
const Access = section({
  /** `read`: everybody may read what viewers may, without signing in. */
  anonymous: z.enum(['none', 'read']).default('none'),
  /** Requests to the API that one token or session may make in a minute; an address of nobody known has a fifth. */
  requestsPerMinute: Count.min(10).default(3000),
  /** How long a new API token may be valid at most. */
  maxTokenDays: Count.min(1).max(3650).default(365),
});

const WebAddress = z
  .url({ protocol: /^https?$/, error: 'must be an address that begins with https:// or http://.' })
  .transform((url) => url.replace(/\/+$/, ''));

/** Signing in with GitHub, by an OAuth app that is registered there. */
export const GithubSignInInput = section({
  clientId: z.string().min(1),
  /** One of these two. The file is read at the start; its path is relative to this file. */
  clientSecret: z.string().min(1).optional(),
  clientSecretFile: z.string().min(1).optional(),
  /** Of a GitHub Enterprise Server: `https://HOST` and `https://HOST/api/v3`. */
  webUrl: WebAddress.default('https://github.com'),
  apiUrl: WebAddress.default('https://api.github.com'),
  /** Who may come in that has no account here yet; nobody, unless it is said. */
  allow: section({
    /** Logins, or the numbers of users, which stay when a login is given up and taken by somebody else. */
    users: z.array(z.union([z.string().min(1), z.number().int().positive()])).default([]),
    organisations: z.array(z.string().min(1)).default([]),
  }).prefault({}),
  /** What they are then for the whole installation; `none`: only what projects give them. */
  role: z.enum([...Role.options, 'none']).default('viewer'),
  /** Whether GitHub's permissions on the repositories of projects give roles on them. */
  syncRoles: z.boolean().default(false),
  /** The code host's instance whose projects these are. */
  scm: Name.default('github'),
});

const SignInInput = section({ github: GithubSignInInput.optional() });

const OriginHost = z
  .string()
  .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(:[1-9][0-9]{0,4})?$/, 'must be a host, as files.pythonhosted.org.');
const OriginUrl = WebAddress.refine((url) => !/[?#@]|\s/.test(url), 'must not hold a user, a password, a query or a fragment.');

/** Where packages come from. */
const CacheOrigin = section({
  /** The first part of its paths at the cache. */
  name: Name,
  /** `pypi`: a simple index (PEP 503, PEP 691), its `url` ends in `/simple`. `apt`: an archive with `dists` and `pool`. `python-build`: files called by their SHA-256. */
  kind: z.enum(['pypi', 'apt', 'python-build']),
  url: OriginUrl,
  /** Hosts besides its own that its files may be on; no other is ever asked. */
  fileHosts: z.array(OriginHost).default([]),
});

const ORIGINS: z.output<typeof CacheOrigin>[] = [
  { name: 'pypi', kind: 'pypi', url: 'https://pypi.org/simple', fileHosts: ['files.pythonhosted.org'] },
  { name: 'debian', kind: 'apt', url: 'http://deb.debian.org/debian', fileHosts: [] },
  { name: 'debian-security', kind: 'apt', url: 'http://deb.debian.org/debian-security', fileHosts: [] },
  { name: 'python-build', kind: 'python-build', url: 'https://pyenv.github.io/pythons', fileHosts: [] },
];

/** Packages that machines fetch: kept, so that a matrix does not fetch the same forty times. */
const CacheInput = section({
  /** False: there is none. */
  enabled: z.boolean().default(true),
  /** By default one that is free, the same each time if it can be had. */
  port: Count.min(1).max(65_535).optional(),
  /** Where it listens. Machines of this computer need no more than its own loopback. */
  host: z.string().min(1).default('127.0.0.1'),
  /** Default: `packages` in the data folder. */
  folder: z.string().min(1).optional(),
  /** What all files may take; those not used for longest are removed. */
  maxGigabytes: Amount.default(20),
  /** How long a page that may change is not asked for again. */
  freshSeconds: Amount.default(60),
  /** By which machines elsewhere reach it: those of other hosts do not use it unless this is said. */
  url: OriginUrl.optional(),
  origins: z.array(CacheOrigin).default(ORIGINS),
});
export type CacheInput = z.output<typeof CacheInput>;

/** The configuration file, `terrarium.config.yml`. Every key may be left out. */
export const ConfigFile = section({
  plugins: z.array(InstanceInput).default([]),
  pools: z.array(PoolInput).optional(),
  limits: Limits.prefault({}),
  isolation: IsolationRules.prefault({}),
  retention: Retention.prefault({}),
  access: Access.prefault({}),
  signIn: SignInInput.prefault({}),
  cache: CacheInput.prefault({}),
});
export type ConfigFile = z.output<typeof ConfigFile>;
