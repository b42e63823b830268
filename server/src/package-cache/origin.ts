import { CoreError } from '../common/errors.ts';

/**
 * Where packages come from. `pypi`: a simple index (PEP 503, PEP 691); `apt`: an archive with `dists/` and `pool/`; `python-build`: a mirror of what python-build downloads, files that are
 * called by their SHA-256 ("Package download mirrors" in its README).
 */
export interface OriginConfig {
  /** The first part of its paths here: small letters, digits and dashes. */
  readonly name: string;
  readonly kind: 'pypi' | 'apt' | 'python-build';
  /** Without a slash at the end. */
  readonly url: string;
  /** Hosts besides its own that its files may be on, `HOST` or `HOST:PORT`; no other is ever asked. */
  readonly fileHosts: readonly string[];
}

/** What bytes must be. */
export interface Digest {
  readonly algorithm: 'sha256' | 'sha512';
  readonly hex: string;
}

/** Something of an origin. */
export interface Wanted {
  readonly origin: OriginConfig;
  /** Tells it from everything else in the cache. */
  readonly key: string;
  /** Where the origin has it. */
  readonly url: URL;
  /** Which of several forms of it is asked for; null: whichever there is. */
  readonly accept: string | null;
  /** `file`: never changes under its name. `page`: the origin is asked again whether it has changed. */
  readonly kind: 'file' | 'page';
  /** Null: nobody has said, so that only its length can be checked. */
  readonly digest: Digest | null;
  /** Whether it may be kept. A file of an index that gives no checksum for it is only passed on. */
  readonly keep: boolean;
}

const LONGEST_PATH = 1024;
/** What stands for itself in a path: unreserved characters, and those of Debian's file names. */
const PLAIN = /^[A-Za-z0-9._~+:@=,!-]+$/;

/**
 * The parts of a path below an origin, decoded. Throws `invalid` for what could lead elsewhere: empty parts, `.` and `..`, encoded slashes, control characters.
 */
export function pathParts(path: string): string[] {
  if (path.length > LONGEST_PATH) throw new CoreError('invalid', 'The path is longer than 1024 characters.');
  return path.split('/').map((part) => decoded(part));
}

function decoded(part: string): string {
  try {
    const text = decodeURIComponent(part);
    if (PLAIN.test(text) && text !== '.' && text !== '..') return text;
  } catch (cause) {
    throw new CoreError('invalid', 'The path is not encoded as URLs are.', { cause });
  }
  throw new CoreError('invalid', 'The path has a part that no package has.');
}

/** The place below an origin's own, of parts as `pathParts` gives them. */
export function urlBelow(origin: OriginConfig, parts: readonly string[], end = ''): URL {
  return new URL(`${origin.url}/${parts.map((part) => encodeURIComponent(part).replaceAll(/%(2B|3A|7E|40)/g, decodeURIComponent)).join('/')}${end}`);
}

/** Whether an origin's files may be there: its own host or one that is configured for it, and never http where the origin itself is reached by https. */
export function mayAsk(origin: OriginConfig, url: URL): boolean {
  const own = new URL(origin.url);
  if (url.protocol !== 'https:' && (url.protocol !== 'http:' || own.protocol !== 'http:')) return false;
  if (url.username !== '' || url.password !== '') return false;
  return url.host === own.host || origin.fileHosts.includes(url.host);
}
