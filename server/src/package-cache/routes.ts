import { CoreError } from '../common/errors.ts';
import { type Digest, type OriginConfig, type Wanted, urlBelow } from './origin.ts';
import { SIMPLE_JSON } from './simple-page.ts';

/** What a path of a `pypi` origin means. */
export type PypiRoute =
  | { readonly kind: 'project'; readonly project: string; readonly wanted: Wanted }
  | { readonly kind: 'file'; readonly project: string; readonly sha256: string | null; readonly filename: string };

const PROJECT = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,126}[A-Za-z0-9])?$/;
const NONE = '-';

/** A project's name as indexes write it. Source: PEP 503. */
export function normalized(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}

/** `simple/PROJECT/` or `files/PROJECT/SHA256/FILENAME`. `parts` as `pathParts` gives them. Throws `not-found` for anything else. */
export function pypiRoute(origin: OriginConfig, parts: readonly string[], wantsJson: boolean): PypiRoute {
  const [first, project = '', sum = '', filename = '', ...more] = parts;
  if (first === 'simple' && PROJECT.test(project) && parts.length === 2)
    return { kind: 'project', project: normalized(project), wanted: projectPage(origin, normalized(project), wantsJson) };
  if (first === 'files' && PROJECT.test(project) && filename !== '' && more.length === 0 && (sum === NONE || /^[0-9a-f]{64}$/.test(sum)))
    return { kind: 'file', project: normalized(project), sha256: sum === NONE ? null : sum, filename };
  throw new CoreError('not-found', `There are pages of projects here, as ${origin.name}/simple/pip/, and their files; no list of all projects.`);
}

/** Where a file of a project is, below the cache. */
export function filePath(origin: OriginConfig, project: string, file: { readonly sha256: string | null; readonly filename: string }): string {
  return `/${origin.name}/files/${project}/${file.sha256 ?? NONE}/${encodeURIComponent(file.filename)}`;
}

/** The page of a project, in the form that a client reads. */
export function projectPage(origin: OriginConfig, project: string, wantsJson: boolean): Wanted {
  const accept = wantsJson ? `${SIMPLE_JSON}, text/html;q=0.2` : 'application/vnd.pypi.simple.v1+html, text/html;q=0.9';
  const key = `${origin.name} ${origin.url} page ${wantsJson ? 'json' : 'html'} ${project}`;
  return { origin, key, url: urlBelow(origin, [project], '/'), accept, kind: 'page', digest: null, keep: true };
}

/** The key of a file of an index whose checksum is known: wherever the index has it. */
export function checkedKey(origin: OriginConfig, sha256: string): string {
  return `${origin.name} sha256 ${sha256}`;
}

/** A file of an index. Without a checksum it is passed on and not kept, for nobody could say whether it is what it was. */
export function indexFile(origin: OriginConfig, url: URL, sha256: string | null): Wanted {
  const common = { origin, url, accept: null, kind: 'file' } as const;
  if (sha256 === null) return { ...common, key: `${origin.name} unchecked ${url.href}`, digest: null, keep: false };
  return { ...common, key: checkedKey(origin, sha256), digest: { algorithm: 'sha256', hex: sha256 }, keep: true };
}

/** Packages by their versions, and lists by their checksums, never change; lists by their names do. Source: Debian's repository format. */
const PACKAGE = /\.(?:deb|udeb|ddeb|dsc|diff\.gz|asc|tar\.(?:gz|xz|bz2|zst|lzma))$/;
const ALGORITHMS: Readonly<Record<string, Digest['algorithm']>> = { SHA256: 'sha256', SHA512: 'sha512' };

/** What a path of an `apt` origin means. Throws `not-found` for a folder. */
export function aptWanted(origin: OriginConfig, parts: readonly string[]): Wanted {
  const last = parts.at(-1) ?? '';
  if (parts.length < 2) throw new CoreError('not-found', 'There are files of an archive here, and no lists of folders.');
  const common = { origin, key: `${origin.name} ${origin.url} apt ${parts.join('/')}`, url: urlBelow(origin, parts), accept: null, keep: true };
  const [holder, algorithm = ''] = parts.slice(-3);
  if (holder === 'by-hash') return { ...common, kind: 'file', digest: digestOf(ALGORITHMS[algorithm], last) };
  return { ...common, kind: PACKAGE.test(last) ? 'file' : 'page', digest: null };
}

/** What a path of a `python-build` origin means. Throws `not-found` for all that is no checksum. */
export function sumWanted(origin: OriginConfig, parts: readonly string[]): Wanted {
  const [sum = '', ...more] = parts;
  if (more.length > 0 || !/^[0-9a-f]{64}$/.test(sum))
    throw new CoreError('not-found', 'There are files here, called by their SHA-256, and nothing else.');
  const digest = { algorithm: 'sha256', hex: sum } as const;
  return { origin, key: checkedKey(origin, sum), url: urlBelow(origin, parts), accept: null, kind: 'file', digest, keep: true };
}

function digestOf(algorithm: Digest['algorithm'] | undefined, hex: string): Digest | null {
  return algorithm === undefined ? null : { algorithm, hex };
}
