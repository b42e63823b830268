import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { countQueued, queueWindow, type QueuedRow } from './sql/queue-window.ts';
import { change, insertProject, jobSpec } from './testing/rows.ts';

const JOBS = 10_000;
let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  const projects = await Promise.all(Array.from({ length: 7 }, () => insertProject(database)));
  const { rows } = await database.pool.query<{ id: number }>(
    `insert into builds (project_id, number, state, change, branch, stages, messages, fast_finish)
     select id, 1, 'queued', $2, 'main', '[]', '[]', false from unnest($1::int[]) as id returning id`,
    [projects, JSON.stringify(change())],
  );
  await database.pool.query(`update projects set isolation = 'vm' where id = $1`, [projects[0]]);
  // Spread over projects and 9 shapes by numbers without a common divisor; every eleventh is not queued.
  await database.pool.query(
    `insert into jobs (build_id, project_id, position, stage_index, allow_failure, spec, shape, state)
     select ($1::int[])[1 + n % 7], ($2::int[])[1 + n % 7], n, 0, false, $3, 'shape ' || (n % 9) * (n % 2), case when n % 11 = 0 then 'running' else 'queued' end
     from generate_series(1, $4::int) n`,
    [rows.map((row) => row.id), projects, JSON.stringify(jobSpec('a')), JOBS],
  );
});

afterAll(async () => {
  await database?.close();
});

/** The same by looking at every row. */
async function naive(each: number): Promise<Omit<QueuedRow, 'seconds'>[]> {
  const { rows } = await database.pool.query<Omit<QueuedRow, 'seconds'>>(
    `select ranked.id, ranked.project_id as "projectId", ranked.shape, p.isolation, ranked.attempt, json_build_object('name', p.name, 'groups', p.groups) as project from (
       select *, row_number() over (partition by project_id, shape order by id) as place from jobs where state = 'queued') ranked
       join projects p on p.id = ranked.project_id where place <= $1`,
    [each],
  );
  return rows;
}

function byId(rows: readonly Omit<QueuedRow, 'seconds'>[]): Omit<QueuedRow, 'seconds'>[] {
  return rows.toSorted((one, other) => one.id - other.id);
}

test.each([1, 5, 32, JOBS])('the first %i of each project and shape are those that a look at all rows finds', async (each) => {
  const found = byId((await queueWindow(database.pool, each)).map(({ seconds: _seconds, ...row }) => row));
  expect(found.length).toBeGreaterThan(0);
  expect(found).toEqual(byId(await naive(each)));
});

test('it reads the index alone, not the whole table', async () => {
  await database.pool.query('analyze jobs');
  const { rows } = await database.pool.query<{ 'QUERY PLAN': string }>(
    `explain select id from jobs where state = 'queued' and project_id = 1 and shape = 'shape 1' order by id limit 5`,
  );
  expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('jobs_queue_idx');
});

test('planned once for all, it still goes by the index', async () => {
  const client = await database.pool.connect();
  await client.query('set plan_cache_mode = force_generic_plan');
  await client.query("prepare shapes as select id from jobs where state = 'queued' and project_id = $1 and shape = $2 order by id limit $3");
  const { rows } = await client.query<{ 'QUERY PLAN': string }>("explain execute shapes(1, 'shape 1', 5)");
  client.release(true);
  expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('jobs_queue_idx');
});

test('each says how long it has waited', async () => {
  await database.pool.query(`update jobs set queued_at = now() - interval '10 minutes'`);
  const [first] = await queueWindow(database.pool, 1);
  expect(Math.round((first?.seconds ?? 0) / 60)).toBe(10);
});

test('those that wait are counted in full', async () => {
  expect(await countQueued(database.pool)).toBe(JOBS - Math.floor(JOBS / 11));
});

test('an empty queue is an empty window', async () => {
  const empty = await testDatabase();
  expect(await queueWindow(empty.pool, 5)).toEqual([]);
  await empty.close();
});
