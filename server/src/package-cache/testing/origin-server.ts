import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** What an origin has at a path. */
export interface Thing {
  readonly body: Buffer | string;
  readonly contentType?: string;
  /** Given out, and compared with what is known. Absent: the origin tells of no version. */
  readonly etag?: string;
  /** Told before its last half is sent: whoever waits for that decides when it goes on. */
  readonly halfway?: () => Promise<void>;
  readonly redirect?: string;
  /** Whether the connection is broken off before the end. */
  readonly breaks?: boolean;
}

/** A small origin that counts. */
export class OriginServer {
  readonly things = new Map<string, Thing>();
  /** Paths in the order in which they were asked for. */
  readonly asked: string[] = [];
  /** Bytes of bodies that were sent. */
  sent = 0;
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  static async open(): Promise<OriginServer> {
    const origin = new OriginServer();
    origin.server.listen(0, '127.0.0.1');
    await once(origin.server, 'listening');
    return origin;
  }

  /** `127.0.0.1:PORT`. */
  get host(): string {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('a listening server has no port');
    return `127.0.0.1:${address.port}`;
  }

  get url(): string {
    return `http://${this.host}`;
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    this.asked.push(path);
    const thing = this.things.get(path);
    if (thing === undefined) return void response.writeHead(404).end();
    if (thing.redirect !== undefined) return void response.writeHead(302, { location: thing.redirect }).end();
    const tag = thing.etag === undefined ? {} : { etag: thing.etag };
    if (thing.etag !== undefined && request.headers['if-none-match'] === thing.etag) return void response.writeHead(304, tag).end();
    const body = Buffer.from(thing.body);
    response.writeHead(200, { 'content-type': thing.contentType ?? 'application/octet-stream', 'content-length': String(body.length), ...tag });
    const half = Math.floor(body.length / 2);
    response.write(body.subarray(0, half));
    this.sent += half;
    await thing.halfway?.();
    if (thing.breaks === true) return void response.destroy();
    this.sent += body.length - half;
    response.end(body.subarray(half));
  }
}

/** SHA-256 as hexadecimal digits. */
export function sha256(body: Buffer | string): string {
  return createHash('sha256').update(body).digest('hex');
}
