import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, type RequestListener, type ServerResponse, createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Server, Socket } from 'node:net';
import type { NotifierBehaviour } from '#plugins/api/testing';
import { makeCertificate } from '../../../test/support/certificate.ts';

/** A request as it came in, whole. */
export interface ReceivedCall {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What a receiver does with the calls that come. */
export type ReceiverAnswer =
  | { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string }
  | 'silence'
  | 'hang up'
  | 'half an answer'
  | 'no end';

/** A server on the loopback that keeps what it is sent and answers as it was told to. */
export interface HttpReceiver {
  readonly url: string;
  readonly port: number;
  /** Calls that were answered with a status. */
  readonly calls: ReceivedCall[];
  readonly answer: (how: ReceiverAnswer) => void;
  /** Forgets all calls; is there and answers so or, if `away`, does not listen. */
  readonly behave: (how: NotifierBehaviour, answer: ReceiverAnswer) => Promise<void>;
  /** Resolves once a call waits for an answer, or for the rest of one. */
  readonly reached: () => Promise<void>;
  /** Stops listening and ends all connections. May be called again. */
  readonly close: () => Promise<void>;
}

const STATUSES: Readonly<Record<NotifierBehaviour, number>> = {
  accepting: 200,
  unauthorized: 401,
  'rate-limited': 429,
  unavailable: 503,
  rejected: 400,
  away: 200,
  silent: 0,
};

/** The answer of a usual HTTP server that behaves so. */
export function answerFor(how: NotifierBehaviour): ReceiverAnswer {
  return how === 'silent' ? 'silence' : { status: STATUSES[how], headers: {}, body: '' };
}

/** Starts a receiver that answers 200. `tls`: with a certificate that nobody trusts. */
export async function startReceiver(options: { readonly tls?: boolean } = {}): Promise<HttpReceiver> {
  const calls: ReceivedCall[] = [];
  const sockets = new Set<Socket>();
  const state: { how: ReceiverAnswer; waiting: number } = { how: { status: 200, headers: {}, body: '' }, waiting: 0 };
  const listener: RequestListener = (request, response) => {
    void readCall(request).then((call) => {
      if (typeof state.how === 'object') calls.push(call);
      else state.waiting += 1;
      respond(response, state.how);
    });
  };
  const server: Server = options.tls === true ? createTlsServer(await makeCertificate(), listener) : createServer(listener);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const port = await listen(server, 0);
  const answer = (how: ReceiverAnswer): void => {
    state.how = how;
    state.waiting = 0;
  };
  return {
    url: `${options.tls === true ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    calls,
    answer,
    behave: async (how, next) => {
      calls.splice(0);
      answer(next);
      if (how === 'away') await stop(server, sockets);
      else if (!server.listening) await listen(server, port);
    },
    reached: async () => {
      while (state.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
    },
    close: () => stop(server, sockets),
  };
}

async function listen(server: Server, wanted: number): Promise<number> {
  server.listen(wanted, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a listening server has no port');
  return address.port;
}

async function stop(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  for (const socket of sockets) socket.destroy();
  await closed;
}

async function readCall(request: IncomingMessage): Promise<ReceivedCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  const { method = '', url = '', headers } = request;
  return { method, path: url, headers, body: Buffer.concat(chunks).toString('utf8') };
}

function respond(response: ServerResponse, how: ReceiverAnswer): void {
  if (how === 'silence') return;
  if (how === 'hang up') return void response.destroy();
  if (how === 'half an answer') return void response.writeHead(200, { 'content-length': '10' }).write('half');
  if (how === 'no end') return void response.writeHead(200).write('x'.repeat(100_000));
  response.writeHead(how.status, how.headers).end(how.body);
}
