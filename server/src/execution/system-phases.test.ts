import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../../../test/support/temporary.ts';
import { jobSpec } from '../builds/testing/rows.ts';
import { packageOffer, packageVariables } from './package-offer.ts';
import { systemPhases, systemVariables } from './system-phases.ts';
import { INSTALL, REPLACE } from './system-scripts.ts';

const program = (run: string) => ({
  shell: 'sh' as const,
  phases: [{ name: 'test', when: 'passing' as const, onFailure: 'fail' as const, commands: [{ run }] }],
});

describe('which steps there are', () => {
  test('none for a job that wants nothing of the system', () => {
    expect(systemPhases(jobSpec('a', { program: program('pytest') }), 'posix')).toEqual([]);
  });

  test('packages, then a step for each server', () => {
    const phases = systemPhases(jobSpec('a', { apt: ['gcc'], services: ['redis', 'postgresql'] }), 'posix');
    expect(phases.map(({ name, onFailure, commands }) => [name, onFailure, commands.map(({ title }) => title)])).toEqual([
      ['packages', 'error', ['apt: where packages come from', 'apt: install gcc redis postgresql']],
      ['services', 'error', ['start redis', 'start postgresql']],
    ]);
  });

  test.each(['sudo apt-get install x', 'apt update', 'sudo aptitude search x'])('apt is turned to the cache for a job that calls it: %s', (run) => {
    expect(systemPhases(jobSpec('a', { program: program(run) }), 'posix')).toHaveLength(1);
  });

  test('a job on Windows that wants them is told that it cannot have them', () => {
    expect(systemPhases(jobSpec('a', { services: ['redis'] }), 'windows')[0]?.commands[0]).toMatchObject({ shell: 'cmd' });
    expect(systemPhases(jobSpec('a'), 'windows')).toEqual([]);
  });

  test('no name is in any script', () => {
    const phases = systemPhases(jobSpec('a', { apt: ['a-name-of-a-package'], services: ['redis'] }), 'posix');
    for (const { commands } of phases) for (const { run } of commands) expect(run).not.toContain('a-name-of-a-package');
    expect(systemVariables({ apt: ['a', 'b=1'], services: ['postgresql'] })).toMatchObject({
      TERRARIUM_APT: 'a b=1',
      TERRARIUM_SERVICES: 'postgresql',
      PGUSER: 'postgres',
    });
  });
});

test('what a machine that reaches the cache is told', () => {
  const origins = [
    { name: 'pypi', kind: 'pypi' as const, url: 'https://pypi.org/simple', fileHosts: [] },
    { name: 'own', kind: 'pypi' as const, url: 'https://own.example.org/simple', fileHosts: [] },
    { name: 'debian', kind: 'apt' as const, url: 'http://deb.example.org/debian', fileHosts: [] },
    { name: 'sources', kind: 'python-build' as const, url: 'https://pyenv.example.org/pythons', fileHosts: [] },
  ];
  const cache = { port: null, host: '127.0.0.1', folder: '/x', maxGigabytes: 1, freshSeconds: 1, url: null, origins };
  expect(packageVariables(packageOffer('http://127.0.0.1:7', cache))).toEqual({
    TERRARIUM_PACKAGES: 'http://127.0.0.1:7',
    PIP_INDEX_URL: 'http://127.0.0.1:7/pypi/simple/',
    PIP_TRUSTED_HOST: '127.0.0.1:7',
    UV_DEFAULT_INDEX: 'http://127.0.0.1:7/pypi/simple/',
    PYTHON_BUILD_MIRROR_URL: 'http://127.0.0.1:7/sources',
    TERRARIUM_APT_MIRRORS: 'http://deb.example.org/debian http://127.0.0.1:7/debian',
  });
  expect(packageVariables(packageOffer(null, cache))).toEqual({});
});

let home: TemporaryFolder;
let bin: string;

beforeEach(async () => {
  home = await temporaryFolder();
  bin = join(home.path, 'bin');
  await mkdir(bin);
});
afterEach(() => home.remove());

/** A program that the script finds before any other. */
async function fake(name: string, body: string): Promise<void> {
  await writeFile(join(bin, name), `#!/bin/sh\n${body}\n`);
  await chmod(join(bin, name), 0o755);
}

function run(file: string, args: readonly string[], env: Record<string, string>, input = ''): Promise<{ code: number; out: string; errors: string }> {
  return new Promise((resolve) => {
    const child = execFile(file, args, { env: { PATH: `${bin}:/usr/bin:/bin`, ...env } }, (error, out, errors) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, errors }),
    );
    child.stdin?.end(input);
  });
}

describe('addresses of archives', () => {
  test('are replaced whole and nowhere else, whatever characters they have', async () => {
    const mirrors = 'http://deb.example.org/debian http://198.18.1.1/debian\nhttps://x.example.org/a.b+c http://198.18.1.1/x';
    const lines = [
      'deb [signed-by=/k] http://deb.example.org/debian bookworm main',
      'deb http://deb.example.org/debian/ bookworm main',
      'deb http://deb.example.org/debian-security bookworm-security main',
      'URIs: https://x.example.org/a.b+c http://deb.example.org/debian',
      'URIs: https://x.example.org/aXb+c',
      '',
    ];
    const { out } = await run('awk', [REPLACE], { TERRARIUM_APT_MIRRORS: mirrors }, lines.join('\n'));
    expect(out.split('\n')).toEqual([
      'deb [signed-by=/k] http://198.18.1.1/debian bookworm main',
      'deb http://198.18.1.1/debian/ bookworm main',
      'deb http://deb.example.org/debian-security bookworm-security main',
      'URIs: http://198.18.1.1/x http://198.18.1.1/debian',
      'URIs: https://x.example.org/aXb+c',
      '',
    ]);
  });
});

describe('installing', () => {
  const install = (env: Record<string, string>) => run('sh', ['-c', INSTALL], { LOG: join(home.path, 'log'), ...env });
  const calls = async (): Promise<string[]> => (await readFile(join(home.path, 'log'), 'utf8')).split('\n').filter((line) => line !== '');

  beforeEach(async () => {
    await fake('id', 'echo 1000');
    await fake('dpkg-query', 'case $* in *" there") echo "ii ";; *) exit 1;; esac');
    await fake('find', 'echo list');
    await fake('apt-get', 'exit 0');
    await fake('sudo', '[ "$2" = true ] || { echo "$*" | sed "s/.*apt-get -q .*confold //" >>"$LOG"; cat >/dev/null; }');
  });

  test('what is there already needs neither root nor apt', async () => {
    await fake('sudo', 'exit 1');
    expect(await install({ TERRARIUM_APT: 'there' })).toMatchObject({ code: 0, out: 'all of it is there\n' });
  });

  test('what is not there is installed in one go, with the packages of servers', async () => {
    await fake('redis-server', 'exit 0');
    expect((await install({ TERRARIUM_APT: 'there gcc libfoo=1.0', TERRARIUM_SERVICES: 'redis memcached' })).code).toBe(0);
    expect((await calls()).filter((line) => line.startsWith('install'))).toEqual(['install --no-install-recommends -- gcc libfoo=1.0 memcached']);
  });

  test('lists are read again where one names what is gone', async () => {
    await fake(
      'sudo',
      '[ "$2" = true ] || { echo "$*" | sed "s/.*apt-get -q .*confold //" >>"$LOG"; case $* in *" update") : >"$LOG.new" ;; *install*) [ -e "$LOG.new" ] ;; esac; }',
    );
    expect((await install({ TERRARIUM_APT: 'gcc' })).code).toBe(0);
    expect((await calls()).filter((line) => /^(install|update)/.test(line))).toEqual([
      'install --no-install-recommends -- gcc',
      'update',
      'install --no-install-recommends -- gcc',
    ]);
  });

  test.each([
    ['sudo', 'exit 1', 'does not let its jobs become root'],
    ['sudo', '[ "$2" = true ] || case $* in *apt-get*) exit 100;; *) cat >/dev/null;; esac', 'apt-get could not install gcc'],
  ])('without %s as %s it says what to do', async (name, body, text) => {
    await fake(name, body);
    const { code, errors } = await install({ TERRARIUM_APT: 'gcc' });
    expect([code, errors]).toEqual([1, expect.stringContaining(text)]);
  });

  test('MongoDB, which Debian has not, is an error where the image has none', async () => {
    const { code, errors } = await install({ TERRARIUM_SERVICES: 'mongodb' });
    expect([code, errors]).toEqual([1, expect.stringContaining('Use an image that has it')]);
  });
});
