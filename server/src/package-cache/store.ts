import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Head } from './download.ts';

/** What is written beside each file. */
const Card = z.object({
  key: z.string(),
  origin: z.string(),
  contentType: z.string().nullable(),
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
  bytes: z.number().int().nonnegative(),
  /** When the origin was last asked, milliseconds since 1970. */
  checkedAt: z.number(),
  usedAt: z.number(),
});
type Card = z.infer<typeof Card>;

/** A file that is kept. */
export interface Entry extends Readonly<Omit<Card, 'key' | 'usedAt' | 'bytes'>> {
  readonly key: string;
  readonly size: number;
  /** Its path on this computer. */
  readonly file: string;
}

interface Kept {
  readonly id: string;
  readonly card: Card;
}

/**
 * Files by keys, in a folder of one's own: `files/ID` and what is known of it in `files/ID.json`, which is written last, so that a file is there whole or not at all. One
 * process at a time.
 */
export class CacheStore {
  private readonly kept = new Map<string, Kept>();
  private total = 0;
  private drafts = 0;
  private readonly openedAt = Date.now();

  private constructor(
    private readonly folder: string,
    readonly largest: number,
  ) {}

  /** Reads what there is; what a killed process has left half is removed. `largest`: bytes of all files together. */
  static async open(folder: string, largest: number): Promise<CacheStore> {
    const store = new CacheStore(folder, largest);
    await rm(join(folder, 'drafts'), { recursive: true, force: true });
    for (const each of ['drafts', 'files']) await mkdir(join(folder, each), { recursive: true, mode: 0o700 });
    await store.load();
    await store.evict(null);
    return store;
  }

  /** Bytes of all files. */
  get bytes(): number {
    return this.total;
  }

  /** How many files there are of each origin, and their bytes. */
  sums(): Map<string, { files: number; bytes: number }> {
    const sums = new Map<string, { files: number; bytes: number }>();
    for (const { card } of this.kept.values()) {
      const sum = sums.get(card.origin) ?? { files: 0, bytes: 0 };
      sums.set(card.origin, { files: sum.files + 1, bytes: sum.bytes + card.bytes });
    }
    return sums;
  }

  /** The file of a key; it counts as used now. */
  find(key: string): Entry | null {
    const found = this.kept.get(key);
    if (found === undefined) return null;
    found.card.usedAt = Date.now();
    const { bytes, usedAt: _, ...rest } = found.card;
    return { ...rest, size: bytes, file: this.fileOf(found.id) };
  }

  /** A path for bytes that come. */
  draft(): string {
    return join(this.folder, 'drafts', `${process.pid}-${(this.drafts += 1)}-${randomBytes(4).toString('hex')}`);
  }

  /** Keeps a draft, in place of what the key had; then removes what was not used for longest until all fits. */
  async keep(draft: string, { key, origin }: { readonly key: string; readonly origin: string }, head: Head, bytes: number): Promise<void> {
    const id = `${createHash('sha256').update(key).digest('hex')}-${randomBytes(4).toString('hex')}`;
    const { contentType, etag, lastModified } = head;
    const now = Date.now();
    await rename(draft, this.fileOf(id));
    await this.write(id, { key, origin, contentType, etag, lastModified, bytes, checkedAt: now, usedAt: now });
    await this.evict(key);
  }

  /** The origin says that the file of a key has not changed. */
  async confirm(key: string): Promise<void> {
    const found = this.kept.get(key);
    if (found !== undefined) await this.writeCard(found.id, Object.assign(found.card, { checkedAt: Date.now() }));
  }

  async remove(key: string): Promise<void> {
    const found = this.kept.get(key);
    if (found === undefined) return;
    this.kept.delete(key);
    this.total -= found.card.bytes;
    await this.removeFiles(found.id);
  }

  /** Writes down when files were last used, for the next process. */
  async close(): Promise<void> {
    for (const { id, card } of this.kept.values()) if (card.usedAt > this.openedAt) await this.writeCard(id, card);
  }

  private async write(id: string, card: Card): Promise<void> {
    await this.writeCard(id, card);
    const before = this.kept.get(card.key);
    this.kept.set(card.key, { id, card });
    this.total += card.bytes - (before?.card.bytes ?? 0);
    if (before !== undefined) await this.removeFiles(before.id);
  }

  private async writeCard(id: string, card: Card): Promise<void> {
    const draft = this.draft();
    await writeFile(draft, JSON.stringify(card), { mode: 0o600 });
    await rename(draft, `${this.fileOf(id)}.json`);
  }

  private async evict(newest: string | null): Promise<void> {
    if (this.total <= this.largest) return;
    for (const [key] of [...this.kept].toSorted(([, one], [, other]) => one.card.usedAt - other.card.usedAt)) {
      if (this.total <= this.largest) return;
      if (key !== newest) await this.remove(key);
    }
  }

  private async load(): Promise<void> {
    const names = await readdir(join(this.folder, 'files'));
    const there = new Set(names);
    for (const name of names) {
      const id = name.replace(/\.json$/, '');
      if (id !== name && there.has(id) && (await this.loadOne(id))) continue;
      if (id === name && there.has(`${id}.json`)) continue;
      await this.removeFiles(id);
    }
  }

  private async loadOne(id: string): Promise<boolean> {
    const text = await readFile(`${this.fileOf(id)}.json`, 'utf8');
    const card = Card.safeParse(parsed(text));
    if (!card.success) return false;
    const before = this.kept.get(card.data.key);
    if (before !== undefined && before.card.checkedAt >= card.data.checkedAt) return false;
    if (before !== undefined) await this.remove(card.data.key);
    this.kept.set(card.data.key, { id, card: card.data });
    this.total += card.data.bytes;
    return true;
  }

  /** The card first: a file without one is nothing. */
  private async removeFiles(id: string): Promise<void> {
    await rm(`${this.fileOf(id)}.json`, { force: true });
    await rm(this.fileOf(id), { force: true });
  }

  private fileOf(id: string): string {
    return join(this.folder, 'files', id);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not what we write: it is removed like anything else that is none of ours.
    return null;
  }
}
