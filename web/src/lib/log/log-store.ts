import type { LogIndex } from '#server/api';
import type { LiveLogEvent } from '../../api/live-events.ts';
import { BlockCache, type Block } from './block-cache.ts';
import { LineIndex, type BlockPlace } from './line-index.ts';
import { BlockText, type TextLine } from './log-text.ts';

/** At most this much of one block is read: only a very long line makes a block longer. */
export const BLOCK_READ_LIMIT = 256 * 1024;
const CACHE_BYTES = 24 * 1024 * 1024;

/** A place in a block for one line. */
interface LinePlace {
  place: BlockPlace;
  line: number;
}

/** One log as far as it is here: its index, and blocks that were read or came live. Knows nothing of pages or requests. */
export class LogStore {
  readonly index: LineIndex;
  private readonly cache = new BlockCache(CACHE_BYTES);
  private readonly texts = new WeakMap<Block, BlockText>();

  constructor(index: LogIndex) {
    this.index = new LineIndex(index);
  }

  /** A line; null if it is not here (yet). `limit`: characters at most. */
  lineAt(line: number, limit?: number): TextLine | null {
    const found = this.find(line);
    return found?.text.line(found.line, limit) ?? null;
  }

  /** A line's plain text; null if it is not here (yet). */
  plainAt(line: number): string | null {
    const found = this.find(line);
    return found && found.line < found.text.count ? found.text.plain(found.line) : null;
  }

  /** The blocks of lines [from, to) that are not here. */
  missing(from: number, to: number): BlockPlace[] {
    const places: BlockPlace[] = [];
    for (let place = this.index.blockOfLine(from); place && place.firstLine < to; place = this.index.blockOfLine(place.endLine)) {
      if (!this.has(place)) places.push(place);
    }
    return places;
  }

  has(place: BlockPlace): boolean {
    const block = this.cache.get(place.start);
    return block !== null && (block.end === place.end || block.bytes.length >= Math.min(place.end - place.start, BLOCK_READ_LIMIT));
  }

  /** Keeps bytes that were read for a block; fewer than it has where the server has no more (a log that was cut): it is not asked again. */
  put(place: BlockPlace, bytes: Uint8Array): void {
    this.cache.set({ start: place.start, bytes, end: place.end });
  }

  /** The log has grown by `bytes`, which end at the event's size and begin at or before what is known. */
  grow(event: Pick<LiveLogEvent, 'size' | 'lines' | 'at'>, bytes: Uint8Array): void {
    const before = this.index.size;
    const tail = this.index.blocksFrom(before)[0];
    const fresh = bytes.subarray(Math.max(0, bytes.length - (event.size - before)));
    this.index.grow(fresh, event.size, event.lines, event.at);
    if (tail) this.extend(tail.start, before, fresh);
  }

  /** Appends to the last block where it is here whole, and cuts it where new blocks begin in it. */
  private extend(start: number, before: number, fresh: Uint8Array): void {
    const known = before === start ? new Uint8Array() : this.cache.get(start)?.bytes;
    if (!known || known.length !== before - start) return;
    const whole = new Uint8Array(known.length + fresh.length);
    whole.set(known);
    whole.set(fresh, known.length);
    for (const place of this.index.blocksFrom(start)) this.put(place, whole.slice(place.start - start, place.end - start));
  }

  private find(line: number): { text: BlockText; line: number } | null {
    const place = this.placeOf(line);
    const block = place ? this.cache.get(place.place.start) : null;
    return place && block ? { text: this.textOf(block, place.place), line: place.line } : null;
  }

  private placeOf(line: number): LinePlace | null {
    const place = this.index.blockOfLine(line);
    return place ? { place, line: line - place.firstLine } : null;
  }

  private textOf(block: Block, place: BlockPlace): BlockText {
    const known = this.texts.get(block);
    if (known) return known;
    const text = new BlockText(block.bytes, block.bytes.length >= place.end - place.start);
    this.texts.set(block, text);
    return text;
  }
}
