import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type Response } from 'express';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { temporaryFolder, type TemporaryFolder } from '../../../test/support/temporary.ts';
import { BuildViews } from '../builds/build-views.ts';
import { JobViews } from '../builds/job-views.ts';
import { insertBuild } from '../builds/sql/insert-build.ts';
import { assign, insertProject, jobsOf, jobSpec, newBuild } from '../builds/testing/rows.ts';
import { withTransaction } from '../database/index.ts';
import { LogStore } from './log-store.ts';
import { LogsController } from './logs.controller.ts';
import { TestHistory } from '../test-history/test-history.ts';

const MEGABYTE = Buffer.alloc(1024 * 1024, 'a line of a log, as long as many are\n');
const MEGABYTES = 40;

let database: TestDatabase;
let folder: TemporaryFolder;
let server: Server;
let url: string;
/** What the server answered last, and how that went on. */
let response: Response;
let answered: Promise<void>;
let mostListeners = 0;

beforeAll(async () => {
  database = await testDatabase();
  folder = await temporaryFolder();
  const logs = new LogStore(folder.path);
  const buildId = await withTransaction(database, async (client) => insertBuild(client, newBuild(await insertProject(database), [jobSpec('a')])));
  const jobId = (await jobsOf(database, buildId))[0]?.id ?? 0;
  const [attempt] = await assign(database, randomUUID(), [jobId]);
  const writer = await logs.open(attempt?.attemptId ?? 0, { secrets: [] });
  for (let written = 0; written < MEGABYTES; written += 1) await writer.append(MEGABYTE, written);
  await writer.finish();
  await writer.close();
  const controller = new LogsController(
    new JobViews(database.pool, new BuildViews(database.pool), logs, new TestHistory(database.pool), async () => null),
    logs,
  );
  const app = express().get('/log', (request, answer) => {
    response = answer;
    answer.on('drain', () => {
      mostListeners = Math.max(mostListeners, answer.listenerCount('close'), answer.listenerCount('error'));
    });
    answered = controller.read(jobId, request, answer);
  });
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/log`;
});

afterAll(async () => {
  server?.close();
  await database?.close();
  await folder?.remove();
});

beforeEach(() => {
  mostListeners = 0;
});

function ask(headers: Record<string, string> = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => get(url, { headers, agent: false }, resolve).on('error', reject));
}

test('a large log comes whole, however often the client lets it wait, and piles up no listeners', async () => {
  const message = await ask();
  let size = 0;
  for await (const part of message) size += Buffer.from(part).length;
  await answered;
  expect(size).toBe(MEGABYTES * MEGABYTE.length);
  expect(mostListeners).toBeGreaterThan(0);
  expect(mostListeners).toBeLessThan(10);
});

test('a range is that range', async () => {
  const message = await ask({ range: 'bytes=2-5' });
  const parts = [];
  for await (const part of message) parts.push(Buffer.from(part));
  await answered;
  expect([message.statusCode, message.headers['content-range']]).toEqual([206, `bytes 2-5/${MEGABYTES * MEGABYTE.length}`]);
  expect(Buffer.concat(parts).toString()).toBe('line');
});

test('a client that goes away ends the reading, and is no error', async () => {
  const message = await ask();
  await once(message, 'readable');
  message.destroy();
  await answered;
  expect(response.destroyed).toBe(true);
  expect(response.writableFinished).toBe(false);
});
