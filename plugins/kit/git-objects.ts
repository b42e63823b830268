import type { ChildProcess } from 'node:child_process';
import { PluginError } from '#plugins/api';
import { keptMessage, keptName, messageBytes } from './git-commit-text.ts';
import type { GitProgram } from './git-process.ts';
import type { ProgramCall } from './program.ts';

/** An object as it is stored. */
export interface GitObject {
  readonly id: string;
  readonly type: string;
  readonly data: Buffer;
}

/** An entry of a tree. `name` has one character per byte (latin1): file names need not be UTF-8. */
export interface TreeEntry {
  readonly mode: string;
  readonly name: string;
  readonly id: string;
}

/** What we need of a commit. */
export interface CommitInfo {
  readonly id: string;
  readonly tree: string;
  readonly parents: readonly string[];
  /** At most 1,000 characters. */
  readonly author: string;
  /** ISO 8601 in UTC; null where the commit's own date makes no sense. */
  readonly committedAt: string | null;
  /** At most 10,000 characters: see `keptMessage`. */
  readonly message: string;
}

const LARGEST_OBJECT = 16 * 1024 * 1024;

/** Reads objects of a mirror through one `git cat-file --batch`. Used by one caller at a time; must be closed. */
export class ObjectReader {
  private readonly child: ChildProcess;
  private readonly ended: Promise<void>;
  private readonly chunks: AsyncIterator<Buffer>;
  private rest: Buffer = Buffer.alloc(0);

  constructor(git: GitProgram, call: Omit<ProgramCall, 'args'>, mirror: string, signal: AbortSignal) {
    signal.throwIfAborted();
    const whole: ProgramCall = { ...call, args: [`--git-dir=${mirror}`, 'cat-file', '--batch'] };
    this.child = git.spawn(whole);
    this.ended = git.finish(this.child, whole, signal);
    // Whoever reads or closes sees the failure; until then it must not count as unhandled.
    this.ended.catch(() => undefined);
    if (this.child.stdout === null) throw new Error('git cat-file was started without a standard output');
    this.chunks = this.child.stdout[Symbol.asyncIterator]();
  }

  /** The objects in the order asked for; null where the mirror has none. Throws `invalid` for one of more than `limit` bytes. */
  async read(ids: readonly string[], limit = LARGEST_OBJECT): Promise<(GitObject | null)[]> {
    this.child.stdin?.write(ids.map((id) => `${id}\n`).join(''));
    const found: (GitObject | null)[] = [];
    for (const id of ids) found.push(await this.next(id, limit));
    return found;
  }

  /** Ends the process. */
  async close(): Promise<void> {
    this.child.stdin?.end();
    this.child.stdout?.destroy();
    // Closing early ends it by a broken pipe, as wanted; whatever went wrong before was seen by the reader.
    await this.ended.catch(() => undefined);
  }

  private async next(id: string, limit: number): Promise<GitObject | null> {
    const [name = '', type = '', size = ''] = (await this.line()).split(' ');
    if (type === 'missing') return null;
    if (!/^[0-9]+$/.test(size)) throw new PluginError('unavailable', `git cat-file does not answer as it should about ${id}.`);
    if (Number(size) > limit) throw new PluginError('invalid', `Object ${name} has ${size} bytes, more than the ${limit} that are read.`);
    const data = await this.bytes(Number(size) + 1);
    return { id: name, type, data: data.subarray(0, -1) };
  }

  private async line(): Promise<string> {
    let end = this.rest.indexOf(10);
    while (end < 0) {
      await this.more();
      end = this.rest.indexOf(10);
    }
    const line = this.rest.toString('latin1', 0, end);
    this.rest = this.rest.subarray(end + 1);
    return line;
  }

  private async bytes(count: number): Promise<Buffer> {
    const parts = [this.rest];
    let size = this.rest.length;
    while (size < count) {
      this.rest = Buffer.alloc(0);
      await this.more();
      parts.push(this.rest);
      size += this.rest.length;
    }
    const all = parts.length === 1 ? this.rest : Buffer.concat(parts);
    this.rest = all.subarray(count);
    return all.subarray(0, count);
  }

  private async more(): Promise<void> {
    const { value, done } = await this.chunks.next();
    if (done === true) {
      await this.ended;
      throw new PluginError('unavailable', 'git cat-file ended before it had answered.');
    }
    this.rest = this.rest.length === 0 ? value : Buffer.concat([this.rest, value]);
  }
}

/** Reads a tree object. `idBytes` is 20 or 32. */
export function parseTree(data: Buffer, idBytes: number): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < data.length;) {
    const space = data.indexOf(32, at);
    const end = data.indexOf(0, space);
    if (space < 0 || end < 0 || end + 1 + idBytes > data.length) throw new PluginError('invalid', 'The repository holds a malformed tree.');
    const id = data.toString('hex', end + 1, end + 1 + idBytes);
    entries.push({ mode: data.toString('latin1', at, space), name: data.toString('latin1', space + 1, end), id });
    at = end + 1 + idBytes;
  }
  return entries;
}

/** Reads a commit object, in whatever encoding it says or seems to be. Takes no longer than its size asks for, whatever is in it: anybody may have written it. */
export function parseCommit(object: GitObject): CommitInfo {
  const end = object.data.indexOf('\n\n');
  const head = object.data.subarray(0, end < 0 ? object.data.length : end);
  const encoding = /^encoding (\S+)$/m.exec(head.toString('latin1'))?.[1] ?? 'utf-8';
  const lines = decodeText(head, encoding).split('\n');
  const values = (key: string): string[] => lines.flatMap((line) => (line.startsWith(`${key} `) ? [line.slice(key.length + 1)] : []));
  return {
    id: object.id,
    tree: values('tree')[0] ?? '',
    parents: values('parent'),
    author: personName(values('author')[0] ?? ''),
    committedAt: dateOf(values('committer')[0] ?? ''),
    message: end < 0 ? '' : messageOf(object.data.subarray(end + 2), encoding),
  };
}

function messageOf(data: Buffer, encoding: string): string {
  const { bytes, isCut } = messageBytes(data);
  return keptMessage(decodeText(bytes, encoding, isCut), isCut);
}

/**
 * UTF-8 if it is; else what the commit says it is; else latin1, which takes anything. NUL, which no database text takes, becomes U+FFFD. `isCut`: the last
 * character may not be whole, and is left out then.
 */
function decodeText(data: Buffer, encoding: string, isCut = false): string {
  for (const label of ['utf-8', encoding]) {
    try {
      return new TextDecoder(label, { fatal: true }).decode(data, { stream: isCut }).replaceAll('\u0000', '\uFFFD');
    } catch (error) {
      // Not of that encoding, or an encoding unknown here: the next one is tried.
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    }
  }
  return data.toString('latin1').replaceAll('\u0000', '\uFFFD');
}

/** The name, or the address of who has none. By hand: a pattern for it is tried anew at every `<`. */
function personName(line: string): string {
  const open = line.indexOf('<');
  const close = line.indexOf('>', open);
  if (open < 0 || close < 0) return 'unknown';
  return keptName(line.slice(0, open)) || keptName(line.slice(open + 1, close)) || 'unknown';
}

/** The date is what follows the address, at the end of the line. */
function dateOf(line: string): string | null {
  const seconds = Number(/^> (\d{1,15}) [+-]\d{1,15}$/.exec(line.slice(line.lastIndexOf('>')))?.[1] ?? Number.NaN);
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
