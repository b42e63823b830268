import { once } from 'node:events';
import { createServer, request as ask, type ClientRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { HttpException } from '@nestjs/common';
import express, { type NextFunction, type Request, type Response } from 'express';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { isCoreError } from '../common/errors.ts';
import { BodyBudget } from './body-budget.ts';
import { RequestBodies } from './request-bodies.ts';

const MEGABYTE = 1024 * 1024;
const SIGNED = { 'x-hub-signature-256': 'sha256=of-nobody' };
const JSON_TYPE = { 'content-type': 'application/json' };

let server: Server;
let hooks: BodyBudget;
let json: BodyBudget;
/** Bodies that have come whole: their answers are given by the tests. */
let answers: Response[];
const open: ClientRequest[] = [];

beforeEach(() => start());

async function start(patienceMs?: number): Promise<void> {
  hooks = new BodyBudget(8 * MEGABYTE);
  json = new BodyBudget(MEGABYTE);
  answers = [];
  const bodies = new RequestBodies(hooks, json, patienceMs);
  const app = express();
  app.use('/api/hooks', bodies.ofHook);
  app.use(bodies.ofCall);
  app.post('/waits', (_request, response) => answers.push(response));
  app.post('/api/hooks/waits', (_request, response) => answers.push(response));
  app.use((request: Request, response: Response) => {
    const body: unknown = request.body;
    response.json(Buffer.isBuffer(body) ? { bytes: body.length, sum: body.reduce((sum, byte) => sum + byte, 0) } : { body });
  });
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    if (isCoreError(error) && error.retryAfterSeconds !== null) response.setHeader('Retry-After', error.retryAfterSeconds);
    response.status(error instanceof HttpException ? error.getStatus() : isCoreError(error) ? error.status : 500).end();
  });
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
}

afterEach(() => stop());

async function stop(): Promise<void> {
  for (const one of open.splice(0)) one.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** A request whose body is not sent yet. */
function begin(path: string, headers: Record<string, string | number> = {}): ClientRequest {
  const { port } = server.address() as AddressInfo;
  const request = ask({ host: '127.0.0.1', port, path, method: 'POST', headers, agent: false });
  open.push(request);
  // Who is cut off by a test need not complain.
  request.on('error', () => undefined);
  return request;
}

async function answerTo(request: ClientRequest): Promise<IncomingMessage> {
  const [response]: IncomingMessage[] = await once(request, 'response');
  if (response === undefined) throw new Error('no answer');
  return response;
}

async function post(
  path: string,
  headers: Record<string, string | number>,
  body: Uint8Array | string,
): Promise<{ status: number; text: string; retry: unknown }> {
  const request = begin(path, headers);
  request.end(body);
  const response = await answerTo(request);
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += String(chunk);
  return { status: response.statusCode ?? 0, text, retry: response.headers['retry-after'] };
}

/** Sends a part of a body, and sees that the server has it. */
async function send(budget: BodyBudget, request: ClientRequest, bytes: number): Promise<void> {
  const before = budget.held;
  request.write(Buffer.alloc(bytes));
  await vi.waitFor(() => expect(budget.held).toBeGreaterThan(before + bytes - 200_000));
}

test('a hook has the bytes as they were sent, however they came', async () => {
  const body = Buffer.alloc(3 * MEGABYTE, 7);
  const request = begin('/api/hooks/1', SIGNED);
  for (let at = 0; at < body.length; at += 100_003) request.write(body.subarray(at, at + 100_003));
  request.end();
  expect(await (await answerTo(request)).toArray().then((chunks) => Buffer.concat(chunks).toString())).toBe(
    JSON.stringify({ bytes: body.length, sum: 7 * body.length }),
  );
  await vi.waitFor(() => expect(hooks.held).toBe(0));
});

test('only signed calls of hooks may be large', async () => {
  expect((await post('/api/hooks/1', SIGNED, Buffer.alloc(2 * MEGABYTE))).status).toBe(200);
  expect((await post('/api/hooks/1', {}, Buffer.alloc(70_000))).status).toBe(413);
  expect((await post('/api/projects', { ...SIGNED, ...JSON_TYPE }, Buffer.alloc(2 * MEGABYTE))).status).toBe(413);
  expect((await post('/api/hooks/1', SIGNED, Buffer.alloc(27 * MEGABYTE))).status).toBe(413);
});

test('so many at once hold no more than there is room for; who does not fit is told to try again', async () => {
  const senders = Array.from({ length: 60 }, () => begin('/api/hooks/1', { ...SIGNED, 'content-length': MEGABYTE }));
  const told = senders.map(async (sender) => {
    const response = await answerTo(sender);
    return { status: response.statusCode, retry: response.headers['retry-after'] };
  });
  for (const sender of senders) sender.write(Buffer.alloc(MEGABYTE - 1));
  const refused = { status: 503, retry: '30' };
  await vi.waitFor(() => expect(hooks.held).toBeGreaterThan(7 * MEGABYTE));
  expect(hooks.held).toBeLessThanOrEqual(8 * MEGABYTE);
  for (const sender of senders) sender.end(Buffer.alloc(1));
  const all = await Promise.all(told);
  expect(all.filter(({ status }) => status === 503)).toEqual(all.filter(({ status }) => status !== 200).map(() => refused));
  expect(all.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(7);
  await vi.waitFor(() => expect(hooks.held).toBe(0));
});

test('what is announced takes no room, what has come does, until it breaks off', async () => {
  for (let count = 0; count < 20; count += 1) begin('/api/hooks/1', { ...SIGNED, 'content-length': 20 * MEGABYTE }).flushHeaders();
  const [one, other] = [begin('/api/hooks/1', SIGNED), begin('/api/hooks/1', SIGNED)];
  await send(hooks, one, 4 * MEGABYTE);
  await send(hooks, other, 3 * MEGABYTE);
  expect((await post('/api/hooks/1', SIGNED, Buffer.alloc(2 * MEGABYTE))).status).toBe(503);
  other.destroy();
  await vi.waitFor(() => expect(hooks.held).toBeLessThan(5 * MEGABYTE));
  expect((await post('/api/hooks/1', SIGNED, Buffer.alloc(2 * MEGABYTE))).status).toBe(200);
});

test('a body is held until its answer is given', async () => {
  const waits = post('/api/hooks/waits', SIGNED, Buffer.alloc(7 * MEGABYTE));
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  expect((await post('/api/hooks/1', SIGNED, Buffer.alloc(2 * MEGABYTE))).status).toBe(503);
  answers[0]?.end();
  await waits;
  await vi.waitFor(() => expect(hooks.held).toBe(0));
});

test('who stops on the way does not keep others out for ever', async () => {
  await stop();
  await start(1);
  const request = begin('/api/hooks/1', SIGNED);
  request.write(Buffer.alloc(7 * MEGABYTE));
  expect((await answerTo(request)).statusCode).toBe(408);
  await vi.waitFor(() => expect(hooks.held).toBe(0));
});

test('small bodies need no room, and people none of that of hooks', async () => {
  await send(hooks, begin('/api/hooks/1', SIGNED), 8 * MEGABYTE);
  expect((await post('/api/hooks/1', SIGNED, Buffer.alloc(100_000))).status).toBe(200);
  expect((await post('/api/projects', JSON_TYPE, JSON.stringify('x'.repeat(900_000)))).status).toBe(200);
});

test('large JSON is held within its room', async () => {
  const waits = post('/waits', JSON_TYPE, JSON.stringify('x'.repeat(1_000_000)));
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  const refused = await post('/api/projects', JSON_TYPE, JSON.stringify('x'.repeat(1_000_000)));
  expect([refused.status, refused.retry]).toEqual([503, '30']);
  answers[0]?.end();
  expect((await waits).status).toBe(200);
});

test('JSON is read, nothing else is', async () => {
  expect(await post('/', JSON_TYPE, '{"a":["ü"]}')).toMatchObject({ status: 200, text: '{"body":{"a":["ü"]}}' });
  expect(await post('/', { 'content-type': 'application/json; charset=utf-8' }, '')).toMatchObject({ status: 200, text: '{"body":{}}' });
  expect(await post('/', { 'content-type': 'text/plain' }, '{}')).toMatchObject({ status: 200, text: '{}' });
  expect(await post('/', JSON_TYPE, '{"a":')).toMatchObject({ status: 400 });
});

test('a few bytes cannot become many', async () => {
  const bomb = gzipSync(Buffer.alloc(20 * MEGABYTE));
  expect((await post('/api/hooks/1', { ...SIGNED, 'content-encoding': 'gzip' }, bomb)).status).toBe(415);
  expect((await post('/', { ...JSON_TYPE, 'content-encoding': 'gzip' }, bomb)).status).toBe(415);
});
