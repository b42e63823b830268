import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CacheView } from '#server/api';
import { OriginServer, sha256 } from '../../server/src/package-cache/testing/origin-server.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary.ts';
import { machines, Scenario } from './support.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

const WHEEL = join(import.meta.dirname, '../support/tiny-wheel.py');
const PACKAGES = ['alpha', 'beta', 'gamma'];
const PAYLOAD = 400_000;
const JOBS = 10;
const hasApt = existsSync('/usr/bin/apt-get') && existsSync('/usr/bin/dpkg-deb');

let home: TemporaryFolder;
let origin: OriginServer;
let scenario: Scenario;

/** An index with pages in the old form, one file each. */
function makeIndex(): void {
  for (const name of PACKAGES) {
    const file = `${name}-1.0-py3-none-any.whl`;
    execFileSync('python3', [WHEEL, join(home.path, file), name, '1.0', String(PAYLOAD)]);
    const body = readFileSync(join(home.path, file));
    origin.things.set(`/files/${file}`, { body });
    origin.things.set(`/simple/${name}/`, {
      body: `<a href="../../files/${file}#sha256=${sha256(body)}">${file}</a>`,
      contentType: 'text/html',
      etag: '"1"',
    });
  }
}

/** An archive of one package, unsigned. */
function makeArchive(): void {
  const tree = join(home.path, 'tree');
  mkdirSync(join(tree, 'DEBIAN'), { recursive: true });
  mkdirSync(join(tree, 'usr/share/terrarium-demo'), { recursive: true });
  const control = 'Package: terrarium-demo\nVersion: 1.0\nArchitecture: all\nMaintainer: Nobody <nobody@example.org>\nDescription: demo\n';
  writeFileSync(join(tree, 'DEBIAN/control'), control);
  writeFileSync(join(tree, 'usr/share/terrarium-demo/payload'), randomBytes(PAYLOAD));
  execFileSync('dpkg-deb', ['--build', '--root-owner-group', tree, join(home.path, 'demo.deb')]);
  const deb = readFileSync(join(home.path, 'demo.deb'));
  const path = 'pool/main/t/terrarium-demo/terrarium-demo_1.0_all.deb';
  const list = `${control}Filename: ${path}\nSize: ${deb.length}\nSHA256: ${sha256(deb)}\n\n`;
  const architecture = execFileSync('dpkg', ['--print-architecture'], { encoding: 'utf8' }).trim();
  const entry = ` ${sha256(list)} ${list.length} main/binary-${architecture}/Packages`;
  const release = `Suite: demo\nCodename: demo\nDate: Sat, 01 Nov 2025 00:00:00 UTC\nArchitectures: ${architecture}\nComponents: main\nSHA256:\n${entry}\n`;
  origin.things.set(`/debian/${path}`, { body: deb });
  origin.things.set(`/debian/dists/demo/main/binary-${architecture}/Packages`, { body: list, etag: '"1"' });
  origin.things.set('/debian/dists/demo/Release', { body: release, etag: '"1"' });
}

const APT = `
mkdir -p root/etc/apt/apt.conf.d root/etc/apt/preferences.d root/var/lib/apt/lists/partial root/var/cache/apt/archives/partial root/var/lib/dpkg
: >root/var/lib/dpkg/status
echo "deb [trusted=yes] $TERRARIUM_PACKAGES/debian demo main" >root/etc/apt/sources.list
apt-get -o Dir="$PWD/root" -o Dir::State::status="$PWD/root/var/lib/dpkg/status" -o APT::Sandbox::User= update
apt-get -o Dir="$PWD/root" -o Dir::State::status="$PWD/root/var/lib/dpkg/status" -o APT::Sandbox::User= download terrarium-demo
test -s terrarium-demo_1.0_all.deb
`;

beforeAll(async () => {
  home = await temporaryFolder();
  origin = await OriginServer.open();
  makeIndex();
  if (hasApt) makeArchive();
  const origins = [
    { name: 'index', kind: 'pypi', url: `${origin.url}/simple` },
    { name: 'debian', kind: 'apt', url: `${origin.url}/debian` },
  ];
  scenario = await Scenario.open(machines(2, { network: 'host' }, { cache: { origins } }));
});

afterAll(async () => {
  await scenario?.close();
  await origin?.close();
  await home?.remove();
});

/** A matrix of ten jobs that all install the same. */
function description(): string {
  const env = Array.from({ length: JOBS }, (_, index) => ({ ROW: String(index), PIP_CONFIG_FILE: '/dev/null', PIP_NO_CACHE_DIR: '1' }));
  const check = `python -c "import ${PACKAGES.join(', ')}"`;
  return JSON.stringify({
    python: PYTHON,
    env,
    install: [`pip install ${PACKAGES.join(' ')}`, ...(hasApt ? [`set -e${APT}`] : [])],
    test: check,
    checkout: false,
  });
}

const PYTHON = execFileSync('python3', ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], { encoding: 'utf8' }).trim();

describe('two equal matrices', () => {
  test('the second fetches less than a twentieth of what the first did, and the first each file once', async () => {
    const project = await scenario.project('twice', description());
    const build = async (): Promise<number> => {
      const before = origin.sent;
      const ended = await scenario.ended((await scenario.start(project.id)).id, 250_000);
      const logs = await Promise.all(ended.jobs.map(async ({ id }) => (await scenario.log(id)).toString()));
      expect(
        ended.jobs.map(({ state }) => state),
        logs[0],
      ).toEqual(Array.from({ length: JOBS }, () => 'passed'));
      return origin.sent - before;
    };
    const first = await build();
    const files = origin.asked.filter((path) => path.startsWith('/files/') || path.includes('/pool/'));
    expect(files.toSorted()).toEqual([...new Set(files)].toSorted());
    expect(files).toHaveLength(PACKAGES.length + (hasApt ? 1 : 0));
    expect(first).toBeGreaterThan(files.length * PAYLOAD);
    const second = await build();
    expect(second).toBeLessThan(0.05 * first);
    const view = CacheView.parse(await scenario.json('GET', '/api/cache'));
    expect(view.state).toBe('up');
    const [index, debian] = view.origins;
    expect(index).toMatchObject({ name: 'index', files: 2 * PACKAGES.length, misses: 2 * PACKAGES.length, problem: null });
    expect(index?.savedBytes).toBeGreaterThan(19 * PACKAGES.length * PAYLOAD);
    if (hasApt) expect(debian?.servedBytes).toBeGreaterThan(2 * JOBS * PAYLOAD);
    console.log(JSON.stringify({ first, second, index, debian }));
  });
});

test('where no machine can reach it there is none, and jobs are not told of any', async () => {
  const other = await Scenario.open(machines(1));
  try {
    expect(CacheView.parse(await other.json('GET', '/api/cache'))).toMatchObject({ state: 'off', origins: [] });
    const ended = await other.ended((await other.build('plain', 'test: test -z "$PIP_INDEX_URL$TERRARIUM_PACKAGES"\ncheckout: false\n')).id);
    expect(ended.jobs.map(({ state }) => state)).toEqual(['passed']);
  } finally {
    await other.close();
  }
});
