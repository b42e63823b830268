import { createReadStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { PluginError, isPluginError } from '#plugins/api';
import { MOST_FILES, pathPattern, tooManyFiles } from '#plugins/kit/path-pattern';

const LARGEST_FILE = 1024 * 1024;
/** Of what is in an archive: CPython's sources are a fortieth of it. */
const LARGEST_CONTENT = 4 * 1024 ** 3;
const MOST_ENTRIES = 1_000_000;
/** Who asks for files asks for few: of what has such a name in some folder no more is kept, in characters. */
const MOST_KEPT = 32 * 1024 * 1024;

/** A file that may be one of those asked for, once it is known whether the archive has one folder of its own around everything. */
interface Kept {
  /** Null: larger than 1 MB. */
  readonly text: string | null;
}

/** The texts of files in a packed archive, by paths as its work tree has them: see `ScmProvider.readFiles`. Throws `invalid` for what is no such archive. */
export async function readTexts(file: string, paths: readonly string[], signal: AbortSignal): Promise<Map<string, string>> {
  const kept = new Map<string, Kept>();
  const tops = new Set<string>();
  const mayBeWanted = namesWanted(paths);
  let room = MOST_KEPT;
  await eachEntry(file, signal, async (header, content) => {
    const name = plainName(header.name);
    if (name === null) return;
    tops.add(name.includes('/') || header.type === 'directory' ? `${name.split('/')[0]}/` : name);
    if (header.type !== 'file' || !mayBeWanted(name)) return;
    const text = (header.size ?? 0) > LARGEST_FILE ? null : await textOf(content);
    room -= name.length + (text?.length ?? 0);
    if (room < 0) throw new PluginError('invalid', 'Too many files of the archive are called as descriptions are: it is not read.');
    kept.set(name, { text });
  });
  return chosen(kept, commonFolder(tops), paths);
}

/** The folder that everything is in, with its slash; empty where there is none. The script of a checkout takes the same one away. */
function commonFolder(tops: ReadonlySet<string>): string {
  const [only = ''] = tops;
  return tops.size === 1 && only.endsWith('/') ? only : '';
}

function chosen(kept: ReadonlyMap<string, Kept>, folder: string, paths: readonly string[]): Map<string, string> {
  const inside = new Map([...kept].filter(([name]) => name.startsWith(folder)).map(([name, one]) => [name.slice(folder.length), one]));
  const texts = new Map<string, string>();
  for (const path of paths.flatMap((one) => expand(one, [...inside.keys()]))) {
    const found = inside.get(path);
    if (found === undefined) continue;
    if (found.text === null) throw new PluginError('invalid', `${path} is larger than 1 MB.`);
    texts.set(path, found.text);
  }
  return texts;
}

function expand(path: string, names: readonly string[]): string[] {
  const pattern = pathPattern(path);
  if (pattern === null) return [path];
  const prefix = pattern.folder === '' ? '' : `${pattern.folder}/`;
  const isIn = (name: string): boolean =>
    name.startsWith(prefix) && !name.slice(prefix.length).includes('/') && pattern.fits(name.slice(prefix.length));
  const found = names.filter(isIn).toSorted();
  if (found.length > MOST_FILES) throw new PluginError('invalid', tooManyFiles(path));
  return found;
}

/** Whether a name, with or without its first folder, could be asked for. */
function namesWanted(paths: readonly string[]): (name: string) => boolean {
  const exact = new Set(paths.filter((path) => pathPattern(path) === null));
  const patterns = paths.flatMap((path) => pathPattern(path) ?? []);
  const isWanted = (name: string): boolean => {
    const slash = name.lastIndexOf('/');
    const [folder, last] = [slash < 0 ? '' : name.slice(0, slash), name.slice(slash + 1)];
    return exact.has(name) || patterns.some((pattern) => pattern.folder === folder && pattern.fits(last));
  };
  return (name) => isWanted(name) || isWanted(name.slice(name.indexOf('/') + 1));
}

/** Null for what leads elsewhere, or nowhere. */
function plainName(written: string): string | null {
  const parts = written.split('/').filter((part) => part !== '' && part !== '.');
  return written.startsWith('/') || parts.length === 0 || parts.includes('..') ? null : parts.join('/');
}

async function eachEntry(file: string, signal: AbortSignal, take: (header: Header, content: AsyncIterable<unknown>) => Promise<void>): Promise<void> {
  const unpacked = extract();
  const source = pipeline(createReadStream(file), createGunzip(), bounded(), unpacked, { signal });
  // Awaited below: until then an error of it must not be nobody's.
  source.catch(() => undefined);
  let entries = 0;
  try {
    for await (const entry of unpacked) {
      entries += 1;
      if (entries > MOST_ENTRIES) throw tooMuch();
      await take(entry.header, entry);
      entry.resume();
    }
    await source;
  } catch (cause) {
    signal.throwIfAborted();
    if (isPluginError(cause)) throw cause;
    throw new PluginError('invalid', 'It is no tar archive that gzip has packed, or it is damaged.', { cause });
  }
}

async function textOf(content: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of content) if (chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

/** Passes on so many bytes and no more, those after the end of the archive with them. */
function bounded(): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(bytes > LARGEST_CONTENT ? tooMuch() : null, chunk);
    },
  });
}

function tooMuch(): PluginError {
  return new PluginError('invalid', 'There is more in the archive than in any package: it is not read.');
}
