import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { PluginError, type RepositoryCredentials, isPluginError } from '#plugins/api';
import type { ArchiveUrl } from './archive-url.ts';
import { get } from './get.ts';

/** Bounds of a download. */
export interface DownloadLimits {
  readonly timeoutMs: number;
  readonly bytes: number;
}

/**
 * Brings an archive into a folder, if it is what its checksum says. Returns the file. Throws `not-found`, `unauthorized`, `unavailable`, `rejected`, or `invalid` for one that is too large or
 * another one.
 */
export async function download(
  archive: ArchiveUrl,
  credentials: RepositoryCredentials | null,
  into: string,
  limits: DownloadLimits,
  signal: AbortSignal,
): Promise<string> {
  signal.throwIfAborted();
  const timeout = AbortSignal.timeout(limits.timeoutMs);
  const file = path.join(into, 'archive');
  const either = AbortSignal.any([signal, timeout]);
  try {
    const content = archive.url === null ? await local(archive.file ?? '') : await remote(archive.url, credentials, either);
    const hash = createHash('sha256');
    await pipeline(content, meter(limits.bytes, hash), createWriteStream(file, { mode: 0o600 }), { signal: either });
    assertSame(archive, hash.digest('hex'));
    return file;
  } catch (cause) {
    signal.throwIfAborted();
    if (isPluginError(cause)) throw cause;
    const why = timeout.aborted ? 'it takes too long' : reasonOf(cause);
    throw new PluginError('unavailable', `${archive.name} cannot be fetched from ${hostOf(archive)} (${why}): try again later.`, { cause });
  }
}

async function local(file: string): Promise<Readable> {
  const found = await lstat(file).catch((cause: unknown) => {
    if (!(cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR'))) throw cause;
    throw new PluginError('not-found', `There is no file ${file}.`, { cause });
  });
  if (!found.isFile()) throw new PluginError('invalid', `${file} is no plain file.`);
  return createReadStream(file);
}

async function remote(url: URL, credentials: RepositoryCredentials | null, signal: AbortSignal): Promise<Readable> {
  if (credentials?.kind === 'ssh-key')
    throw new PluginError('invalid', 'Archives are fetched by https: a key for ssh opens nothing there. Give a user and a password.');
  const answer = await get(url, credentials, signal);
  const { statusCode = 0 } = answer;
  if (statusCode === 200) return answer;
  answer.destroy();
  throw refusal(url.host, statusCode);
}

function refusal(host: string, status: number): PluginError {
  if (status === 404 || status === 410) return new PluginError('not-found', `${host} has no such archive (any more): it answers ${status}.`);
  if (status === 401 || status === 403)
    return new PluginError('unauthorized', `${host} does not give this archive to whoever asks: it answers ${status}.`);
  if (status === 429 || status >= 500) return new PluginError('unavailable', `${host} answers ${status}: try again later.`);
  return new PluginError('rejected', `${host} answers ${status} instead of the archive.`);
}

function meter(largest: number, hash: ReturnType<typeof createHash>): Transform {
  const tooLarge = `The archive is larger than ${largest} bytes: an administrator says how large one may be in \`largestMegabytes\`.`;
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      hash.update(chunk);
      done(bytes > largest ? new PluginError('invalid', tooLarge) : null, chunk);
    },
  });
}

/** Of a file of this computer not even its checksum is told to whoever asks. */
function assertSame({ sha256, name, url }: ArchiveUrl, found: string): void {
  if (found === sha256) return;
  const other = url === null ? 'another checksum than' : `the checksum ${found}, not`;
  throw new PluginError('invalid', `What is there as ${name} has ${other} the one of its URL: it is another archive, or was changed on its way.`);
}

function hostOf({ url }: ArchiveUrl): string {
  return url === null ? 'this computer' : url.host;
}

/** The code that Node has for it, of the error itself or of what was the matter. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'no reason given';
}
