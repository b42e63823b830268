import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { ImageRecipe } from '#plugins/api';
import { ImageStore } from '#plugins/kit/vm/image-store';
import { packageRoot } from '../../server/src/config/index.ts';
import { keptFixture } from './kept-fixture.ts';
import { recordingLogger } from './logger.ts';

const USUAL = ImageRecipe.parse({ name: 'debian-12', system: 'debian-12', interpreters: ['3.11'], diskGigabytes: 8 });
const BUILDER = join(packageRoot(), 'plugins', 'kit', 'vm');

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

/** An image that tests start machines of: Debian 12 with Python 3.11, user `ci`, unless it was asked for another. */
export interface TestImage {
  /** The folder of an `ImageStore`. Tests must not change it: link or copy what is in it. */
  readonly imagesFolder: string;
  readonly name: string;
}

/** Gives the image; builds it first where that has not been done since the recipe or the builder changed, which takes a minute or more. */
export async function testImage(recipe: ImageRecipe = USUAL): Promise<TestImage> {
  const storeOf = (folder: string): ImageStore => new ImageStore({ folder, logger: recordingLogger() });
  const imagesFolder = await keptFixture({
    kind: 'vm-images',
    fingerprint: await fingerprint(recipe),
    isMade: async (folder) => (await storeOf(folder).current(recipe.name)) !== null,
    make: async (folder) => {
      await mkdir(folder, { recursive: true });
      await storeOf(folder).build(recipe, () => undefined, new AbortController().signal);
    },
  });
  return { imagesFolder, name: recipe.name };
}

/** Of the recipe and of all that builds: another one makes another image. */
async function fingerprint(recipe: ImageRecipe): Promise<string> {
  const names = await readdir(BUILDER, { recursive: true });
  const used = names.filter((name) => /^(build|guest)\/.*(?<!\.test\.ts)$/.test(name) && !name.endsWith('.md')).sort();
  const hash = createHash('sha256').update(JSON.stringify(recipe));
  for (const name of [...used, 'manifest.ts', 'stored-version.ts']) hash.update(`${name}\0`).update(await readFile(join(BUILDER, name)));
  return hash.digest('hex').slice(0, 16);
}
