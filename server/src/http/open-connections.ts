import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** How long answers that are under way may take once the server stops. */
const GRACE_MS = 5_000;

/**
 * The connections of an HTTP server. Node waits for all of them when it is closed but those that were used and are idle: one on which nothing was ever asked, as browsers
 * keep them ready, would keep a server from stopping for as long as the browser likes.
 */
export class OpenConnections {
  /** How many requests are under way on each. */
  private readonly requests = new Map<Socket, number>();
  private isEnding = false;

  constructor(server: Server) {
    server.on('connection', (socket) => this.opened(socket));
    server.on('request', (request, response) => this.asked(request, response));
  }

  /** Ends those on which nothing is under way, each other as soon as its answer is given, and after `graceMs` whatever is left. */
  end(graceMs = GRACE_MS): void {
    this.isEnding = true;
    for (const [socket, count] of this.requests) if (count === 0) socket.destroy();
    const deadline = setTimeout(() => {
      for (const socket of this.requests.keys()) socket.destroy();
    }, graceMs);
    // It is not what a process waits for that has nothing else to do.
    deadline.unref();
  }

  private opened(socket: Socket): void {
    if (this.isEnding) {
      socket.destroy();
      return;
    }
    this.requests.set(socket, 0);
    socket.once('close', () => this.requests.delete(socket));
  }

  private asked({ socket }: IncomingMessage, response: ServerResponse): void {
    this.requests.set(socket, (this.requests.get(socket) ?? 0) + 1);
    response.once('close', () => {
      const count = this.requests.get(socket);
      if (count === undefined) return;
      this.requests.set(socket, count - 1);
      if (this.isEnding && count === 1) socket.destroySoon();
    });
  }
}
