import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';

/** A web server in front of `hg serve`, as they are in front of it where passwords are asked for. What a test may change about it while it runs is not read-only. */
export interface Front {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  /** The basic authentication it wants; null: none. */
  password: { user: string; password: string } | null;
  /** Where every request is sent to instead; null: nowhere. */
  redirect: string | null;
  /** Answers no request any more, but keeps the connections. */
  silent: boolean;
  /** How many bundles it still lets through before it breaks off in the middle of one. */
  bundles: number;
  /** The commands of all requests so far. */
  readonly commands: string[];
  /** The authorization header of every request so far; empty where there was none. */
  readonly seen: string[];
  close(): Promise<void>;
}

/** Starts one in front of the server at `target`. */
export async function startFront(target: string): Promise<Front> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const close = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  const url = `http://127.0.0.1:${address.port}`;
  const front: Front = { url, password: null, redirect: null, silent: false, bundles: Infinity, commands: [], seen: [], close };
  server.on('request', (incoming, response) => answer(front, target, incoming, response));
  return front;
}

function answer(front: Front, target: string, incoming: IncomingMessage, response: ServerResponse): void {
  const authorization = incoming.headers.authorization ?? '';
  front.seen.push(authorization);
  if (front.silent) return;
  if (front.redirect !== null) {
    response.writeHead(302, { location: front.redirect + (incoming.url ?? '') }).end();
    return;
  }
  const { password } = front;
  const wanted = password === null ? '' : `Basic ${Buffer.from(`${password.user}:${password.password}`).toString('base64')}`;
  if (wanted !== '' && authorization !== wanted) {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="hg"' }).end();
    return;
  }
  const command = new URL(incoming.url ?? '', target).searchParams.get('cmd') ?? '';
  front.commands.push(command);
  forward(target, incoming, response, command === 'getbundle' && (front.bundles -= 1) < 0);
}

function forward(target: string, incoming: IncomingMessage, response: ServerResponse, breakOff: boolean): void {
  const outgoing = request(`${target}${incoming.url ?? ''}`, { method: incoming.method ?? 'GET', headers: incoming.headers }, (answered) => {
    response.writeHead(answered.statusCode ?? 502, answered.headers);
    if (!breakOff) {
      answered.pipe(response);
      return;
    }
    answered.once('data', (chunk: Buffer) => {
      answered.destroy();
      response.write(chunk.subarray(0, chunk.length / 2), () => response.destroy());
    });
  });
  outgoing.on('error', () => response.destroy());
  incoming.pipe(outgoing);
}
