import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { OpenConnections } from './open-connections.ts';

let server: Server;
let connections: OpenConnections;
let answers: ServerResponse[];
const sockets: Socket[] = [];

beforeEach(async () => {
  answers = [];
  server = createServer((_request, response) => answers.push(response));
  connections = new OpenConnections(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.closeAllConnections();
});

/** A connection that the server knows of. */
async function open(): Promise<Socket> {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  const known = once(server, 'connection');
  const socket = connect(address.port, '127.0.0.1');
  sockets.push(socket);
  await known;
  return socket;
}

function closed(): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

async function ask(socket: Socket): Promise<ServerResponse> {
  const before = answers.length;
  socket.write('GET / HTTP/1.1\r\nHost: here\r\n\r\n');
  await vi.waitFor(() => expect(answers).toHaveLength(before + 1));
  const answer = answers.at(-1);
  if (answer === undefined) throw new Error('nobody asked');
  return answer;
}

test('one on which nothing was asked keeps nobody from closing', async () => {
  await open();
  const closing = closed();
  connections.end();
  await closing;
});

test('an answer that is under way is given to its end, and its connection is closed after it', async () => {
  const socket = await open();
  const heard: string[] = [];
  socket.on('data', (chunk: Buffer) => heard.push(chunk.toString()));
  const gone = once(socket, 'close');
  const answer = await ask(socket);
  const closing = closed();
  connections.end();
  answer.end('to the end');
  await closing;
  await gone;
  expect(heard.join('')).toContain('to the end');
});

test('an answer that does not end is cut off after a while', async () => {
  await ask(await open());
  const closing = closed();
  connections.end(1);
  await closing;
});

test('one that was used and is idle is ended, too, and nobody comes in any more', async () => {
  const socket = await open();
  const answer = await ask(socket);
  answer.end();
  await once(socket, 'data');
  connections.end();
  const late = await open();
  await once(late, 'close');
  await closed();
});
