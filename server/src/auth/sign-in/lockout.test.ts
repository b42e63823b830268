import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../../test/support/database.ts';
import { Lockout } from './lockout.ts';

let database: TestDatabase;
let lockout: Lockout;

beforeAll(async () => {
  database = await testDatabase();
  lockout = new Lockout(database.pool);
});

afterAll(() => database?.close());

/** Tries `times` in vain, one after the other; the waits that are asked for are over at once. Gives those waits, in seconds. */
async function fail(times: number, name: string, address: string): Promise<number[]> {
  const waits: number[] = [];
  for (let count = 0; count < times; count += 1) {
    await lockout.admit(name, address);
    waits.push(await pending(database));
  }
  return waits;
}

/** The longest wait that there is now, in whole seconds; it is over after this. */
async function pending({ pool }: TestDatabase): Promise<number> {
  const { rows } = await pool.query<{ wait: number }>(
    `select coalesce(max(extract(epoch from until - last_at)), 0)::float8 as wait from sign_in_tries`,
  );
  await pool.query(`update sign_in_tries set until = last_at - interval '1 second'`);
  return Math.round(rows[0]?.wait ?? 0);
}

describe('the wait under one name', () => {
  test('begins after five failures, doubles, and stays below a minute', async () => {
    const waits = await fail(14, 'anna', '192.0.2.1');
    expect(waits.slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
    expect(waits.slice(5)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  test('is told, with the seconds, and is the same for any case of the name and from anywhere', async () => {
    await fail(5, 'Bert', '192.0.2.2');
    await lockout.admit('bert', '192.0.2.3');
    const refusal = lockout.admit('BERT', '192.0.2.4');
    await expect(refusal).rejects.toMatchObject({
      code: 'rate-limited',
      retryAfterSeconds: 1,
      message: expect.stringContaining('possible in 1 seconds'),
    });
  });

  test('is forgotten when the password was right', async () => {
    await fail(9, 'carla', '192.0.2.5');
    await lockout.admit('carla', '192.0.2.5');
    await lockout.succeeded('carla', '192.0.2.5');
    expect(await fail(5, 'carla', '192.0.2.5')).toEqual([0, 0, 0, 0, 0]);
  });
});

test('from one address it begins after twenty failures under whatever names, and grows to a quarter of an hour', async () => {
  const waits: number[] = [];
  for (let count = 0; count < 33; count += 1) waits.push(...(await fail(1, `name ${count}`, '198.51.100.1')));
  expect(waits.slice(0, 20).every((wait) => wait === 0)).toBe(true);
  expect(waits.slice(20)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
});

test('of many at once no more are admitted than of as many one after the other', async () => {
  const tries = await Promise.allSettled(Array.from({ length: 30 }, (_, index) => lockout.admit('dora', `203.0.113.${index}`)));
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(6);
});

test('a try that the address is refused does not count against the name', async () => {
  for (let count = 0; count < 21; count += 1) await fail(1, `other ${count}`, '198.51.100.2');
  await lockout.admit('someone', '198.51.100.2');
  for (let count = 0; count < 9; count += 1) {
    await expect(lockout.admit('victim', '198.51.100.2')).rejects.toMatchObject({ code: 'rate-limited' });
  }
  await lockout.admit('victim', '198.51.100.9');
});

test('no name is kept, because it may be a password', async () => {
  await lockout.admit('correct horse battery', '192.0.2.9');
  const { rows } = await database.pool.query<{ key: string }>('select key from sign_in_tries');
  expect(rows.filter(({ key }) => key.includes('horse'))).toEqual([]);
});
