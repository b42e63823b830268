/** Bytes of a log from `start`; may be fewer than the block has (one very long line is not read whole). */
export interface Block {
  start: number;
  bytes: Uint8Array;
  /** Where the block ended when it was read: bytes that are missing before it are not to be had. */
  end: number;
}

/** Keeps blocks of a log by their place, the most recently used ones, up to a number of bytes. */
export class BlockCache {
  private readonly blocks = new Map<number, Block>();
  private held = 0;

  constructor(private readonly limit: number) {}

  /** Bytes held now. */
  get bytes(): number {
    return this.held;
  }

  /** The block that begins at `start`, which is now the most recently used. */
  get(start: number): Block | null {
    const block = this.blocks.get(start);
    if (!block) return null;
    this.blocks.delete(start);
    this.blocks.set(start, block);
    return block;
  }

  /** Keeps a block in the place of an older one; forgets the longest unused ones above the limit, but never the new one. */
  set(block: Block): void {
    this.delete(block.start);
    this.blocks.set(block.start, block);
    this.held += block.bytes.length;
    for (const oldest of this.blocks.keys()) {
      if (this.held <= this.limit || oldest === block.start) break;
      this.delete(oldest);
    }
  }

  delete(start: number): void {
    const block = this.blocks.get(start);
    if (!block) return;
    this.blocks.delete(start);
    this.held -= block.bytes.length;
  }
}
