import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** A server that hooks call; stands for the address where ours takes hints. */
export interface HintServer {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  /** Every call so far, as `POST /path` and its body. */
  readonly calls: string[];
  /** Leaves calls without an answer from now on. */
  silent: boolean;
  /** Calls without an answer whose caller still waits. */
  waiting(): number;
  /** Resolves when there were so many calls. */
  called(times: number): Promise<void>;
  close(): Promise<void>;
}

export async function startHintServer(): Promise<HintServer> {
  const held = new Set<IncomingMessage>();
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const state: HintServer = {
    url: `http://127.0.0.1:${address.port}`,
    calls: [],
    silent: false,
    waiting: () => held.size,
    called: async (times) => {
      while (state.calls.length < times) await once(server, 'told');
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  server.on('request', (request, response) => {
    void take(state, held, request, response).then(() => server.emit('told'));
  });
  return state;
}

async function take(state: HintServer, held: Set<IncomingMessage>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += String(chunk);
  if (state.silent) {
    held.add(request);
    request.socket.once('close', () => held.delete(request));
  } else response.writeHead(202).end();
  state.calls.push(`${request.method} ${request.url} ${body}`.trimEnd());
}
