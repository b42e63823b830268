import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { BadRequestException, PayloadTooLargeException, RequestTimeoutException, UnsupportedMediaTypeException } from '@nestjs/common';
import { CoreError } from '../common/errors.ts';
import type { BodyShare } from './body-budget.ts';

const RETRY_SECONDS = 30;
const FIRST_BYTES = 4096;

/** How much of a body is taken. */
export interface BodyLimits {
  readonly bytes: number;
  /** How long it may take to come. */
  readonly patienceMs: number;
}

/**
 * A request's body, within its limits and as far as there is room for it. What is not wanted is not kept, but read to its end: a caller who is cut off while he sends does not see the
 * answer. Throws what is answered with 400, 408, 413, 415 (compressed: a few bytes could become many) and 503.
 */
export async function readBody(request: IncomingMessage, share: BodyShare, limits: BodyLimits): Promise<Buffer> {
  const late = new AbortController();
  const patience = setTimeout(() => late.abort(), limits.patienceMs);
  const body = new Body(share, limits.bytes, problemOf(request, limits.bytes));
  const take = (chunk: Buffer): void => body.add(chunk);
  request.on('data', take);
  try {
    await once(request, 'end', { signal: late.signal });
    return body.whole();
  } catch (error) {
    if (late.signal.aborted) throw body.problem ?? new RequestTimeoutException('The body takes too long to come.');
    if (request.errored === null) throw error;
    throw new BadRequestException('The body broke off.', { cause: error });
  } finally {
    clearTimeout(patience);
    request.off('data', take);
    request.resume();
  }
}

/** What the headers tell. */
function problemOf({ headers }: IncomingMessage, limit: number): Error | null {
  if (Number(headers['content-length'] ?? 0) > limit) return tooLarge(limit);
  if ((headers['content-encoding'] ?? 'identity').toLowerCase() === 'identity') return null;
  return new UnsupportedMediaTypeException('The body is compressed: send it as it is.');
}

function tooLarge(limit: number): Error {
  return new PayloadTooLargeException(`The body is larger than ${limit} bytes.`);
}

function noRoom(): CoreError {
  const message = 'Too many large bodies are sent at once; try again in a moment.';
  return new CoreError('unavailable', message, { retryAfterSeconds: RETRY_SECONDS });
}

/** A body as it comes, for as long as nothing is wrong with it. */
class Body {
  private readonly gathered = new Gathered();

  constructor(
    private readonly share: BodyShare,
    private readonly limit: number,
    /** Why it is not wanted. */
    public problem: Error | null,
  ) {}

  add(chunk: Buffer): void {
    if (this.problem !== null) return;
    if (this.gathered.length + chunk.length > this.limit) this.refuse(tooLarge(this.limit));
    else if (!this.share.add(chunk.length)) this.refuse(noRoom());
    else this.gathered.add(chunk);
  }

  whole(): Buffer {
    if (this.problem !== null) throw this.problem;
    return this.gathered.bytes;
  }

  private refuse(problem: Error): void {
    this.problem = problem;
    this.gathered.clear();
    this.share.release();
  }
}

/** Bytes in one piece of memory that grows: a body can be sent a byte at a time, and each piece kept by itself would cost a hundred. */
class Gathered {
  length = 0;
  private memory = Buffer.alloc(0);

  get bytes(): Buffer {
    return this.memory.subarray(0, this.length);
  }

  add(chunk: Buffer): void {
    const wanted = this.length + chunk.length;
    if (wanted > this.memory.length) this.grow(Math.max(wanted, 2 * this.memory.length, FIRST_BYTES));
    chunk.copy(this.memory, this.length);
    this.length = wanted;
  }

  clear(): void {
    this.length = 0;
    this.memory = Buffer.alloc(0);
  }

  private grow(size: number): void {
    const before = this.bytes;
    this.memory = Buffer.allocUnsafeSlow(size);
    before.copy(this.memory);
  }
}
