import { once } from 'node:events';
import { connect, createServer, type NetConnectOpts, type Server, type Socket } from 'node:net';

/** A TCP proxy whose way can be cut: then every connection breaks, and new ones are refused. */
export class CuttableProxy {
  private server: Server | null = null;
  private readonly sockets = new Set<Socket>();
  private listeningPort = 0;

  private readonly target: NetConnectOpts;

  /** `databaseUrl`: where PostgreSQL really is; its host may be the encoded folder of a Unix socket. */
  constructor(private readonly databaseUrl: string) {
    const url = new URL(databaseUrl);
    const [host, port] = [decodeURIComponent(url.hostname), Number(url.port === '' ? 5432 : url.port)];
    this.target = host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port };
  }

  /** The same database by way of the proxy; to be asked for once it is open. */
  get url(): string {
    const { username, password, pathname } = new URL(this.databaseUrl);
    return `postgresql://${username}:${password}@127.0.0.1:${this.listeningPort}${pathname}`;
  }

  /** Begins to listen, after a cut at the same port as before. */
  async open(): Promise<void> {
    if (this.server !== null) return;
    this.server = createServer((socket) => this.join(socket)).listen(this.listeningPort, '127.0.0.1');
    await once(this.server, 'listening');
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('a listening socket has no port');
    this.listeningPort = address.port;
  }

  async cut(): Promise<void> {
    const server = this.server;
    this.server = null;
    if (server === null) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private join(near: Socket): void {
    const far = connect(this.target);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(socket);
      // Whatever breaks one side ends the other, which is all there is to do about it.
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
    near.pipe(far);
    far.pipe(near);
  }
}
