import ssh2, { type SFTPWrapper, type Stats } from 'ssh2';
import { PluginError } from '#plugins/api';

/** As SFTP's version 3 numbers them (draft-ietf-secsh-filexfer-02, section 7). */
const { EOF, NO_SUCH_FILE } = ssh2.utils.sftp.STATUS_CODE;
/** What servers give in one answer at least, and how many questions are asked at once: distance costs nothing then. */
const PIECE = 32_768;
const AHEAD = 16;

/** An open file of the other side. */
export type Handle = Buffer;

/** What is asked of a file. */
export interface FileFacts {
  readonly size: number;
  readonly kind: 'file' | 'folder' | 'other';
}

/**
 * Files of the other side over one SFTP channel. Paths are the other side's: `/C:/terrarium/x` for OpenSSH on Windows. Codes: `not-found`, `rejected` (refused, with what the
 * other side says), and whatever `lost` aborts with, `unavailable`, when the connection is gone.
 */
export class SftpFiles {
  readonly #sftp: SFTPWrapper;
  readonly #lost: AbortSignal;
  /** What ends the questions that wait for an answer. */
  readonly #waiting = new Set<(reason: unknown) => void>();

  constructor(sftp: SFTPWrapper, lost: AbortSignal) {
    this.#sftp = sftp;
    this.#lost = lost;
    lost.addEventListener('abort', () => this.#waiting.forEach((fail) => fail(lost.reason)), { once: true });
  }

  /** Of what the path names itself: a link is `other`. Null if there is nothing. */
  async look(path: string): Promise<FileFacts | null> {
    try {
      const stats = await this.#ask<Stats>(path, (done) => this.#sftp.lstat(path, done));
      return { size: stats.size, kind: stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : 'other' };
    } catch (error) {
      if (error instanceof PluginError && error.code === 'not-found') return null;
      throw error;
    }
  }

  /** The absolute path of where a login begins. */
  home(): Promise<string> {
    return this.#ask('.', (done) => this.#sftp.realpath('.', done));
  }

  open(path: string, mode: 'r' | 'w'): Promise<Handle> {
    return this.#ask(path, (done) => this.#sftp.open(path, mode, done));
  }

  async close(handle: Handle): Promise<void> {
    await this.#ask('a file', (done) => this.#sftp.close(handle, (error) => done(error ?? undefined, null)));
  }

  /** Makes a folder; one that is there is as good. */
  async makeFolder(path: string): Promise<void> {
    try {
      await this.#ask(path, (done) => this.#sftp.mkdir(path, (error) => done(error ?? undefined, null)));
    } catch (error) {
      if ((await this.look(path))?.kind !== 'folder') throw error;
    }
  }

  /** Makes a folder with all that it is in: `/C:/a/b`. */
  async makeFolders(path: string): Promise<void> {
    if ((await this.look(path))?.kind === 'folder') return;
    const [, drive = '', ...names] = path.split('/');
    for (let count = 1; count <= names.length; count++) await this.makeFolder(['', drive, ...names.slice(0, count)].join('/'));
  }

  /** Fails where the new name is taken. */
  async rename(from: string, to: string): Promise<void> {
    await this.#ask(from, (done) => this.#sftp.rename(from, to, (error) => done(error ?? undefined, null)));
  }

  /** Removes a file; one that is not there is as good. */
  async remove(path: string): Promise<void> {
    try {
      await this.#ask(path, (done) => this.#sftp.unlink(path, (error) => done(error ?? undefined, null)));
    } catch (error) {
      if (!(error instanceof PluginError && error.code === 'not-found')) throw error;
    }
  }

  /** Writes a whole file, replacing what is there. `content` may come in pieces of any size. */
  async write(path: string, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    const handle = await this.open(path, 'w');
    try {
      const running = new Set<Promise<void>>();
      let offset = 0;
      for await (const piece of pieces(content)) {
        const at = offset;
        offset += piece.length;
        const writing = this.#ask<null>(path, (done) =>
          this.#sftp.write(handle, Buffer.from(piece), 0, piece.length, at, (error) => done(error ?? undefined, null)),
        );
        const settled: Promise<void> = writing.then(() => void running.delete(settled));
        running.add(settled);
        if (running.size >= AHEAD) await Promise.race(running);
      }
      await Promise.all(running);
    } finally {
      await this.close(handle);
    }
  }

  async readAll(path: string): Promise<Buffer> {
    const handle = await this.open(path, 'r');
    try {
      const chunks: Uint8Array[] = [];
      for await (const chunk of this.read(handle, path, 0)) chunks.push(chunk);
      return Buffer.concat(chunks);
    } finally {
      await this.close(handle);
    }
  }

  /** Of the open file itself: what a folder says of a file that is being written may be old on Windows. */
  async sizeOf(handle: Handle, path: string): Promise<number> {
    return (await this.#ask<Stats>(path, (done) => this.#sftp.fstat(handle, done))).size;
  }

  /** The bytes from `from` to the file's end as it is when that is reached. */
  async *read(handle: Handle, path: string, from: number): AsyncGenerator<Uint8Array, void, undefined> {
    const asked: { readonly at: number; readonly answer: Promise<Buffer | null> }[] = [];
    let next = from;
    // A file that does not go on costs one question; each answer that is full lets more be asked ahead.
    let ahead = 1;
    for (;;) {
      for (; asked.length < ahead; next += PIECE) {
        const answer = this.#readOnce(handle, path, next);
        // It is awaited below; one that fails before its turn is no surprise.
        answer.catch(() => undefined);
        asked.push({ at: next, answer });
      }
      const first = asked.shift();
      const bytes = await first?.answer;
      if (first === undefined || bytes === undefined || bytes === null) return;
      yield bytes;
      if (bytes.length === PIECE) {
        ahead = Math.min(AHEAD, 2 * ahead);
        continue;
      }
      // A server may give less than it has: what was asked for behind it is asked for anew.
      asked.length = 0;
      ahead = 1;
      next = first.at + bytes.length;
    }
  }

  /** Closes the channel. */
  end(): void {
    this.#sftp.end();
  }

  #readOnce(handle: Handle, path: string, at: number): Promise<Buffer | null> {
    const buffer = Buffer.alloc(PIECE);
    return this.#ask<Buffer | null>(path, (done) =>
      this.#sftp.read(handle, buffer, 0, PIECE, at, (error, count) => {
        if (error !== undefined && error !== null && 'code' in error && error.code === EOF) done(undefined, null);
        else done(error ?? undefined, count === 0 ? null : buffer.subarray(0, count));
      }),
    );
  }

  /** A question whose connection is lost gets no answer. */
  #ask<Answer>(path: string, ask: (done: (error: Error | undefined, answer: Answer) => void) => unknown): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#lost.aborted) return reject(this.#lost.reason);
      this.#waiting.add(reject);
      const done = (error: Error | undefined, answer: Answer): void => {
        this.#waiting.delete(reject);
        if (error === undefined) resolve(answer);
        else reject(this.#lost.aborted ? this.#lost.reason : refused(path, error));
      };
      try {
        ask(done);
      } catch (error) {
        // The library throws where the channel is closed.
        done(error instanceof Error ? error : new Error(String(error)), undefined as Answer);
      }
    });
  }
}

function refused(path: string, cause: Error): PluginError {
  if ('code' in cause && cause.code === NO_SUCH_FILE) return new PluginError('not-found', `${path} is not there.`, { cause });
  return new PluginError('rejected', `${path}: ${cause.message}.`, { cause });
}

/** In pieces that fit into one question. */
async function* pieces(content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of content) for (let at = 0; at < chunk.length; at += PIECE) yield chunk.subarray(at, at + PIECE);
}
