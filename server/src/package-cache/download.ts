import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { CoreError } from '../common/errors.ts';
import type { Digest } from './origin.ts';

const PIECE = 256 * 1024;

/** What an answer says of its body. Null where it says nothing. */
export interface Head {
  readonly contentType: string | null;
  readonly etag: string | null;
  readonly lastModified: string | null;
  /** Bytes. */
  readonly size: number | null;
}

/** The head of an answer with a body. */
export function headOf({ headers }: IncomingMessage): Head {
  const length = headers['content-length'];
  return {
    contentType: headers['content-type'] ?? null,
    etag: headers.etag ?? null,
    lastModified: headers['last-modified'] ?? null,
    size: length !== undefined && /^\d{1,15}$/.test(length) ? Number(length) : null,
  };
}

/** How a download is made. */
export interface DownloadOptions {
  /** Where its bytes go; nobody else's. */
  readonly file: string;
  readonly digest: Digest | null;
  /** Bytes; more end it. */
  readonly largest: number;
  /** Told of all bytes that came, those of a download that fails included. */
  readonly counted: (bytes: number) => void;
}

/**
 * The body of an origin's answer on its way into a file. Any number read along; it goes on when all of them have left. The last byte is held back until the whole is
 * what it must be, so that nobody takes for whole what is not.
 */
export class Download {
  readonly head: Head;
  /** Settles when the bytes are there and checked; rejects with a `CoreError` if they are not what they should be. */
  readonly whole: Promise<void>;
  private written = 0;
  private state: 'running' | 'whole' | 'failed' = 'running';
  private readers = 0;
  private isReleased = false;
  private isClosed = false;
  private readonly progress = new EventEmitter().setMaxListeners(0);

  private constructor(
    answer: IncomingMessage,
    private readonly handle: FileHandle,
    private readonly options: DownloadOptions,
  ) {
    this.head = headOf(answer);
    this.whole = this.run(answer);
    // Readers learn of it by reading; nobody else need wait.
    this.whole.catch(() => undefined);
  }

  static async begin(answer: IncomingMessage, options: DownloadOptions): Promise<Download> {
    try {
      return new Download(answer, await open(options.file, 'wx+', 0o600), options);
    } catch (error) {
      answer.destroy();
      throw error;
    }
  }

  /** Where its bytes go. */
  get file(): string {
    return this.options.file;
  }

  /** Bytes until now. */
  get size(): number {
    return this.written;
  }

  /** The bytes from `from` to before `until` (null: to the end), as they come. Throws if the download fails. */
  async *read(from: number, until: number | null): AsyncGenerator<Buffer> {
    this.readers += 1;
    try {
      let at = from;
      for (;;) {
        const end = Math.min(until ?? Infinity, this.available());
        if (at < end) {
          const piece = await this.piece(at, Math.min(PIECE, end - at));
          at += piece.length;
          yield piece;
        } else if (this.state !== 'running' || (until !== null && at >= until)) break;
        else await once(this.progress, 'more');
      }
      if (this.state === 'failed') await this.whole;
    } finally {
      this.readers -= 1;
      await this.closeWhenIdle();
    }
  }

  private available(): number {
    return this.state === 'running' ? Math.max(0, this.written - 1) : this.state === 'whole' ? this.written : 0;
  }

  private async piece(at: number, length: number): Promise<Buffer> {
    const { buffer, bytesRead } = await this.handle.read(Buffer.allocUnsafe(length), 0, length, at);
    if (bytesRead === 0) throw new CoreError('corrupt', 'A file of the package cache has become shorter than it was.');
    return buffer.subarray(0, bytesRead);
  }

  private async run(answer: IncomingMessage): Promise<void> {
    try {
      await this.take(answer);
      this.state = 'whole';
    } catch (error) {
      this.state = 'failed';
      answer.destroy();
      throw error instanceof CoreError ? error : new CoreError('unavailable', 'A download broke off.', { cause: error });
    } finally {
      this.progress.emit('more');
    }
  }

  private async take(answer: IncomingMessage): Promise<void> {
    const { digest, largest, counted } = this.options;
    const hash = createHash(digest?.algorithm ?? 'sha256');
    for await (const chunk of answer) {
      const bytes = Buffer.from(chunk);
      counted(bytes.length);
      if (this.written + bytes.length > largest) throw new CoreError('unavailable', 'A file is larger than the whole package cache may be.');
      await this.handle.write(bytes, 0, bytes.length, this.written);
      hash.update(bytes);
      this.written += bytes.length;
      this.progress.emit('more');
    }
    if (this.head.size !== null && this.head.size !== this.written) throw new CoreError('unavailable', 'A download broke off before its end.');
    if (digest !== null && hash.digest('hex') !== digest.hex)
      throw new CoreError('corrupt', 'What the origin sent has another checksum than its index says: it is not passed on.');
  }

  /** Nobody else will begin to read: whoever comes from now on finds the file elsewhere, or asks anew. */
  async release(): Promise<void> {
    this.isReleased = true;
    await this.closeWhenIdle();
  }

  private async closeWhenIdle(): Promise<void> {
    if (this.readers > 0 || !this.isReleased || this.isClosed) return;
    this.isClosed = true;
    await this.handle.close();
  }
}
