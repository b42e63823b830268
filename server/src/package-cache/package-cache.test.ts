import { readdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { recordingLogger } from '../../../test/support/logger.ts';
import { type TemporaryFolder, temporaryFolder } from '../../../test/support/temporary.ts';
import type { CacheConfig } from '../config/index.ts';
import { PackageCache } from './package-cache.ts';
import { OriginServer, sha256 } from './testing/origin-server.ts';

const JSON_TYPE = 'application/vnd.pypi.simple.v1+json';
const WHEEL = Buffer.from('a wheel, as bytes'.repeat(1000));
const SUM = sha256(WHEEL);

let home: TemporaryFolder;
let origin: OriginServer;
let files: OriginServer;
let cache: PackageCache;
let base: string;

function configOf(changed: Partial<CacheConfig> = {}): CacheConfig {
  const origins = [
    { name: 'index', kind: 'pypi' as const, url: `${origin.url}/simple`, fileHosts: [files.host] },
    { name: 'debian', kind: 'apt' as const, url: `${origin.url}/debian`, fileHosts: [] },
    { name: 'sources', kind: 'python-build' as const, url: `${origin.url}/pythons`, fileHosts: [] },
  ];
  return { port: null, host: '127.0.0.1', folder: join(home.path, 'packages'), maxGigabytes: 1, freshSeconds: 1000, url: null, origins, ...changed };
}

/** Starts a cache in the same folder in place of the one before. */
async function begin(changed: Partial<CacheConfig> = {}): Promise<void> {
  await cache?.stop();
  cache = new PackageCache(configOf(changed), () => true, recordingLogger());
  cache.start();
  base = `http://127.0.0.1:${await cache.port()}`;
}

function page(text: string): void {
  origin.things.set('/simple/demo/', { body: text, contentType: 'text/html', etag: '"1"' });
}

const link = (sum = SUM): string =>
  `<a href="${files.url}/packages/demo-1.0-py3-none-any.whl#sha256=${sum}" data-requires-python="&gt;=3.8">demo</a>`;

async function get(path: string, headers: Record<string, string> = {}): Promise<{ status: number; text: string; headers: Headers }> {
  const response = await fetch(base + path, { headers });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

/** The path of the only file that a page names. */
async function linked(): Promise<string> {
  const found = /href="([^"#]*)/.exec((await get('/index/simple/demo/')).text)?.[1];
  if (found === undefined) throw new Error('the page names no file');
  return found;
}

/** So many files are kept: what was asked for before has come to its end. */
async function kept(count: number): Promise<void> {
  await vi.waitFor(() => expect(cache.view().origins.reduce((sum, { files: number }) => sum + number, 0)).toBe(count), 10_000);
}

beforeEach(async () => {
  home = await temporaryFolder();
  origin = await OriginServer.open();
  files = await OriginServer.open();
  files.things.set('/packages/demo-1.0-py3-none-any.whl', { body: WHEEL });
  await begin();
});

afterEach(async () => {
  await cache.stop();
  await origin.close();
  await files.close();
  await home.remove();
});

describe('an index of Python packages', () => {
  test('its links lead through the cache, and a file is fetched once', async () => {
    page(link());
    const { text, headers } = await get('/index/simple/Demo/');
    expect(text).toBe(`<a href="/index/files/demo/${SUM}/demo-1.0-py3-none-any.whl#sha256=${SUM}" data-requires-python="&gt;=3.8">demo</a>`);
    expect(headers.get('content-type')).toBe('text/html');
    await kept(1);
    for (let time = 0; time < 3; time += 1) {
      expect((await get(await linked())).text).toBe(WHEEL.toString());
      await kept(2);
    }
    expect([origin.asked, files.asked]).toEqual([['/simple/demo/'], ['/packages/demo-1.0-py3-none-any.whl']]);
    expect(cache.view().origins[0]).toMatchObject({
      name: 'index',
      files: 2,
      hits: 5,
      misses: 2,
      fetchedBytes: origin.sent + WHEEL.length,
      problem: null,
    });
    expect(cache.view().origins[0]?.savedBytes).toBeGreaterThan(2 * WHEEL.length);
  });

  test('JSON is given to who reads it, with what else it says', async () => {
    const entry = {
      filename: 'demo-1.0-py3-none-any.whl',
      url: '../../packages/demo-1.0-py3-none-any.whl',
      hashes: { sha256: SUM },
      size: 7,
      yanked: true,
    };
    origin.things.set('/packages/demo-1.0-py3-none-any.whl', { body: WHEEL });
    origin.things.set('/packages/demo-1.0-py3-none-any.whl.metadata', { body: 'Name: demo\n' });
    const text = JSON.stringify({ name: 'demo', files: [{ ...entry, 'core-metadata': { sha256: sha256('Name: demo\n') } }] });
    origin.things.set('/simple/demo/', { body: text, contentType: JSON_TYPE });
    const found: unknown = JSON.parse((await get('/index/simple/demo/', { accept: `${JSON_TYPE}, text/html;q=0.1` })).text);
    const url = `/index/files/demo/${SUM}/demo-1.0-py3-none-any.whl`;
    expect(found).toMatchObject({ name: 'demo', files: [{ url, size: 7, yanked: true }] });
    expect((await get(url)).text).toBe(WHEEL.toString());
    expect((await get(`${url}.metadata`)).text).toBe('Name: demo\n');
  });

  test('a page that may have changed is asked for again, but sent again only if it has', async () => {
    await begin({ freshSeconds: 0.000_001 });
    page(link());
    await linked();
    await kept(1);
    const sent = origin.sent;
    await linked();
    expect([origin.asked.length, origin.sent]).toEqual([2, sent]);
    origin.things.set('/simple/demo/', { body: 'nothing', contentType: 'text/html', etag: '"2"' });
    expect((await get('/index/simple/demo/')).text).toBe('nothing');
  });

  test('while the origin is away, what is kept is given', async () => {
    await begin({ freshSeconds: 0.000_001 });
    page(link());
    const path = await linked();
    await get(path);
    await kept(2);
    await origin.close();
    expect(await linked()).toBe(path);
    expect((await get(path)).text).toBe(WHEEL.toString());
    expect((await get('/index/simple/other/')).status).toBe(502);
    origin = await OriginServer.open();
  });

  test('what has another checksum than its page says is neither given whole nor kept', async () => {
    page(link('0'.repeat(64)));
    const path = await linked();
    await kept(1);
    for (let time = 1; time <= 2; time += 1) {
      await expect(get(path)).rejects.toThrow();
      await vi.waitFor(() => expect(readdirSync(join(home.path, 'packages', 'drafts'))).toEqual([]), 10_000);
      expect(files.asked).toHaveLength(time);
    }
    await kept(1);
    expect(cache.view().origins[0]?.problem).toMatch(/another checksum/);
  });

  test('what has no checksum is passed on and not kept', async () => {
    page(`<a href="${files.url}/packages/demo-1.0-py3-none-any.whl">demo</a>`);
    const path = await linked();
    await kept(1);
    for (let time = 1; time <= 2; time += 1) {
      expect((await get(path)).text).toBe(WHEEL.toString());
      await vi.waitFor(() => expect(readdirSync(join(home.path, 'packages', 'drafts'))).toEqual([]), 10_000);
      expect(files.asked).toHaveLength(time);
    }
    await kept(1);
  });

  test('a file on a host that is not configured is not fetched, nor one that leads there', async () => {
    const other = await OriginServer.open();
    page(`<a href="${other.url}/x-1.tar.gz#sha256=${SUM}">x</a><a href="${files.url}/y-1.tar.gz#sha256=${SUM}">y</a>`);
    files.things.set('/y-1.tar.gz', { body: '', redirect: `${other.url}/x-1.tar.gz` });
    await get('/index/simple/demo/');
    for (const name of ['x', 'y']) {
      const { status, text } = await get(`/index/files/demo/${SUM}/${name}-1.tar.gz`);
      expect([status, text]).toEqual([502, expect.stringContaining('fileHosts')]);
    }
    expect(other.asked).toEqual([]);
    await other.close();
  });

  test('a file that no page names is not looked for', async () => {
    page(link());
    await linked();
    expect((await get(`/index/files/demo/${SUM}/other-1.0.whl`)).status).toBe(404);
    expect((await get(`/index/files/demo/${'1'.repeat(64)}/demo-1.0-py3-none-any.whl`)).status).toBe(404);
    expect(files.asked).toEqual([]);
  });
});

describe('an archive of Debian packages', () => {
  test('packages and lists by checksum are fetched once, lists by name are asked for again', async () => {
    await begin({ freshSeconds: 0.000_001 });
    const paths = ['/debian/pool/main/d/demo/demo_1.0+b1~1_all.deb', `/debian/dists/x/main/by-hash/SHA256/${SUM}`, '/debian/dists/x/InRelease'];
    for (const path of paths) origin.things.set(path, { body: WHEEL, etag: '"1"' });
    for (const [index, path] of [...paths, ...paths].entries()) {
      expect((await get(path)).text).toBe(WHEEL.toString());
      await kept(Math.min(index + 1, paths.length));
    }
    expect(origin.asked).toEqual([...paths, paths[2]]);
    expect(origin.sent).toBe(3 * WHEEL.length);
  });

  test('a list that is not what its name says is not kept', async () => {
    const path = `/debian/dists/x/main/by-hash/SHA256/${'0'.repeat(64)}`;
    origin.things.set(path, { body: WHEEL });
    await expect(get(path)).rejects.toThrow();
    expect(cache.view().bytes).toBe(0);
  });

  test('a part of a file, and nothing of what the client has already', async () => {
    const path = '/debian/pool/d.deb';
    origin.things.set(path, { body: 'abcdefgh', etag: '"1"' });
    await get(path);
    await kept(1);
    expect(await get(path, { range: 'bytes=2-4' })).toMatchObject({ status: 206, text: 'cde' });
    expect(await get(path, { range: 'bytes=-3' })).toMatchObject({ status: 206, text: 'fgh' });
    expect(await get(path, { range: 'bytes=5-', 'if-range': '"1"' })).toMatchObject({ status: 206, text: 'fgh' });
    expect(await get(path, { range: 'bytes=5-', 'if-range': '"0"' })).toMatchObject({ status: 200, text: 'abcdefgh' });
    expect((await get(path, { range: 'bytes=8-' })).status).toBe(416);
    expect((await get(path, { 'if-none-match': '"1"' })).status).toBe(304);
  });
});

describe('a mirror of what python-build downloads', () => {
  test('files by their checksums are asked about and fetched once, and are what these say', async () => {
    origin.things.set(`/pythons/${SUM}`, { body: WHEEL });
    const other = sha256(Buffer.from('other'));
    origin.things.set(`/pythons/${other}`, { body: WHEEL });
    expect((await fetch(`${base}/sources/${SUM}`, { method: 'HEAD' })).status).toBe(200);
    expect((await get(`/sources/${SUM}`)).text).toBe(WHEEL.toString());
    expect(origin.asked.filter((path) => path.endsWith(SUM))).toHaveLength(1);
    await expect(get(`/sources/${other}`)).rejects.toThrow();
    await kept(1);
    for (const path of [`/sources/${'e'.repeat(64)}`, '/sources/3.12.4', `/sources/${SUM}/x`, '/sources/'])
      expect((await get(path)).status, path).toBe(404);
  });
});

describe('many at once, and ends', () => {
  test('two who ask for the same cause one download, and read it as it comes', async () => {
    let goOn = (): void => undefined;
    const halfway = new Promise<void>((resolve) => (goOn = resolve));
    origin.things.set('/debian/pool/d.deb', { body: WHEEL, halfway: () => halfway });
    const one = fetch(`${base}/debian/pool/d.deb`);
    const body = (await one).body?.getReader();
    expect((await body?.read())?.value?.length).toBeGreaterThan(0);
    const other = get('/debian/pool/d.deb');
    // The first gives up; the other must not notice.
    await body?.cancel();
    goOn();
    expect((await other).text).toBe(WHEEL.toString());
    expect(origin.asked).toHaveLength(1);
  });

  test('a download that breaks off is nothing', async () => {
    origin.things.set('/debian/pool/d.deb', { body: WHEEL, breaks: true });
    await expect(get('/debian/pool/d.deb')).rejects.toThrow();
    origin.things.set('/debian/pool/d.deb', { body: WHEEL });
    expect((await get('/debian/pool/d.deb')).text).toBe(WHEEL.toString());
  });

  test('what was not used for longest goes when it is too much', async () => {
    await begin({ maxGigabytes: (2.5 * WHEEL.length) / 1e9 });
    const paths = ['a', 'b', 'c'].map((name) => `/debian/pool/${name}.deb`);
    for (const path of paths) origin.things.set(path, { body: WHEEL });
    for (const [name, there] of [
      ['a', 1],
      ['b', 2],
      ['a', 2],
      ['c', 2],
      ['a', 2],
      ['b', 2],
    ] as const) {
      await get(`/debian/pool/${name}.deb`);
      await vi.waitFor(() => expect(readdirSync(join(home.path, 'packages', 'drafts'))).toEqual([]), 10_000);
      await kept(there);
    }
    expect(origin.asked).toEqual([paths[0], paths[1], paths[2], paths[1]]);
    expect(cache.view().bytes).toBeLessThanOrEqual(2.5 * WHEEL.length);
  });

  test('the next process has the same port, files and counts, and nothing of what was half there', async () => {
    origin.things.set('/debian/pool/d.deb', { body: WHEEL });
    await get('/debian/pool/d.deb');
    const before = base;
    await cache.stop();
    const folder = join(home.path, 'packages', 'files');
    writeFileSync(join(folder, 'lost'), 'x');
    writeFileSync(join(folder, 'torn.json'), '{');
    await begin();
    expect(base).toBe(before);
    expect((await get('/debian/pool/d.deb')).text).toBe(WHEEL.toString());
    expect(origin.asked).toHaveLength(1);
    expect(readdirSync(folder)).toHaveLength(2);
    expect(cache.view().origins[1]).toMatchObject({ hits: 1, misses: 1 });
  });
});

describe('what it refuses', () => {
  test.each([
    ['GET', '/unknown/x', 404],
    ['GET', '/', 404],
    ['GET', '/index/simple/', 404],
    ['GET', '/debian/', 404],
    ['GET', '/debian/dists/../../secret', 400],
    ['GET', '/debian/%2e%2e/secret', 400],
    ['GET', '/debian/dists/a%2f..%2fb', 400],
    ['GET', '/debian/dists//x', 400],
    ['GET', '/debian/dists/x?y', 400],
    ['GET', '/debian/dists/%zz', 400],
    ['GET', `/debian/dists/${'x'.repeat(1100)}`, 400],
    ['GET', 'http://169.254.169.254/latest', 400],
    ['POST', '/debian/dists/x', 405],
    ['PUT', '/debian/pool/d.deb', 405],
    ['DELETE', '/debian/pool/d.deb', 405],
  ])('%s %s: %i', async (method, path, status) => {
    expect(await raw(method, path)).toBe(status);
    expect(origin.asked).toEqual([]);
    expect(cache.view().bytes).toBe(0);
  });

  test('to be a proxy for connections', async () => {
    await expect(raw('CONNECT', 'example.org:443')).rejects.toThrow();
  });
});

/** A request with a path as it is written. Rejects where the connection is closed without an answer. */
function raw(method: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: new URL(base).port, method, path }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.once('error', reject);
    sent.end();
  });
}
