import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { DomainEvents } from '../common/domain-events.ts';
import { Neighbours } from './neighbours.ts';

let database: TestDatabase;
let speaker: Neighbours;
let listener: Neighbours;
const heard: unknown[] = [];

beforeAll(async () => {
  database = await testDatabase();
  speaker = listening('one');
  listener = listening('two');
  await speaker.start();
  await listener.start();
});

afterAll(async () => {
  await listener?.stop();
  await speaker?.stop();
  await database?.close();
});

function listening(self: string): Neighbours {
  const events = new DomainEvents();
  events.on('cancel', (ids) => heard.push([self, 'cancel', ids]));
  events.on('revoked', (right) => heard.push([self, 'revoked', right]));
  return new Neighbours(database, events, self);
}

test('what one says the others hear, not it itself; what is no word of theirs is nothing', async () => {
  for (const text of ['no JSON', '{}', '{"from": 7}']) await database.pool.query('select pg_notify($1, $2)', ['terrarium', text]);
  await speaker.tell([]);
  await speaker.tell([3, 4]);
  await speaker.tellRevoked('token:7');
  await vi.waitFor(() => expect(heard).toHaveLength(2), 10_000);
  expect(heard).toEqual([
    ['two', 'cancel', [3, 4]],
    ['two', 'revoked', 'token:7'],
  ]);
});
