import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ImageRecipe, type ImportedDisk, type StoredImage } from '#plugins/api';
import { type Input, type Io, UsageError } from '../verb.ts';
import { withKeeper } from './keeper.ts';
import { imageJson, imageText } from './show.ts';

const ARCHITECTURES: Readonly<Record<string, string>> = { amd64: 'x86_64', i386: 'i686' };

/** `terrarium image build NAME`. */
export async function buildVerb(name: string, input: Input, io: Io, signal: AbortSignal): Promise<number> {
  const recipe = recipeOf(name, input, io.env['TERRARIUM_DEBIAN_MIRROR']);
  const made = await withKeeper(io, input.value('runner'), (keeper) => keeper.build(recipe, progress(io), signal));
  return await tell(made, input, io);
}

/** `terrarium image import FILE`. */
export async function importVerb(file: string, input: Input, io: Io, signal: AbortSignal): Promise<number> {
  const disk = await diskOf(file, input, io.cwd);
  const made = await withKeeper(io, input.value('runner'), (keeper) => keeper.import(disk, progress(io), signal));
  return await tell(made, input, io);
}

/** What was typed, as a recipe. Throws a UsageError. */
export function recipeOf(name: string, input: Input, mirror: string | undefined): ImageRecipe {
  const disk = input.value('disk');
  const architecture = input.value('arch');
  const stated = input.value('mirror') ?? (mirror || undefined);
  const result = ImageRecipe.safeParse({
    name,
    system: input.value('system') ?? name,
    interpreters: input.values('python').flatMap(words),
    packages: input.values('package').flatMap(words),
    ...(architecture === null ? {} : { architecture: ARCHITECTURES[architecture] ?? architecture }),
    ...(disk === null ? {} : { diskGigabytes: Number(disk) }),
    ...(stated === undefined ? {} : { mirror: stated }),
  });
  if (result.success) return result.data;
  throw new UsageError(`That is no image to build: ${result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}.`);
}

async function diskOf(file: string, input: Input, cwd: string): Promise<ImportedDisk> {
  const needed = (option: string, about: string): string => {
    const value = input.value(option);
    if (value !== null) return value;
    throw new UsageError(`Say ${about}: --${option}.`);
  };
  const system = input.value('system') ?? 'linux';
  if (system !== 'linux' && system !== 'windows') throw new UsageError(`A disk of "${system}" cannot be used: --system is linux or windows.`);
  const architecture = input.value('arch') ?? 'x86_64';
  return {
    name: needed('name', 'what the image is to be called'),
    file: resolve(cwd, file),
    system,
    architecture: ARCHITECTURES[architecture] ?? architecture,
    user: needed('user', 'as whom machines are logged into'),
    privateKey: await readFile(resolve(cwd, needed('key', 'the file with the private key that the user accepts')), 'utf8'),
    hostKey: needed('host-key', 'the key that machines of it show, as SHA256:... or a line of known_hosts'),
  };
}

function words(text: string): string[] {
  return text.split(',').filter((word) => word !== '');
}

/** A line for each step, with the seconds since the start. */
function progress(io: Io): (line: string) => void {
  const start = performance.now();
  return (line) => {
    const seconds = ((performance.now() - start) / 1000).toFixed(0);
    void io.err(`${seconds.padStart(4)} s  ${line}\n`);
  };
}

async function tell(image: StoredImage, input: Input, io: Io): Promise<number> {
  await io.out(input.flag('json') ? `${JSON.stringify(imageJson(image))}\n` : imageText({ ...image, packages: [] }));
  return 0;
}
