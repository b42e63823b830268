import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { CacheCounts } from './counts.ts';
import type { Head } from './download.ts';
import type { Found } from './fetcher.ts';

/** Bytes of a file: from the first to before the second; null: all of it. */
export type Range = readonly [number, number] | null | 'impossible';

/** Which bytes are asked for. Several ranges at once, and a range of another version than there is, mean all of it. Pure. Source: RFC 9110, 14. */
export function rangeOf(headers: IncomingHttpHeaders, head: Pick<Head, 'size' | 'etag' | 'lastModified'>): Range {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(headers.range ?? '');
  const condition = headers['if-range'];
  if (match === null || head.size === null || (condition !== undefined && condition !== head.etag && condition !== head.lastModified)) return null;
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return null;
  const from = first === '' ? Math.max(0, head.size - Number(last)) : Number(first);
  const until = first === '' || last === '' ? head.size : Math.min(head.size, Number(last) + 1);
  return from < until ? [from, until] : 'impossible';
}

/** Whether the client has it already. Pure. */
export function isSame(headers: IncomingHttpHeaders, head: Pick<Head, 'etag' | 'lastModified'>): boolean {
  const tags = headers['if-none-match'];
  if (tags !== undefined) return head.etag !== null && tags.split(/\s*,\s*/).includes(head.etag);
  const since = Date.parse(headers['if-modified-since'] ?? '');
  const changed = Date.parse(head.lastModified ?? '');
  return !Number.isNaN(since) && !Number.isNaN(changed) && changed <= since;
}

/** What every answer says: nothing in it is for a browser to run. */
const SAFE = { 'x-content-type-options': 'nosniff', 'content-security-policy': "sandbox; default-src 'none'" };

/** Sends what was found, or the part that is wanted. Throws what reading it throws; the connection is broken off then, so that nobody takes a part for the whole. */
export async function send(
  response: ServerResponse,
  found: Found,
  {
    headers,
    isHead,
    origin,
    counts,
  }: { readonly headers: IncomingHttpHeaders; readonly isHead: boolean; readonly origin: string; readonly counts: CacheCounts },
): Promise<void> {
  const { head } = found;
  counts.asked(origin, found.by);
  if (isSame(headers, head)) return void response.writeHead(304, headersOf(found)).end();
  const range = rangeOf(headers, head);
  if (range === 'impossible') return void response.writeHead(416, { ...SAFE, 'content-range': `bytes */${head.size}` }).end();
  const [from, until] = range ?? [0, head.size];
  const length = until === null ? {} : { 'content-length': String(until - from) };
  const part = range === null ? {} : { 'content-range': `bytes ${from}-${(until ?? 0) - 1}/${head.size}` };
  response.writeHead(range === null ? 200 : 206, { ...headersOf(found), ...length, ...part });
  if (isHead) return void response.end();
  try {
    for await (const piece of found.read(from, until)) {
      if (response.destroyed) return;
      counts.served(origin, piece.length);
      if (!response.write(piece)) await drained(response);
    }
  } catch (error) {
    response.destroy();
    throw error;
  }
  response.end();
}

/** A text of our own making. */
export function sendText(response: ServerResponse, status: number, contentType: string, text: string, isHead: boolean): void {
  const bytes = Buffer.from(text);
  response.writeHead(status, { ...SAFE, 'content-type': contentType, 'content-length': String(bytes.length) });
  response.end(isHead ? undefined : bytes);
}

function headersOf({ head, by, stale }: Found): Record<string, string> {
  return {
    ...SAFE,
    'accept-ranges': 'bytes',
    'content-type': head.contentType ?? 'application/octet-stream',
    'x-terrarium-cache': stale === null ? by : 'stale',
    ...(head.etag === null ? {} : { etag: head.etag }),
    ...(head.lastModified === null ? {} : { 'last-modified': head.lastModified }),
  };
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.once('drain', done);
    response.once('close', done);
  });
}
