import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { insertProject } from '../builds/testing/rows.ts';
import { withTransaction } from '../database/index.ts';
import { ForgetTests } from './forget-tests.ts';
import { slowness } from './slowness.ts';
import { writeOutcomes } from './sql/write-outcomes.ts';
import { TestHistory } from './test-history.ts';
import { insertRun, testCase } from './testing/runs.ts';
import { recordingLogger } from '../../../test/support/logger.ts';

let database: TestDatabase;
let history: TestHistory;
let project: number;

beforeAll(async () => {
  database = await testDatabase();
  history = new TestHistory(database.pool);
});

afterAll(async () => {
  await database?.close();
});

beforeEach(async () => {
  project = await insertProject(database);
});

async function count(table: 'tests' | 'test_runs' | 'test_outcomes'): Promise<number> {
  const of = table === 'test_outcomes' ? 'attempt_id in (select attempt_id from test_runs where project_id = $1)' : 'project_id = $1';
  const { rows } = await database.pool.query<{ count: number }>(`select count(*)::int as count from ${table} where ${of}`, [project]);
  return rows[0]?.count ?? 0;
}

async function flakyNames(): Promise<string[]> {
  return (await history.flaky(project, 30)).tests.map(({ name, times }) => `${name} ${times}`);
}

describe('flaky', () => {
  test('is what passed and failed at the same commit, in the same job; in how many of these is counted', async () => {
    await insertRun(database, project, [testCase('a'), testCase('b', 'failed'), testCase('c', 'errored'), testCase('d')]);
    const job = await insertRun(database, project, [testCase('a', 'failed'), testCase('b', 'failed'), testCase('c'), testCase('d', 'skipped')]);
    await insertRun(database, project, [testCase('a', 'failed')], { commit: 'b' });
    await insertRun(database, project, [testCase('a')], { commit: 'b' });
    expect(await flakyNames()).toEqual(['a 2', 'c 1']);
    const { runs, cut, tests } = await history.flaky(project, 30);
    expect([runs, cut, tests[0]?.jobs]).toEqual([4, 0, ['job']]);
    expect(tests[1]).toMatchObject({ name: 'c', last: { attempt: 1, at: expect.any(String) } });
    expect(tests[1]?.last.jobId).not.toBe(job);
  });

  test.each([
    ['another commit', { commit: 'b' }],
    ['another job', { job: 'other' }],
    ['another interpreter', { interpreter: 'acme-3.8@f00' }],
    ['a stranger', { trust: { level: 'untrusted', reason: null, contributor: null } }],
    ['long ago', { daysAgo: 31 }],
  ] as const)('is nothing that failed for %s', async (_, run) => {
    await insertRun(database, project, [testCase('a')]);
    await insertRun(database, project, [testCase('a', 'failed')], run);
    expect(await flakyNames()).toEqual([]);
  });

  test('is not what another project has', async () => {
    await insertRun(database, project, [testCase('a')]);
    await insertRun(database, await insertProject(database), [testCase('a', 'failed')]);
    expect(await flakyNames()).toEqual([]);
  });

  test('is told of failures as they are named by a report or by a log', async () => {
    const name = 'tests.test_a.TestB.test_c[x]';
    for (const outcome of ['passed', 'failed'] as const) await insertRun(database, project, [testCase(name, outcome), testCase('other', outcome)]);
    const failure = { outcome: 'failed', line: null, message: '', logLine: null } as const;
    const told = [
      { ...failure, name, file: null },
      { ...failure, name: 'TestB.test_c[x]', file: 'tests/test_a.py' },
      { ...failure, name: 'test_c[x]', file: null },
    ];
    expect(await history.notes(project, told.slice(0, 1))).toEqual([{ name, times: 1, days: 30 }]);
    expect(await history.notes(project, told.slice(1))).toEqual([{ name: 'TestB.test_c[x]', times: 1, days: 30 }]);
    expect(await history.notes(project, [])).toEqual([]);
  });
});

describe('slow', () => {
  test('tests are told by the median of their last runs, in the job in which they are slowest', async () => {
    for (const milliseconds of [100, 400, 300])
      await insertRun(database, project, [testCase('a', 'passed', milliseconds), testCase('b', 'failed', 2000), testCase('c', 'passed', 99)]);
    await insertRun(database, project, [testCase('a', 'passed', 5000)], { job: 'other' });
    const { runs, slowest, slower } = await history.slow(project, 30);
    expect(runs).toBe(4);
    expect(slowest).toEqual([
      { name: 'a', job: 'other', median: 5000, before: null, samples: [5000] },
      { name: 'b', job: 'job', median: 2000, before: null, samples: [2000, 2000, 2000] },
    ]);
    expect(slower).toEqual([]);
  });

  test('tests that became slower are those whose last runs took much longer than the ones before', () => {
    const row = (name: string, newest: number, before: number, runs = 40) => ({
      name,
      job: 'job',
      samples: [...Array.from({ length: 10 }, () => newest), ...Array.from({ length: runs - 10 }, () => before)],
    });
    const rows = [row('little', 1000, 700), row('twice', 1000, 500), row('short', 140, 50), row('much', 900, 100), row('few', 900, 100, 14)];
    expect(slowness(rows).slower.map(({ name, median, before }) => [name, median, before])).toEqual([
      ['much', 900, 100],
      ['twice', 1000, 500],
    ]);
  });
});

describe('what is kept', () => {
  test('names are kept once, outcomes for each run', async () => {
    await insertRun(database, project, [testCase('a'), testCase('b')]);
    await insertRun(database, project, [testCase('b'), testCase('c')]);
    expect([await count('tests'), await count('test_runs'), await count('test_outcomes')]).toEqual([3, 2, 4]);
  });

  test('nothing is kept of an attempt whose end was refused', async () => {
    await withTransaction(database, (client) => writeOutcomes(client, [], [{ attemptId: 1, cases: [testCase('a')] }]));
    expect(await count('test_runs')).toBe(0);
  });

  test('what is older than it is kept is forgotten, and tests that nothing is known of with it', async () => {
    await insertRun(database, project, [testCase('a'), testCase('b')], { daysAgo: 91 });
    await insertRun(database, project, [testCase('b'), testCase('c')], { daysAgo: 89 });
    await new ForgetTests(database.pool, 90, recordingLogger()).forget();
    expect([await count('tests'), await count('test_runs'), await count('test_outcomes')]).toEqual([2, 1, 2]);
  });

  test('it goes with its project', async () => {
    await insertRun(database, project, [testCase('a')]);
    await database.pool.query('delete from projects where id = $1', [project]);
    expect([await count('tests'), await count('test_runs'), await count('test_outcomes')]).toEqual([0, 0, 0]);
  });
});
