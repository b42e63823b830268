import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Change, type Repository } from '#plugins/api';
import { type FakeContext, fakeContext, layOut } from '#plugins/api/testing';
import { ArchiveProvider } from './archive-provider.ts';
import { ArchiveConfig } from './config.ts';

type Entry = Partial<Header> & Pick<Header, 'name'> & { readonly content?: string };

const signal = AbortSignal.timeout(60_000);
const OPTIONS = { depth: 1, submodules: false };
const TREE: readonly Entry[] = [
  { name: 'demo-1.0/', type: 'directory', mode: 0o755 },
  { name: 'demo-1.0/configure', mode: 0o755, content: '#!/bin/sh\n' },
  { name: 'demo-1.0/.terrarium.yml', content: 'test: pytest\n' },
  { name: 'demo-1.0/pkg/é.py', content: '# é\n' },
  { name: 'demo-1.0/link', type: 'symlink', linkname: 'configure' },
  { name: 'demo-1.0/ci/b.yml', content: 'b' },
  { name: 'demo-1.0/ci/a.yml', content: 'a' },
  { name: 'demo-1.0/ci/deep/c.yml', content: 'c' },
];

let context: FakeContext<ArchiveConfig>;
let provider: ArchiveProvider;
let server: Server;
let asked: string[];
const served = new Map<string, { status: number; body: Buffer; authorization?: string; headers: Record<string, string> }>();

beforeEach(async () => {
  asked = [];
  served.clear();
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const found = served.get(request.url ?? '');
    const denied = found?.authorization !== undefined && found.authorization !== request.headers.authorization;
    response.writeHead(denied ? 401 : (found?.status ?? 404), found?.headers).end(denied ? '' : found?.body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  await begin({});
});

afterEach(async () => {
  await provider.close();
  await context.remove();
  server.close();
  server.closeAllConnections();
});

async function begin(config: Record<string, unknown>): Promise<void> {
  if (context) await context.remove();
  context = await fakeContext(ArchiveConfig.parse(config));
  provider = new ArchiveProvider(context);
}

async function packed(entries: readonly Entry[]): Promise<Buffer> {
  const tar = pack();
  for (const { content, ...header } of entries) tar.entry(header, content ?? '');
  tar.finalize();
  return gzipSync(await buffer(tar));
}

function sumOf(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}

/** Serves an archive, and gives the repository that it is. */
function publish(
  body: Buffer,
  name = 'demo-1.0.tar.gz',
  rest: { status?: number; authorization?: string; sum?: string; headers?: Record<string, string> } = {},
): Repository {
  const { port } = server.address() as { port: number };
  served.set(`/${name}`, {
    status: rest.status ?? 200,
    body,
    headers: rest.headers ?? {},
    ...(rest.authorization === undefined ? {} : { authorization: rest.authorization }),
  });
  return { url: `http://127.0.0.1:${port}/${name}#sha256=${rest.sum ?? sumOf(body)}`, credentials: null };
}

const USER = { kind: 'password', user: 'ada', password: 'secret' } as const;
const AUTHORIZATION = `Basic ${Buffer.from('ada:secret').toString('base64')}`;

describe('an archive', () => {
  it('has one branch and one revision', async () => {
    const body = await packed(TREE);
    const repository = publish(body);
    const commit = sumOf(body);
    expect(await provider.refs(repository, signal)).toEqual({ refs: [{ kind: 'branch', name: 'demo-1.0', commit }], defaultBranch: 'demo-1.0' });
    for (const ref of [null, 'demo-1.0', 'refs/heads/demo-1.0', commit]) {
      const change = await provider.resolve(repository, ref, signal);
      expect(Change.parse(change)).toEqual(change);
      expect(change).toMatchObject({ kind: 'push', branch: 'demo-1.0', tag: null, commit });
    }
    expect(await provider.change(repository, { kind: 'branch', name: 'demo-1.0', commit }, signal)).toMatchObject({ commit });
    await expect(provider.resolve(repository, 'main', signal)).rejects.toMatchObject({ code: 'not-found' });
    await expect(provider.resolve(repository, '--x', signal)).rejects.toMatchObject({ code: 'invalid' });
    await expect(provider.readFiles(repository, 'e'.repeat(64), ['a'], signal)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('is fetched once, however many ask', async () => {
    const repository = publish(await packed(TREE));
    const change = await provider.resolve(repository, null, signal);
    await Promise.all(Array.from({ length: 5 }, () => provider.checkout(repository, change, OPTIONS, signal)));
    await provider.refs(repository, signal);
    expect(asked).toEqual(['/demo-1.0.tar.gz']);
    expect(provider.identify(repository.url)).toBe(`sha256:${change.commit}`);
  });

  it('is kept when the server begins again', async () => {
    const repository = publish(await packed(TREE));
    await provider.refs(repository, signal);
    await new ArchiveProvider(context).resolve(repository, null, signal);
    expect(asked).toEqual(['/demo-1.0.tar.gz']);
  });

  it('is not laid out where a part of it is missing', async () => {
    const whole = await packed(TREE);
    const repository = publish(whole.subarray(0, whole.length - 60));
    const plan = await provider.checkout(repository, await provider.resolve(repository, null, signal), OPTIONS, signal);
    await expect(layOut(plan)).rejects.toThrow('tar');
  });

  it('is laid out without the folder that is around it', async () => {
    const repository = publish(await packed(TREE));
    const change = await provider.resolve(repository, null, signal);
    const tree = await layOut(await provider.checkout(repository, change, OPTIONS, signal));
    expect((await readdir(tree.folder)).toSorted()).toEqual(['.terrarium.yml', 'ci', 'configure', 'link', 'pkg']);
    expect((await lstat(path.join(tree.folder, 'configure'))).mode & 0o111).not.toBe(0);
    expect(await readFile(path.join(tree.folder, 'pkg/é.py'), 'utf8')).toBe('# é\n');
    await tree.remove();
  });

  it('is laid out whole where nothing is around it, and nothing of it leads elsewhere', async () => {
    const entries: Entry[] = [
      { name: 'setup.py', content: 'setup()\n' },
      { name: './-rf', content: '' },
      { name: 'pkg/$(x)', content: 'x' },
      { name: '.hidden', content: 'h' },
    ];
    const repository = publish(await packed(entries));
    const change = await provider.resolve(repository, null, signal);
    const tree = await layOut(await provider.checkout(repository, change, OPTIONS, signal));
    expect((await readdir(tree.folder)).toSorted()).toEqual(['-rf', '.hidden', 'pkg', 'setup.py']);
    await tree.remove();
    const texts = await provider.readFiles(repository, change.commit, ['setup.py', '.hidden', '../x'], signal);
    expect([...texts.keys()]).toEqual(['setup.py', '.hidden']);
  });

  it('has a folder around it only where that is all there is, hidden files counted', async () => {
    const body = await packed([
      { name: 'd/setup.py', content: '' },
      { name: '.hidden', content: '' },
    ]);
    const repository = publish(body);
    const tree = await layOut(await provider.checkout(repository, await provider.resolve(repository, null, signal), OPTIONS, signal));
    expect((await readdir(tree.folder)).toSorted()).toEqual(['.hidden', 'd']);
    await tree.remove();
    expect([...(await provider.readFiles(repository, sumOf(body), ['setup.py', 'd/setup.py'], signal)).keys()]).toEqual(['d/setup.py']);
  });

  it('has its texts read, by names and patterns', async () => {
    const body = await packed(TREE);
    const repository = publish(body);
    const read = async (...paths: string[]): Promise<[string, string][]> => [...(await provider.readFiles(repository, sumOf(body), paths, signal))];
    expect(await read('.terrarium.yml', 'link', 'none', 'pkg', 'demo-1.0/configure')).toEqual([['.terrarium.yml', 'test: pytest\n']]);
    expect(await read('ci/*.yml')).toEqual([
      ['ci/a.yml', 'a'],
      ['ci/b.yml', 'b'],
    ]);
  });

  it('is not read where thousands of files are called as descriptions are, nor where it does not end', async () => {
    const many = await packed(Array.from({ length: 40 }, (_, index) => ({ name: `d${index}/.terrarium.yml`, content: 'x'.repeat(1024 * 1024) })));
    await expect(provider.readFiles(publish(many), sumOf(many), ['.terrarium.yml'], signal)).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('Too many files'),
    });
  });

  it('has texts up to 1 MB, and 30 of one pattern', async () => {
    const many = (count: number): Entry[] => Array.from({ length: count }, (_, index) => ({ name: `d/ci/${index}.yml`, content: 'x' }));
    const body = await packed([
      { name: 'd/fits', content: 'x'.repeat(1024 * 1024) },
      { name: 'd/large', content: 'x'.repeat(1024 * 1024 + 1) },
      ...many(31),
    ]);
    const read = (pathname: string) => provider.readFiles(publish(body), sumOf(body), [pathname], signal);
    expect((await read('fits')).get('fits')).toHaveLength(1024 * 1024);
    await expect(read('large')).rejects.toMatchObject({ code: 'invalid', message: 'large is larger than 1 MB.' });
    await expect(read('ci/*.yml')).rejects.toMatchObject({ code: 'invalid' });
  });

  it.each([
    ['no archive at all', async () => Buffer.from('nothing')],
    ['one that is cut', async () => (await packed(TREE)).subarray(0, 100)],
    ['something else packed by gzip', async () => gzipSync(Buffer.alloc(2048, 'x'))],
  ])('that is %s is refused when it is read', async (_what, made) => {
    const body = await made();
    await expect(provider.readFiles(publish(body), sumOf(body), ['setup.py'], signal)).rejects.toMatchObject({ code: 'invalid' });
  });
});

describe('fetching', () => {
  it('refuses what its checksum does not say, and keeps nothing of it', async () => {
    const repository = publish(await packed(TREE), 'demo-1.0.tgz', { sum: 'a'.repeat(64) });
    await expect(provider.refs(repository, signal)).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining('another archive') });
    expect(await readdir(path.join(context.folder, 'archives'))).toEqual([]);
    expect(await readdir(path.join(context.folder, 'tmp'))).toEqual([]);
    await expect(provider.refs(repository, signal)).rejects.toMatchObject({ code: 'invalid' });
    expect(asked).toHaveLength(1);
  });

  it('takes the bytes as they are sent, whatever they are said to be packed by', async () => {
    const body = await packed(TREE);
    const repository = publish(body, 'a.tgz', { headers: { 'content-encoding': 'gzip' } });
    expect(await provider.resolve(repository, null, signal)).toMatchObject({ commit: sumOf(body) });
  });

  it('follows redirects, without the password to another origin, and not into this network by another name', async () => {
    const body = await packed(TREE);
    const target = createServer((request, response) => {
      asked.push(`${request.url} ${request.headers.authorization ?? 'nobody'}`);
      response.end(body);
    }).listen(0, '127.0.0.1');
    await once(target, 'listening');
    const { port } = target.address() as { port: number };
    const redirected = (host: string): Repository => ({
      ...publish(body, 'a.tgz', { status: 302, headers: { location: `http://${host}:${port}/real` } }),
      credentials: USER,
    });
    await expect(provider.refs(redirected('localhost'), signal)).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('network'),
    });
    await provider.close();
    await begin({});
    expect(await provider.resolve(redirected('127.0.0.1'), null, signal)).toMatchObject({ commit: sumOf(body) });
    expect(asked.slice(1)).toEqual(['/a.tgz', '/real nobody']);
    target.close();
  });

  it.each([
    [404, 'not-found'],
    [410, 'not-found'],
    [403, 'unauthorized'],
    [400, 'rejected'],
    [503, 'unavailable'],
    [429, 'unavailable'],
  ])('makes of status %s %s', async (status, code) => {
    await expect(provider.refs(publish(Buffer.from(''), 'a.tgz', { status }), signal)).rejects.toMatchObject({ code });
  });

  it('says unavailable for a host that is away', async () => {
    const repository = publish(await packed(TREE));
    server.close();
    server.closeAllConnections();
    await expect(provider.refs(repository, signal)).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('ECONNREFUSED') });
  });

  it('gives what a password has opened to nobody else', async () => {
    const repository = publish(await packed(TREE), 'a.tgz', { authorization: AUTHORIZATION });
    await expect(provider.refs(repository, signal)).rejects.toMatchObject({ code: 'unauthorized' });
    await provider.refs({ ...repository, credentials: USER }, signal);
    await expect(provider.resolve(repository, null, signal)).rejects.toMatchObject({ code: 'unauthorized' });
    const key = { kind: 'ssh-key', privateKey: 'x', knownHosts: null } as const;
    await expect(provider.refs({ ...repository, credentials: key }, signal)).rejects.toMatchObject({ code: 'invalid' });
  });

  it('refuses one that is too large', async () => {
    await begin({ largestMegabytes: 0.001 });
    await expect(provider.refs(publish(Buffer.alloc(2000)), signal)).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('largestMegabytes'),
    });
  });

  it('throws the reason of an aborted signal', async () => {
    const reason = new Error('enough');
    const repository = publish(await packed(TREE));
    await expect(provider.refs(repository, AbortSignal.abort(reason))).rejects.toBe(reason);
    await expect(provider.resolve(repository, null, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(asked).toEqual([]);
  });
});

describe('an archive on this computer', () => {
  it('is read where an administrator allows it', async () => {
    await begin({ localFolders: ['/'] });
    const allowed = path.join(context.folder, 'sources');
    await mkdir(allowed);
    const body = await packed(TREE);
    const file = path.join(allowed, 'demo-1.0.tgz');
    await writeFile(file, body);
    const repository = { url: `${file}#sha256=${sumOf(body)}`, credentials: null };
    expect(await provider.resolve(repository, null, signal)).toMatchObject({ branch: 'demo-1.0', commit: sumOf(body) });
    const other = new ArchiveProvider({ ...context, config: ArchiveConfig.parse({}) });
    await expect(other.refs(repository, signal)).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining('localFolders') });
    await expect(provider.refs({ ...repository, url: repository.url.replace('demo-1.0', 'away') }, signal)).rejects.toMatchObject({
      code: 'not-found',
    });
    await symlink(file, path.join(allowed, 'link.tgz'));
    await expect(provider.refs({ ...repository, url: repository.url.replace('demo-1.0', 'link') }, signal)).rejects.toMatchObject({
      code: 'invalid',
    });
  });
});
