import { z } from 'zod';
import { CoreError } from '../common/errors.ts';

/** JSON of a simple index. Source: PEP 691, and for `core-metadata` PEP 714. */
export const SIMPLE_JSON = 'application/vnd.pypi.simple.v1+json';

const Hashes = z.record(z.string(), z.string());
const JsonPage = z.looseObject({
  files: z.array(
    z.looseObject({
      filename: z.string(),
      url: z.string(),
      hashes: Hashes.default({}),
      'core-metadata': z.union([z.boolean(), Hashes]).optional(),
      'dist-info-metadata': z.union([z.boolean(), Hashes]).optional(),
    }),
  ),
});

/** A file that a page of an index names. */
export interface IndexFile {
  readonly filename: string;
  readonly url: URL;
  /** Null: the index gives none. */
  readonly sha256: string | null;
  /** The checksum of `URL.metadata`; null: the index gives none. */
  readonly metadata: string | null;
}

/** Where the cache has a file of a page. */
export type Place = (file: IndexFile) => string;

const SHA256 = /^[0-9a-f]{64}$/;
const FILENAME = /^[A-Za-z0-9][A-Za-z0-9._+!-]{0,254}$/;
const ANCHOR = /<a\s+[^>]*>/gi;
const HREF = /(\shref\s*=\s*)(?:"([^"]*)"|'([^']*)')/i;
const METADATA = /\sdata-(?:core-metadata|dist-info-metadata)\s*=\s*["']sha256=([0-9a-f]{64})["']/i;

function isJson(contentType: string | null): boolean {
  return contentType?.startsWith(SIMPLE_JSON) === true;
}

/** The files that a page of a project names; `base` is where the page is. Throws `unavailable` for what is no such page. */
export function filesOf(text: string, contentType: string | null, base: URL): IndexFile[] {
  if (isJson(contentType)) return jsonPage(text).files.flatMap((file) => jsonFile(file, base) ?? []);
  return [...text.matchAll(ANCHOR)].flatMap(([anchor]) => htmlFile(anchor, base) ?? []);
}

/** The page with all its links leading to `place`. A link that is none to a file of a package is taken out. */
export function rewritten(text: string, contentType: string | null, base: URL, place: Place): string {
  if (!isJson(contentType)) return text.replaceAll(ANCHOR, (anchor) => rewriteAnchor(anchor, base, place)).replaceAll(/<base\b[^>]*>/gi, '');
  const page = jsonPage(text);
  const files = page.files.flatMap((entry) => {
    const file = jsonFile(entry, base);
    return file === null ? [] : [{ ...entry, url: place(file) }];
  });
  return JSON.stringify({ ...page, files });
}

function jsonPage(text: string): z.infer<typeof JsonPage> {
  try {
    return JsonPage.parse(JSON.parse(text));
  } catch (cause) {
    throw new CoreError('unavailable', 'What the origin says is no page of a package index.', { cause });
  }
}

function jsonFile(entry: z.infer<typeof JsonPage>['files'][number], base: URL): IndexFile | null {
  const metadata = entry['core-metadata'] ?? entry['dist-info-metadata'];
  return fileAt(entry.url, base, { sha256: entry.hashes['sha256'], metadata: typeof metadata === 'object' ? metadata['sha256'] : undefined });
}

function htmlFile(anchor: string, base: URL): IndexFile | null {
  const [, , double, single] = HREF.exec(anchor) ?? [];
  const href = unescapeHtml(double ?? single ?? '');
  const [address = '', fragment = ''] = href.split('#', 2);
  return fileAt(address, base, { sha256: /(?:^|&)sha256=([0-9a-f]{64})(?:&|$)/.exec(fragment)?.[1], metadata: METADATA.exec(anchor)?.[1] });
}

function fileAt(address: string, base: URL, sums: { readonly sha256: string | undefined; readonly metadata: string | undefined }): IndexFile | null {
  if (address === '' || !URL.canParse(address, base.href)) return null;
  const url = new URL(address, base);
  url.hash = '';
  const filename = decodedName(url.pathname.slice(url.pathname.lastIndexOf('/') + 1));
  if (filename === null) return null;
  return { filename, url, sha256: sumOf(sums.sha256), metadata: sumOf(sums.metadata) };
}

function sumOf(text: string | undefined): string | null {
  return text !== undefined && SHA256.test(text) ? text : null;
}

function decodedName(text: string): string | null {
  try {
    const name = decodeURIComponent(text);
    return FILENAME.test(name) ? name : null;
  } catch {
    // Not encoded as URLs are, so no file that anybody could ask for.
    return null;
  }
}

function rewriteAnchor(anchor: string, base: URL, place: Place): string {
  const file = htmlFile(anchor, base);
  if (file === null) return '<a>';
  const sum = file.sha256 === null ? '' : `#sha256=${file.sha256}`;
  return anchor.replace(HREF, (_, before: string) => `${before}"${place(file)}${sum}"`);
}

function unescapeHtml(text: string): string {
  return text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&#43;', '+').replaceAll('&amp;', '&');
}
