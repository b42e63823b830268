import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { PluginError } from '#plugins/api';
import { isRefName } from '#plugins/kit/git-ref';

/** An archive of sources: where it is and what it must be. */
export interface ArchiveUrl {
  /** Null: it is on this computer. */
  readonly url: URL | null;
  /** Absolute path on this computer; null: it is elsewhere. */
  readonly file: string | null;
  /** SHA-256 in hex. */
  readonly sha256: string;
  /** The file's name without its ending, `Python-3.12.4`: it stands for a branch. */
  readonly name: string;
}

const FRAGMENT = /#sha256=([0-9a-f]{64})$/i;
const ENDING = /\.(?:tar\.gz|tgz)$/i;
const LONGEST = 2048;

/**
 * Reads `https://HOST/Python-3.12.4.tgz#sha256=HEX`, the same of http, a file URL or an absolute path: a tar archive packed by gzip, and its checksum, without which nobody could say what
 * revision it is. Throws `invalid` with a sentence that does not repeat it.
 */
export function parseArchiveUrl(text: string): ArchiveUrl {
  const [fragment, sum] = FRAGMENT.exec(text) ?? [];
  if (fragment === undefined || sum === undefined) throw invalid('does not end in #sha256= and the 64 digits of its checksum');
  const plain = text.slice(0, -fragment.length);
  if (text.length > LONGEST || /[\s\u0000-\u001f\u007f#?]/.test(plain)) throw invalid('is too long, or holds blanks, a query or control characters');
  const place = placeOf(plain);
  const name = nameOf(place.file ?? place.url?.pathname ?? '');
  return { ...place, sha256: sum.toLowerCase(), name };
}

/** Whether `parseArchiveUrl` would take it. */
export function isArchiveUrl(text: string): boolean {
  try {
    parseArchiveUrl(text);
    return true;
  } catch (error) {
    if (error instanceof PluginError) return false;
    throw error;
  }
}

function placeOf(plain: string): Pick<ArchiveUrl, 'url' | 'file'> {
  if (plain.startsWith('/')) return { url: null, file: path.normalize(plain) };
  if (!/^(?:https?|file):\/\//i.test(plain) || !URL.canParse(plain)) throw invalid('is neither an https or file URL nor an absolute path');
  const url = new URL(plain);
  if (url.username !== '' || url.password !== '') throw invalid('holds a user or password: give them as credentials');
  if (url.protocol !== 'file:') return { url, file: null };
  if (url.host !== '') throw invalid('is a file of another computer');
  return { url: null, file: localPath(url) };
}

function localPath(url: URL): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new PluginError('invalid', 'The URL of the archive is not encoded as URLs of files are.', { cause });
  }
}

function nameOf(place: string): string {
  const base = path.posix.basename(place);
  if (!ENDING.test(base)) throw invalid('does not name a .tar.gz or .tgz file');
  const name = base.replace(ENDING, '');
  if (!isRefName(name)) throw invalid('names a file that no branch could be called after');
  return name;
}

function invalid(what: string): PluginError {
  return new PluginError('invalid', `The URL of the archive ${what}.`);
}
