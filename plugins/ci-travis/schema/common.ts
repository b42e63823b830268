import {
  any,
  flag,
  listOf,
  number,
  oneOf,
  strictMap,
  text,
  withForms,
  type AnySchema,
  type MapSchema,
  type ScalarSchema,
  type Schema,
} from './types.ts';

/** A list of strings. */
export const strings: AnySchema = listOf(text);
/** An `if:`. */
export const condition: ScalarSchema = text;

/** `os`: the operating systems. */
export const os: ScalarSchema = {
  ...oneOf(
    { value: 'linux', aliases: ['ubuntu'], except: { language: ['objective-c'] } },
    { value: 'osx', aliases: ['mac', 'macos', 'macosx', 'ios'] },
    { value: 'windows', aliases: ['win'], except: { language: ['objective-c'] } },
    { value: 'freebsd', aliases: ['bsd'], except: { language: ['objective-c'] } },
    'linux-ppc64le',
  ),
  downcase: true,
};

const LINUX = { only: { os: ['linux'] } };
const LINUX_OR_POWER = { only: { os: ['linux', 'linux-ppc64le'] } };

/** `dist`: the distribution. */
export const dist: ScalarSchema = {
  ...oneOf(
    { value: 'trusty', ...LINUX },
    { value: 'precise', ...LINUX },
    { value: 'xenial', ...LINUX_OR_POWER },
    { value: 'bionic', ...LINUX },
    { value: 'focal', ...LINUX_OR_POWER },
    { value: 'jammy', ...LINUX },
    { value: 'noble', ...LINUX },
    { value: 'server-2016', only: { os: ['windows'] } },
    { value: 'rhel8', ...LINUX },
  ),
  downcase: true,
};

/** `arch`: the architecture. */
export const arch: ScalarSchema = {
  ...oneOf(
    { value: 'amd64', aliases: ['x86_64', 'x64'] },
    'arm64',
    'arm64-graviton2',
    { value: 'ppc64le', aliases: ['power', 'ppc', 'ppc64'] },
    { value: 'i386', aliases: ['x86'] },
    's390x',
  ),
  downcase: true,
  ...LINUX,
};

/** `osx_image` of one job. */
export const osxImage: ScalarSchema = { ...text, only: { os: ['osx'] } };
/** `compiler` of one job. */
export const compiler: ScalarSchema = { ...text, only: { language: ['c', 'cpp'] } };

/** `sudo`: once chose the infrastructure, means nothing now. */
export const sudo: AnySchema = { ...any({ ...flag, normal: true }, text), deprecated: 'The key `sudo` has no effect anymore.' };

/** `cache`. */
export const cache: AnySchema = any(
  strictMap(
    {
      directories: strings,
      ...Object.fromEntries(['apt', 'bundler', 'cargo', 'ccache', 'cocoapods', 'npm', 'packages', 'pip', 'yarn'].map((key) => [key, flag])),
      timeout: number,
      edge: flag,
      branch: text,
    },
    { change: 'cache', normal: true },
  ),
  { ...flag, values: [{ value: false }], normal: true },
);

/** `branches`: which branches are built at all. */
export const branches: AnySchema = withForms(
  strictMap({ only: strings, except: { ...strings, aliases: ['exclude'] } }, { prefix: { key: 'only' }, aliases: ['branch'] }),
);

/** `git`: how the repository is cloned. */
export const git: MapSchema = strictMap({
  strategy: oneOf('clone', 'tarball'),
  depth: any(number, flag),
  quiet: flag,
  submodules: flag,
  symlinks: flag,
  submodules_depth: number,
  lfs_skip_smudge: flag,
  sparse_checkout: text,
  autocrlf: any({ ...flag, values: [{ value: true }, { value: false }] }, oneOf('input')),
});

/** `services`: servers to start. */
export const services: AnySchema = listOf({
  ...oneOf(
    'cassandra',
    'couchdb',
    'docker',
    'elasticsearch',
    { value: 'memcached', aliases: ['memcache'] },
    'mongodb',
    'mysql',
    'neo4j',
    { value: 'postgresql', aliases: ['postgres'] },
    { value: 'rabbitmq', aliases: ['rabbitmq-server'] },
    { value: 'redis', aliases: ['redis-server'] },
    'riak',
    { value: 'xvfb', only: { dist: ['xenial'] } },
    'cri-dockerd',
  ),
  downcase: true,
});

/** `workspaces`: files shared between jobs. */
export const workspaces: MapSchema = strictMap({
  create: strictMap({ name: { ...text, unique: true }, paths: strings }, { normal: true }),
  use: { ...strings, unique: true },
});

/** `vm`: size and custom image. */
export const vm: MapSchema = strictMap({
  size: oneOf('medium', 'large', 'x-large', '2x-large', 'gpu-medium', 'gpu-xlarge'),
  create: strictMap({ name: text }),
  use: any(strictMap({ name: text }), text),
});

/** `keep_netrc`. */
export const keepNetrc: AnySchema = any({ ...flag, normal: true });

const vaultName = strictMap({ name: text }, { required: ['name'] });

/** `vault`: secrets kept elsewhere. */
export const vault: MapSchema = strictMap(
  {
    api_url: text,
    token: { type: 'secure', strict: true },
    secrets: listOf(
      any(
        text,
        strictMap({ kv_api_ver: { ...oneOf('kv2', 'kv1'), downcase: true, defaults: [{ value: 'kv2' }] } }),
        strictMap({ namespace: listOf(any(text, vaultName)) }),
      ),
    ),
  },
  { required: ['api_url', 'token'] },
);

/** `env` of one job, and each part of the root's. */
export const variables: AnySchema = any(
  {
    type: 'seq',
    normal: true,
    variables: true,
    item: any(
      {
        type: 'map',
        keys: {},
        strict: false,
        others: any(text, number, flag, { type: 'secure', strict: true }),
        format: /^(?!global|jobs|matrix)/m,
        normal: true,
      },
      { type: 'secure', strict: true, normal: true },
      { ...text, format: /^[^=]+=[^=]*$/m },
    ),
  },
  text,
);

/** `env` of the root. */
export const env: AnySchema = withForms(strictMap({ global: variables, jobs: { ...variables, aliases: ['matrix'] } }, { prefix: { key: 'jobs' } }));

/** The script phases of a job, in the order they run. */
export const PHASES = [
  'before_install',
  'install',
  'before_script',
  'script',
  'before_cache',
  'after_success',
  'after_failure',
  'before_deploy',
  'deploy',
  'after_deploy',
  'after_script',
] as const;

/** The keys of the phases that hold commands. */
export const scripts: Readonly<Record<string, Schema>> = Object.fromEntries(
  PHASES.filter((phase) => phase !== 'deploy').map((phase) => [phase, strings]),
);
