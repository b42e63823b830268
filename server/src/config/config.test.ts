import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Config, ConfigError, loadConfig, packageRoot, pluginId } from './index.ts';

let cwd: string;

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'terrarium-config-'));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

/** Loads with a data folder of the test's own, so that nobody's real one is seen. */
function load(env: Record<string, string> = {}, file?: string): Config {
  return loadConfig({ env: { TERRARIUM_DATA: 'data', ...env }, cwd, file });
}

async function loadFile(text: string, env: Record<string, string> = {}): Promise<Config> {
  await writeFile(join(cwd, 'terrarium.config.yml'), text);
  return load(env);
}

/** A pool of which nothing is said but its runner and image. */
const PLAIN = { runner: 'local', image: 'local', maxReadyMinutes: 240, idleMinutes: 5, allow: [], licenses: [], cache: true, resources: null };

/** The problems, with paths in the test's folder made short. */
async function problemsOf(work: () => Config | Promise<Config>): Promise<string[]> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ where, text }) => `${where} ${text}`.replaceAll(`${cwd}/`, ''));
    throw error;
  }
  throw new Error('expected a ConfigError');
}

describe('the environment', () => {
  it('need not say anything', () => {
    const config = load();
    expect(config).toMatchObject({ port: 7000, host: '127.0.0.1', databaseUrl: null, adminToken: null, publicUrl: null, file: null, warnings: [] });
    expect(config.plugins.map(({ plugin, name }) => [plugin, name])).toEqual([
      ['scm-archive', 'archive'],
      ['scm-github', 'github'],
      ['scm-bitbucket', 'bitbucket'],
      ['scm-hg', 'hg'],
      ['scm-git', 'git'],
      ['runner-local', 'local'],
      ['ci-terrarium', 'ci-terrarium'],
      ['ci-travis', 'ci-travis'],
      ['ci-appveyor', 'ci-appveyor'],
      ['ci-github', 'ci-github'],
      ['ci-tox', 'ci-tox'],
      ['ci-nox', 'ci-nox'],
      ['ci-python', 'ci-python'],
      ['notify-webhook', 'webhook'],
    ]);
    const jobs = Math.max(1, availableParallelism());
    const ready = Math.min(2, jobs);
    expect(config.pools).toEqual([{ ...PLAIN, name: 'local', jobs, ready, machines: jobs + ready }]);
    expect(config.limits).toEqual({ timeMinutes: 50, silenceMinutes: 10, logMegabytes: 100, planSeconds: 15 });
    expect(config.isolation).toEqual({ minimum: 'none', pullRequests: 'vm' });
    expect(config.retention).toEqual({ logDays: null, machineDays: 14, deliveryDays: 30, testDays: 90 });
  });

  it('has a data folder below the checkout by default', async () => {
    await writeFile(join(cwd, 'empty.yml'), '');
    expect(loadConfig({ env: {}, cwd, file: 'empty.yml' }).dataFolder).toBe(join(packageRoot(), '.terrarium'));
  });

  it('is read', () => {
    const config = load({
      PORT: '0',
      HOST: '::',
      DATABASE_URL: 'postgres://ci:secret@db/ci',
      TERRARIUM_ADMIN_TOKEN: 'a-token',
      TERRARIUM_URL: 'https://ci.example.org/',
    });
    expect(config).toMatchObject({ port: 0, host: '::', databaseUrl: 'postgres://ci:secret@db/ci', adminToken: 'a-token' });
    expect(config.publicUrl).toBe('https://ci.example.org');
    expect(config.dataFolder).toBe(join(cwd, 'data'));
  });

  it('counts as unset where it is empty', () => {
    expect(load({ PORT: '', DATABASE_URL: '', TERRARIUM_CONFIG: '' })).toMatchObject({ port: 7000, databaseUrl: null, file: null });
  });

  it('warns of slips of the pen, and leaves others alone', () => {
    const { warnings } = load({ TERRARIUM_ADMINTOKEN: 'x', TERRARIUM_BUILD_DIR: '/x', TERRARIUM: 'true', TERRARIUM_FOLDER: '/x' });
    expect(warnings).toEqual(['The variable TERRARIUM_ADMINTOKEN is not read. Did you mean TERRARIUM_ADMIN_TOKEN?']);
  });

  it('tells everything that is wrong at once, of the file as well, and no secret', async () => {
    const env = { PORT: '70000', HOST: 'a b', DATABASE_URL: 'mysql://root:hunter2@db', TERRARIUM_URL: 'ci', TERRARIUM_ADMIN_TOKEN: 'my secret' };
    const problems = await problemsOf(() => loadFile('limit: {}\n', env));
    expect(problems).toEqual([
      'PORT must be a port number, 0 to 65535.',
      'HOST must be a host name or an address to listen at, as 127.0.0.1 or ::.',
      'DATABASE_URL must be the URL of a PostgreSQL database: postgres://USER:PASSWORD@HOST/NAME.',
      'TERRARIUM_ADMIN_TOKEN must not hold blanks or control characters.',
      'TERRARIUM_URL must be an address that begins with http:// or https://.',
      'terrarium.config.yml:1:1 limit "limit" is not known here. Did you mean "limits"? Known are: plugins, pools, limits, isolation, retention, access, signIn, cache.',
    ]);
  });
});

describe('the file', () => {
  it('adds instances, replaces and takes away built-in ones', async () => {
    const config = await loadFile(`
plugins:
  - { plugin: runner-ssh, name: lab, config: { host: lab1 } }
  - { plugin: ci-travis, enabled: false }
  - { plugin: runner-local, config: { isolation: sandbox } }
  - plugin: ./mine/ci-make
`);
    expect(config.plugins.map(({ plugin, name, config: own }) => [plugin, name, own])).toEqual([
      ['scm-archive', 'archive', {}],
      ['scm-github', 'github', {}],
      ['scm-bitbucket', 'bitbucket', {}],
      ['scm-hg', 'hg', {}],
      ['scm-git', 'git', {}],
      ['runner-local', 'local', { isolation: 'sandbox' }],
      ['ci-terrarium', 'ci-terrarium', {}],
      ['ci-appveyor', 'ci-appveyor', {}],
      ['ci-github', 'ci-github', {}],
      ['ci-tox', 'ci-tox', {}],
      ['ci-nox', 'ci-nox', {}],
      ['ci-python', 'ci-python', {}],
      ['notify-webhook', 'webhook', {}],
      ['runner-ssh', 'lab', { host: 'lab1' }],
      ['./mine/ci-make', 'ci-make', {}],
    ]);
    expect(config.folder).toBe(cwd);
    const local = config.plugins.find(({ name }) => name === 'local');
    expect(local?.locate(['config', 'isolation'])).toBe(`${cwd}/terrarium.config.yml:5:39 plugins[2].config.isolation`);
  });

  it('has pools', async () => {
    const config = await loadFile(
      'pools:\n  - { name: small, runner: local, image: local, jobs: 1 }\n  - { name: big, runner: local, image: local, jobs: 8, ready: 0 }\n',
    );
    expect(config.pools).toEqual([
      { ...PLAIN, name: 'small', jobs: 1, ready: 1, machines: 2 },
      { ...PLAIN, name: 'big', jobs: 8, ready: 0, machines: 8 },
    ]);
  });

  it('says what machines of a pool are, what they may reach and how long they wait', async () => {
    const config = await loadFile(`pools:
  - name: vms
    runner: local
    image: debian-12
    jobs: 2
    machines: 3
    maxReadyMinutes: 30
    idleMinutes: 0.5
    allow: [pypi.org:443, 192.0.2.7:8080]
    resources: { cpus: 2, memoryMegabytes: 1024, diskGigabytes: 10 }
    licenses: [windows-server, msvc 14.0]
`);
    expect(config.pools).toEqual([
      {
        name: 'vms',
        runner: 'local',
        image: 'debian-12',
        jobs: 2,
        ready: 2,
        machines: 3,
        maxReadyMinutes: 30,
        idleMinutes: 0.5,
        allow: ['pypi.org:443', '192.0.2.7:8080'],
        resources: { cpus: 2, memoryMegabytes: 1024, diskGigabytes: 10 },
        licenses: ['windows-server', 'msvc 14.0'],
        cache: true,
      },
    ]);
  });

  it('has a cache of packages, with Python and Debian, unless it says otherwise', async () => {
    const { cache } = await loadFile('');
    expect(cache).toMatchObject({ port: null, host: '127.0.0.1', url: null, maxGigabytes: 20, folder: join(cwd, 'data', 'packages') });
    expect(cache?.origins.map(({ name, kind }) => [name, kind])).toEqual([
      ['pypi', 'pypi'],
      ['debian', 'apt'],
      ['debian-security', 'apt'],
      ['python-build', 'python-build'],
    ]);
    expect((await loadFile('cache: { enabled: false }')).cache).toBeNull();
    const own = await loadFile('cache: { folder: here, origins: [{ name: a, kind: pypi, url: "https://pypi.example.org/simple/" }] }');
    expect(own.cache).toMatchObject({ folder: join(cwd, 'here'), origins: [{ name: 'a', url: 'https://pypi.example.org/simple', fileHosts: [] }] });
  });

  it.each([
    ['cache: { origins: [{ name: a, kind: pypi, url: "https://u:p@x/simple" }] }', 'must not hold a user, a password, a query or a fragment.'],
    ['cache: { origins: [{ name: a, kind: pypi, url: "file:///x" }] }', 'must be an address that begins with https:// or http://.'],
    ['cache: { origins: [{ name: a, kind: pypi, url: "https://x/", fileHosts: ["*"] }] }', 'must be a host, as files.pythonhosted.org.'],
    ['cache: { origins: [{ name: a, kind: apt, url: "http://x" }, { name: a, kind: apt, url: "http://y" }] }', '"a" is the name of two origins.'],
    ['cache: { port: 70000 }', 'must be at most 65535.'],
  ])('refuses %s', async (text, problem) => {
    expect(await problemsOf(() => loadFile(text))).toEqual([expect.stringContaining(problem)]);
  });

  it('says how well machines must be kept apart, each of its rules by itself', async () => {
    expect((await loadFile('isolation: { minimum: sandbox }')).isolation).toEqual({ minimum: 'sandbox', pullRequests: 'vm' });
    expect((await loadFile('isolation: { pullRequests: none }')).isolation).toEqual({ minimum: 'none', pullRequests: 'none' });
    expect(await problemsOf(() => loadFile('isolation: { minimum: container, pullRequest: vm }'))).toEqual([
      expect.stringMatching(/^terrarium\.config\.yml:1:14 isolation\.minimum must be .*vm.*sandbox.*none/),
      'terrarium.config.yml:1:34 isolation.pullRequest "pullRequest" is not known here. Did you mean "pullRequests"? Known are: minimum, pullRequests.',
    ]);
  });

  it('has no pool of this computer where its runner was taken away', async () => {
    expect((await loadFile('plugins: [{ plugin: runner-local, enabled: false }]')).pools).toEqual([]);
  });

  it('says of each problem where it is and what would be right', async () => {
    const text = `plugins:
  - plugin: runner-local
    name: My Runner
    confg: {}
  - name: x
pools:
  - { name: p, runner: local, image: local, jobs: 0 }
limits:
  timeMinutes: soon
`;
    expect(await problemsOf(() => loadFile(text))).toEqual([
      'terrarium.config.yml:3:5 plugins[0].name must be small letters, digits and dashes, 40 at most.',
      'terrarium.config.yml:4:5 plugins[0].confg "confg" is not known here. Did you mean "config"? Known are: plugin, name, config, enabled.',
      'terrarium.config.yml:5:5 plugins[1].plugin must be a text, but is missing.',
      'terrarium.config.yml:7:45 pools[0].jobs must be at least 1.',
      'terrarium.config.yml:9:3 limits.timeMinutes must be a number, but is a text.',
    ]);
  });

  it('checks what belongs together', async () => {
    const text = `pools:
  - { name: p, runner: locl, image: local }
  - { name: p, runner: local, image: local, jobs: 1, ready: 2 }
`;
    expect(await problemsOf(() => loadFile(text))).toEqual([
      'terrarium.config.yml:2:16 pools[0].runner there is no plugin instance "locl". Did you mean "local"?',
      'terrarium.config.yml:3:7 pools[1].name "p" is the name of two pools.',
      'terrarium.config.yml:3:54 pools[1].ready 2 machines cannot be kept ready where only 1 jobs run at once.',
    ]);
  });

  it('refuses a pool with fewer machines than it needs, and destinations that are patterns or have no port', async () => {
    const text = `pools:
  - { name: p, runner: local, image: local, jobs: 3, ready: 1, machines: 2 }
`;
    expect(await problemsOf(() => loadFile(text))).toEqual(['terrarium.config.yml:2:64 pools[0].machines 3 jobs cannot run at once on 2 machines.']);
    for (const destination of ['"*.example.org:443"', 'pypi.org', 'pypi.org:0', '-x:1']) {
      const [problem] = await problemsOf(() => loadFile(`pools: [{ name: p, runner: local, image: local, allow: [${destination}] }]`));
      expect(problem).toContain('pools[0].allow[0] must be HOST:PORT, as pypi.org:443; patterns are not possible.');
    }
  });

  it('may be no YAML at all', async () => {
    expect(await problemsOf(() => loadFile('plugins: [\n'))).toEqual([expect.stringMatching(/^terrarium\.config\.yml:2:1 is no valid YAML: /)]);
    expect(await problemsOf(() => loadFile('just words\n'))).toEqual(['terrarium.config.yml:1:1 must be a map of keys and values, but is a text.']);
  });

  it('may be empty', async () => {
    expect((await loadFile('# nothing yet\n')).plugins).toHaveLength(14);
  });

  it('is found by what is said, then in the data folder, and must not be ambiguous', async () => {
    await mkdir(join(cwd, 'data'));
    await writeFile(join(cwd, 'data', 'terrarium.config.yml'), 'limits: { timeMinutes: 1 }');
    await writeFile(join(cwd, 'other.yml'), 'limits: { timeMinutes: 2 }');
    await writeFile(join(cwd, 'third.yml'), 'limits: { timeMinutes: 3 }');
    expect(load().limits.timeMinutes).toBe(1);
    expect(load({ TERRARIUM_CONFIG: 'other.yml' }).limits.timeMinutes).toBe(2);
    expect(load({ TERRARIUM_CONFIG: 'other.yml' }, 'third.yml').limits.timeMinutes).toBe(3);
    expect(await problemsOf(() => loadFile(''))).toEqual([
      'data/terrarium.config.yml there is also terrarium.config.yml. Say by TERRARIUM_CONFIG which one counts.',
    ]);
  });

  it('must be there where it is named', async () => {
    expect(await problemsOf(() => load({ TERRARIUM_CONFIG: 'nowhere.yml' }))).toEqual([
      expect.stringMatching(/^nowhere\.yml cannot be read: ENOENT/),
    ]);
  });
});

describe('pluginId', () => {
  it.each([
    ['ci-make', 'ci-make'],
    ['./plugins/ci-make', 'ci-make'],
    ['/srv/ci-make/', 'ci-make'],
    ['./ci-make/index.js', 'ci-make'],
    ['./ci-make.mjs', 'ci-make'],
    ['terrarium-ci-make', 'ci-make'],
    ['@somebody/terrarium-ci-make', 'ci-make'],
  ])('of %s is %s', (plugin, id) => {
    expect(pluginId(plugin)).toBe(id);
  });
});

describe('signing in with GitHub', () => {
  it('is off, and the installation closed, unless the file says otherwise', () => {
    const { access, signIn } = load();
    expect(signIn).toEqual({ github: null });
    expect(access).toEqual({ anonymous: 'none', requestsPerMinute: 3000, maxTokenDays: 365 });
  });

  it('reads the secret from a file beside it, and lets nobody in who is not named', async () => {
    await writeFile(join(cwd, 'secret'), 'shh\n');
    const { signIn } = await loadFile(
      'signIn: { github: { clientId: app, clientSecretFile: secret, role: none, webUrl: https://git.example.org/ } }',
    );
    expect(signIn.github).toEqual({
      clientId: 'app',
      clientSecret: 'shh',
      webUrl: 'https://git.example.org',
      apiUrl: 'https://api.github.com',
      allow: { users: [], organisations: [] },
      role: null,
      syncRoles: false,
      scm: 'github',
    });
  });

  it.each([
    ['{ clientId: app }', 'clientSecret is missing'],
    ['{ clientId: app, clientSecret: a, clientSecretFile: b }', 'clientSecret is said twice'],
    ['{ clientId: app, clientSecretFile: nowhere }', 'clientSecretFile cannot be read'],
    ['{ clientId: app, clientSecret: a, role: king }', 'role must be one of viewer, developer, maintainer, admin, none'],
    ['{ clientId: app, clientSecret: a, webUrl: git.example.org }', 'webUrl must be an address'],
  ])('%s: %s', async (github, problem) => {
    const [first = '', ...more] = await problemsOf(() => loadFile(`signIn:\n  github: ${github}`));
    expect(first).toContain(`signIn.github.${problem}`);
    expect(more).toEqual([]);
    expect(first).not.toContain('shh');
  });
});
