import { EventEmitter, once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { listen } from './listen.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(() => database.close());

test('hears what is notified on its channel, whatever its name', async () => {
  const events = new EventEmitter();
  const channel = 'Jobs; drop "x"';
  const listener = await listen(database, channel, (payload) => events.emit('heard', payload));
  const heard = once(events, 'heard');
  await database.pool.query("select pg_notify('other', 'not this'), pg_notify($1, 'job 7')", [channel]);
  expect(await heard).toEqual(['job 7']);
  await listener.close();
});

test('connects again when the server ends the connection, and says so', async () => {
  const events = new EventEmitter();
  const listener = await listen(database, 'wake', (payload) => events.emit('heard', payload), { onReconnect: () => events.emit('back') });
  const back = once(events, 'back');
  await database.pool.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name like '%listens' and datname = current_database()",
  );
  await back;
  const heard = once(events, 'heard');
  await database.pool.query("select pg_notify('wake', 'again')");
  expect(await heard).toEqual(['again']);
  await listener.close();
});

test('closing leaves no connection behind', async () => {
  const listener = await listen(database, 'quiet', () => undefined);
  await listener.close();
  // The server takes a moment to forget a connection that said goodbye: ask until it has.
  const ask = "select count(*)::int as n from pg_stat_activity where application_name like '%listens' and datname = current_database()";
  await expect.poll(async () => (await database.pool.query<{ n: number }>(ask)).rows[0]?.n).toBe(0);
});

test('the first connection must succeed', async () => {
  await expect(listen({ ...database, url: 'postgresql://me@127.0.0.1:1/ci' }, 'wake', () => undefined)).rejects.toMatchObject({
    code: 'ECONNREFUSED',
  });
});
