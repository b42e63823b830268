import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ImageRecipe } from '#plugins/api';
import { ImageStore } from '#plugins/kit/vm/image-store';
import { packageRoot } from '../../server/src/config/index.ts';
import { recordingLogger } from './logger.ts';

const RECIPE = ImageRecipe.parse({ name: 'debian-12', system: 'debian-12', interpreters: ['3.11'], diskGigabytes: 8 });
const BUILDER = join(packageRoot(), 'plugins', 'kit', 'vm');
const PREFIX = 'terrarium-vm-images-';
const DAY_MS = 24 * 60 * 60 * 1000;

/** Programs that are needed to build the image and to run a machine of it. */
const NEEDED = ['mmdebstrap', 'mke2fs', 'qemu-img', 'qemu-system-x86_64', 'unshare', 'flock'];

/** Why no image can be built and run here; null if one can. For `describe.skipIf`. */
export function vmImageMissing(): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'images are built on Linux with an x86_64 processor';
  if (process.geteuid?.() !== 0) return 'the tests build their image as root';
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  const missing = NEEDED.filter((name) => !folders.some((folder) => existsSync(join(folder, name))));
  return missing.length === 0 ? null : `there is no ${missing.join(', ')}`;
}

/** An image that tests start machines of: Debian 12 with Python 3.11, user `ci`. */
export interface TestImage {
  /** The folder of an `ImageStore`. Tests must not change it: link or copy what is in it. */
  readonly imagesFolder: string;
  readonly name: string;
}

/**
 * Gives the image; builds it first where that has not been done since the builder changed, which takes a minute or more. Processes that ask at the same time wait for
 * the one that builds.
 */
export async function testImage(): Promise<TestImage> {
  const imagesFolder = join(tmpdir(), `${PREFIX}${await fingerprint()}`);
  const store = new ImageStore({ folder: imagesFolder, logger: recordingLogger() });
  const image = { imagesFolder, name: RECIPE.name };
  if ((await store.current(RECIPE.name)) !== null) return image;
  await withLock(`${imagesFolder}.lock`, async () => {
    if ((await store.current(RECIPE.name)) !== null) return;
    await removeOld(imagesFolder);
    await mkdir(imagesFolder, { recursive: true });
    await store.build(RECIPE, () => undefined, new AbortController().signal);
  });
  return image;
}

/** Of the recipe and of all that builds: another one makes another image. */
async function fingerprint(): Promise<string> {
  const names = await readdir(BUILDER, { recursive: true });
  const used = names.filter((name) => /^(build|guest)\/.*(?<!\.test\.ts)$/.test(name) && !name.endsWith('.md')).sort();
  const hash = createHash('sha256').update(JSON.stringify(RECIPE));
  for (const name of [...used, 'manifest.ts', 'stored-version.ts']) hash.update(`${name}\0`).update(await readFile(join(BUILDER, name)));
  return hash.digest('hex').slice(0, 16);
}

/** Images of earlier builders go after a day: until then another checkout may use them. */
async function removeOld(own: string): Promise<void> {
  for (const name of (await readdir(tmpdir())).filter((one) => one.startsWith(PREFIX))) {
    const path = join(tmpdir(), name);
    if (path.startsWith(own) || Date.now() - (await stat(path)).mtimeMs < DAY_MS) continue;
    await rm(path, { recursive: true, force: true });
  }
}

/** Does something while no other process does it. The lock is the kernel's, so it ends with this process however that ends. */
async function withLock(file: string, work: () => Promise<void>): Promise<void> {
  const holder = spawn('flock', [file, 'sh', '-c', 'echo held; exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(holder, 'exit');
  try {
    await Promise.race([once(holder.stdout, 'data'), ended.then(() => Promise.reject(new Error('flock gave no lock')))]);
    await work();
  } finally {
    holder.stdin.end();
    await ended;
  }
}
