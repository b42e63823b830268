import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import type { Logger } from '#plugins/api';
import { CoreError, isSystemError } from '../common/errors.ts';
import type { CacheCounts } from './counts.ts';
import { Download, type Head } from './download.ts';
import type { Wanted } from './origin.ts';
import { askOrigin } from './origin-client.ts';
import { Places } from './places.ts';
import type { CacheStore, Entry } from './store.ts';

/** How many files are fetched from origins at the same time; who wants more waits. */
const AT_ONCE = 32;

/** Something that was asked for, and how to read it. */
export interface Found {
  readonly head: Head;
  /** `hit`: the origin had to send nothing of it for this. */
  readonly by: 'hit' | 'miss';
  /** Since when it is known to be so, milliseconds since 1970; null: just now. */
  readonly stale: number | null;
  read(from: number, until: number | null): AsyncIterable<Buffer>;
}

/** What a question to an origin has led to. */
type Answer = { readonly kind: 'same' } | { readonly kind: 'new'; readonly download: Download };

export interface FetcherParts {
  readonly store: CacheStore;
  readonly counts: CacheCounts;
  readonly logger: Logger;
  /** How long a page is taken for what it was. Milliseconds. */
  readonly freshMs: number;
}

/** Gives what the store has, else what the origin sends; two who ask for the same at once cause one question. Nothing but what an origin sent is ever kept. */
export class Fetcher {
  private readonly under = new Map<string, Promise<Answer>>();
  private readonly ends = new Set<Promise<void>>();
  private readonly places = new Places(AT_ONCE);
  private readonly closing = new AbortController();

  constructor(private readonly parts: FetcherParts) {}

  /** Throws `not-found` for what the origin has not, `unavailable` if it does not answer and nothing is kept. */
  async get(wanted: Wanted): Promise<Found> {
    const { store, freshMs } = this.parts;
    const kept = wanted.keep ? store.find(wanted.key) : null;
    if (kept !== null && (wanted.kind === 'file' || Date.now() - kept.checkedAt < freshMs)) return keptFile(kept, null);
    const joined = this.under.get(wanted.key);
    try {
      const answer = await (joined ?? this.ask(wanted, kept));
      if (answer.kind === 'new') return coming(answer.download, joined === undefined ? 'miss' : 'hit');
    } catch (error) {
      if (kept === null || !(error instanceof CoreError) || error.code === 'not-found') throw error;
      this.parts.logger.warn('an origin of packages does not answer; what is kept is given', { origin: wanted.origin.name, error });
      return keptFile(kept, kept.checkedAt);
    }
    const same = store.find(wanted.key);
    if (same === null) throw new CoreError('unavailable', 'What the origin says is unchanged was removed meanwhile: ask again.');
    return keptFile(same, null);
  }

  /** What is kept, whatever the origin says by now; null if nothing is. */
  kept(key: string): Found | null {
    const kept = this.parts.store.find(key);
    return kept === null ? null : keptFile(kept, null);
  }

  /** Breaks off what is under way. */
  close(): void {
    this.closing.abort(new CoreError('unavailable', 'The package cache stops: ask again.'));
  }

  /** Waits for what is under way. */
  async idle(): Promise<void> {
    while (this.under.size + this.ends.size > 0) await Promise.allSettled([...this.under.values(), ...this.ends]);
  }

  private ask(wanted: Wanted, kept: Entry | null): Promise<Answer> {
    const asking = this.places.take(() => this.question(wanted, kept));
    this.under.set(wanted.key, asking);
    asking.then(
      (answer) => {
        if (answer.kind === 'same') this.forget(wanted.key, asking);
        else this.follow(wanted, asking, answer.download);
      },
      () => this.forget(wanted.key, asking),
    );
    return asking;
  }

  private forget(key: string, asking: Promise<Answer>): void {
    if (this.under.get(key) === asking) this.under.delete(key);
  }

  private async question(wanted: Wanted, kept: Entry | null): Promise<Answer> {
    const { origin, key, url, accept, digest } = wanted;
    const { store, counts } = this.parts;
    const answer = await askOrigin({ origin, url, accept, known: kept }, this.closing.signal);
    const status = answer.statusCode ?? 0;
    if (status === 200) {
      assertReadable(answer, wanted);
      const counted = (bytes: number): void => counts.fetched(origin.name, bytes);
      return { kind: 'new', download: await Download.begin(answer, { file: store.draft(), digest, largest: store.largest, counted }) };
    }
    answer.destroy();
    if (status === 304 && kept !== null) {
      await store.confirm(key);
      return { kind: 'same' };
    }
    if (status === 404 || status === 410) throw new CoreError('not-found', `The origin ${origin.name} has no such file.`);
    throw new CoreError('unavailable', `The origin ${origin.name} answers with ${status}.`);
  }

  /** Keeps what has come when it is whole. */
  private follow(wanted: Wanted, asking: Promise<Answer>, download: Download): void {
    const over = (): void => this.forget(wanted.key, asking);
    const end = this.finish(wanted, download, over).finally(() => this.ends.delete(end));
    this.ends.add(end);
  }

  /** `over`: whoever comes from now on finds it in the store, or asks anew. */
  private async finish(wanted: Wanted, download: Download, over: () => void): Promise<void> {
    const { store, counts, logger } = this.parts;
    const { origin, key, keep } = wanted;
    try {
      await download.whole;
      if (keep) await store.keep(download.file, { key, origin: origin.name }, download.head, download.size);
      counts.trouble(origin.name, null);
    } catch (error) {
      counts.trouble(origin.name, error instanceof Error ? error.message : String(error));
      logger.warn('a download for the package cache has failed', { origin: origin.name, url: wanted.url.href, error });
    } finally {
      over();
      await rm(download.file, { force: true });
      await download.release();
    }
  }
}

/** The whole of a page as a text. */
export async function textOf(found: Found): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of found.read(0, null)) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

function coming(download: Download, by: Found['by']): Found {
  return { head: download.head, by, stale: null, read: (from, until) => download.read(from, until) };
}

/** A page that is read here must be a text as it is; what is only passed on may be packed. */
function assertReadable(answer: IncomingMessage, { origin, accept }: Wanted): void {
  const encoding = answer.headers['content-encoding'] ?? 'identity';
  if (accept === null || encoding === 'identity') return;
  answer.destroy();
  throw new CoreError('unavailable', `The origin ${origin.name} sends a page packed as ${encoding}, which was not asked for.`);
}

function keptFile(entry: Entry, stale: number | null): Found {
  return {
    head: entry,
    by: 'hit',
    stale,
    read: (from, until) => readKept(entry.file, from, until),
  };
}

async function* readKept(file: string, from: number, until: number | null): AsyncGenerator<Buffer> {
  if (until !== null && until <= from) return;
  try {
    for await (const piece of createReadStream(file, { start: from, ...(until === null ? {} : { end: until - 1 }) })) yield Buffer.from(piece);
  } catch (error) {
    // It was the one not used for longest, just now.
    if (isSystemError(error, 'ENOENT')) throw new CoreError('unavailable', 'The file has just left the package cache: ask again.', { cause: error });
    throw error;
  }
}
