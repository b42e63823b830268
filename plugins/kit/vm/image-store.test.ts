import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ImportedDisk, isPluginError } from '#plugins/api';
import { recordingLogger } from '../../../test/support/logger.ts';
import { ImageStore } from './image-store.ts';
import { newSshKey } from './keys.ts';

const missing = existsSync('/usr/bin/qemu-img') ? null : 'there is no qemu-img';
const never = new AbortController().signal;
const quiet = (): void => undefined;
const unused = (): boolean => false;
const KEY = newSshKey();

let folder: string;
let images: string;
let logger: ReturnType<typeof recordingLogger>;
let store: ImageStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terrarium-test-'));
  images = join(folder, 'images');
  logger = recordingLogger();
  store = new ImageStore({ folder: images, logger });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function qemuImg(...args: string[]): void {
  execFileSync('qemu-img', args, { cwd: folder, stdio: 'pipe' });
}

/** A disk of so many megabytes: another size is another image. */
function disk(megabytes: number, more: Partial<ImportedDisk> = {}): ImportedDisk {
  const file = join(folder, `${megabytes}.qcow2`);
  if (!existsSync(file)) qemuImg('create', '-q', '-f', 'qcow2', file, `${megabytes}M`);
  return { name: 'win', file, system: 'windows', architecture: 'x86_64', user: 'ci', privateKey: KEY.privateText, hostKey: KEY.fingerprint, ...more };
}

async function problem(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.catch((reason: unknown) => reason);
  if (!isPluginError(error)) throw new Error(`expected a PluginError, got ${String(error)}`);
  return `${error.code}: ${error.message}`;
}

describe.skipIf(missing !== null)(`an image store${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  test('is empty at first', async () => {
    expect(await store.list()).toEqual([]);
    expect(await store.current('win')).toBeNull();
    expect(await store.current('../win')).toBeNull();
    await store.prune(unused);
    expect(await problem(store.remove('win', unused))).toBe('not-found: There is no image "win".');
    expect(await problem(store.remove('../..', unused))).toMatch(/^not-found/);
  });

  test('takes in a disk, and another process finds it', async () => {
    const lines: string[] = [];
    const made = await store.import(disk(4), (line) => lines.push(line), never);
    expect(lines).toEqual(['Copying the disk', 'Taking the digest']);
    expect(made.manifest).toMatchObject({
      name: 'win',
      origin: 'imported',
      system: 'windows',
      diskBytes: 4 * 1024 * 1024,
      boot: { kind: 'firmware' },
      access: { kind: 'fixed', user: 'ci', hostKey: KEY.fingerprint },
      recipe: null,
    });
    const other = new ImageStore({ folder: images, logger });
    expect(await other.current('win')).toEqual(made);
    expect(await other.list()).toEqual([made]);
    expect(await other.byDigest(made.manifest.digest)).toEqual(made);
    expect(await other.byDigest('0'.repeat(64))).toBeNull();
    expect(await readFile(join(made.folder, 'key'), 'utf8')).toBe(KEY.privateText);
    expect((await stat(join(made.folder, 'key'))).mode & 0o777).toBe(0o600);
    expect(new Set(await readdir(join(images, 'win')))).toEqual(new Set([made.manifest.digest, 'current']));
  });

  test('gives the same digest to the same disk with the same way in, another to any other', async () => {
    const first = await store.import(disk(4), quiet, never);
    const again = await store.import(disk(4), quiet, never);
    expect(again.manifest.digest).toBe(first.manifest.digest);
    const digests = [first, await store.import(disk(4, { user: 'root' }), quiet, never), await store.import(disk(5), quiet, never)];
    expect(new Set(digests.map(({ manifest }) => manifest.digest)).size).toBe(3);
  });

  test('keeps an old version for as long as it is in use', async () => {
    const old = await store.import(disk(4), quiet, never);
    const now = await store.import(disk(5), quiet, never);
    expect((await store.current('win'))?.manifest.digest).toBe(now.manifest.digest);
    await store.prune((digest) => digest === old.manifest.digest);
    expect((await store.versions()).map(({ manifest, current }) => [manifest.diskBytes, current])).toEqual(
      expect.arrayContaining([
        [old.manifest.diskBytes, false],
        [now.manifest.diskBytes, true],
      ]),
    );
    await store.prune(unused);
    expect(await store.versions()).toEqual([now]);
  });

  test('removes an image only when no version of it is in use', async () => {
    const old = await store.import(disk(4), quiet, never);
    await store.import(disk(5), quiet, never);
    expect(await problem(store.remove('win', (digest) => digest === old.manifest.digest))).toMatch(/^rejected: .* is in use/);
    await store.remove('win', unused);
    expect(await store.versions()).toEqual([]);
    expect(await readdir(images)).toEqual([]);
  });

  test('makes an image of one name once at a time', async () => {
    let second: Promise<string> | undefined;
    const slow = (line: string): void => {
      if (line === 'Copying the disk') second = problem(new ImageStore({ folder: images, logger }).import(disk(5), quiet, never));
    };
    await store.import(disk(4), slow, never);
    expect(await second).toMatch(/^rejected: The image win is being made already/);
    expect((await store.current('win'))?.manifest.diskBytes).toBe(4 * 1024 * 1024);
  });

  test('clears away what a killed process left, and not what one that lives needs', async () => {
    const left = join(images, 'win', '.work');
    await mkdir(join(left, 'target'), { recursive: true });
    await writeFile(join(left, 'owner.json'), JSON.stringify({ pid: 2 ** 22 + 1, started: '1' }));
    await mkdir(join(images, 'win', '.removed-1'));
    await mkdir(join(images, '.removed-2'));
    await mkdir(join(images, 'win', 'a'.repeat(64)));
    expect(await store.versions()).toEqual([]);
    const made = await store.import(disk(4), quiet, never);
    expect((await readdir(join(images, 'win'))).sort()).toEqual(['a'.repeat(64), made.manifest.digest, 'current'].sort());
    await store.prune(unused);
    expect(await readdir(images)).toEqual(['win']);
    expect((await readdir(join(images, 'win'))).sort()).toEqual([made.manifest.digest, 'current'].sort());
  });

  test('does not prune below a build that goes on', async () => {
    const start = (await readFile('/proc/self/stat', 'utf8')).split(') ')[1]?.split(' ')[19];
    const work = join(images, 'win', '.work');
    await mkdir(work, { recursive: true });
    await writeFile(join(work, 'owner.json'), JSON.stringify({ pid: process.pid, started: start }));
    await store.prune(unused);
    expect(existsSync(work)).toBe(true);
    expect(await problem(store.remove('win', unused))).toMatch(/^rejected: The image win is being made/);
  });

  test('leaves nothing of what is called off', async () => {
    const off = new AbortController();
    const stop = (line: string): void => {
      if (line === 'Taking the digest') off.abort(new Error('no more'));
    };
    await expect(store.import(disk(4), stop, off.signal)).rejects.toThrow('no more');
    expect(await readdir(images)).toEqual([]);
  });

  test('tells of a manifest that it cannot read, once, and goes on', async () => {
    const good = await store.import(disk(4, { name: 'good' }), quiet, never);
    const bad = await store.import(disk(4, { name: 'bad' }), quiet, never);
    await writeFile(join(bad.folder, 'manifest.json'), '{"format": 2}');
    expect(await store.list()).toEqual([good]);
    expect(await store.current('bad')).toBeNull();
    expect(logger.lines).toMatchObject([{ level: 'warn', message: 'an image cannot be used', fields: { image: 'bad' } }]);
    await store.remove('bad', unused);
    expect(await readdir(images)).toEqual(['good']);
  });

  test('does not believe a manifest of another image', async () => {
    const { folder: own } = await store.import(disk(4), quiet, never);
    const text = await readFile(join(own, 'manifest.json'), 'utf8');
    await writeFile(join(own, 'manifest.json'), text.replace('"name": "win"', '"name": "lin"'));
    expect(await store.list()).toEqual([]);
    expect(String(logger.lines[0]?.fields['error'])).toContain('describes another image');
  });
});

describe.skipIf(missing !== null)('a disk is refused', () => {
  test('that has a file behind it: machines would read that', async () => {
    await writeFile(join(folder, 'secret'), 'x'.repeat(1024));
    qemuImg('create', '-q', '-f', 'qcow2', '-F', 'raw', '-b', join(folder, 'secret'), 'over.qcow2');
    expect(await problem(store.import(disk(4, { file: join(folder, 'over.qcow2') }), quiet, never))).toMatch(/^invalid: .*needs the file/);
  });

  test('that keeps its data in another file', async () => {
    qemuImg('create', '-q', '-f', 'qcow2', '-o', 'data_file=outside.raw', 'split.qcow2', '4M');
    expect(await problem(store.import(disk(4, { file: join(folder, 'split.qcow2') }), quiet, never))).toMatch(/^invalid: /);
    expect(await store.list()).toEqual([]);
  });

  test('that is no qcow2, or not there', async () => {
    await writeFile(join(folder, 'raw'), 'no disk at all');
    await writeFile(join(folder, 'head'), Buffer.from([0x51, 0x46, 0x49, 0xfb, 0, 0, 0, 3]));
    expect(await problem(store.import(disk(4, { file: join(folder, 'raw') }), quiet, never))).toMatch(/^invalid: .*is no qcow2 disk/);
    expect(await problem(store.import(disk(4, { file: join(folder, 'head') }), quiet, never))).toMatch(/^invalid: .*is no disk that can be used/);
    expect(await problem(store.import(disk(4, { file: join(folder, 'none') }), quiet, never))).toMatch(/^invalid: .*cannot be read/);
  });

  test('whose keys are none, or whose name is no name', async () => {
    expect(await problem(store.import(disk(4, { privateKey: 'ssh-ed25519 AAAA' }), quiet, never))).toMatch(/^invalid: The private key/);
    expect(await problem(store.import(disk(4, { hostKey: 'nothing' }), quiet, never))).toMatch(/^invalid: /);
    expect(await problem(store.import(disk(4, { name: '../x' }), quiet, never))).toMatch(/^invalid: .*is no name/);
  });
});
