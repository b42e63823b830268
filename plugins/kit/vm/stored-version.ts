import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { PluginError } from '#plugins/api';
import { Manifest } from './manifest.ts';

/** A complete version of an image. */
export interface StoredManifest {
  /** Absolute; see `Manifest` for what is in it. */
  readonly folder: string;
  readonly manifest: Manifest;
  /** Of all its files together. */
  readonly bytes: number;
  /** Whether new machines are made of it. */
  readonly current: boolean;
}

/** A version as the store gives it. */
export function storedManifest(folder: string, manifest: Manifest, current: boolean): StoredManifest {
  const { disk, kernel, initrd } = manifest.files;
  return { folder, manifest, bytes: disk.bytes + (kernel?.bytes ?? 0) + (initrd?.bytes ?? 0), current };
}

/** Names of the files in a version's folder. */
export const FILES = { disk: 'disk.qcow2', kernel: 'kernel', initrd: 'initrd', key: 'key', manifest: 'manifest.json' } as const;

/** SHA-256 and size of a file. */
export async function describeFile(path: string, signal: AbortSignal): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash, { signal });
  return { sha256: hash.digest('hex'), bytes: (await stat(path)).size };
}

/** The digest of a version; see `Manifest.digest`. `key` is the private key of `fixed` access. */
export function digestOf({ files, boot, access }: Pick<Manifest, 'files' | 'boot' | 'access'>, key: string | null): string {
  const parts = [files.disk.sha256, files.kernel?.sha256 ?? null, files.initrd?.sha256 ?? null, boot, access, key];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** The manifest in a folder, which must be that of a version. `invalid`, with what is wrong, if it cannot be read; null if there is none. */
export async function readManifest(folder: string, name: string, digest: string): Promise<Manifest | null> {
  const path = join(folder, FILES.manifest);
  const text = await readFile(path, 'utf8').catch(nothing);
  if (text === null) return null;
  const parsed = Manifest.safeParse(parseJson(text));
  if (!parsed.success) throw new PluginError('invalid', `${path} is no description of an image: ${parsed.error.issues.map(issueText).join('; ')}.`);
  const { data } = parsed;
  if (data.name !== name || data.digest !== digest) throw new PluginError('invalid', `${path} describes another image: ${data.name} ${data.digest}.`);
  return data;
}

function issueText({ path, message }: { readonly path: PropertyKey[]; readonly message: string }): string {
  return `${path.map(String).join('.')} ${message}`.trim();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not even JSON: no manifest fits it.
    return undefined;
  }
}

function nothing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
  throw error;
}
