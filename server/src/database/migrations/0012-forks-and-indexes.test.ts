import { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testDatabaseUrl, type DatabaseUrl } from '../../../../test/support/database.ts';
import { recordingLogger } from '../../../../test/support/logger.ts';
import { migrate } from '../migrate.ts';
import { migrations } from './index.ts';

let place: DatabaseUrl;
let client: Client;

beforeEach(async () => {
  place = await testDatabaseUrl('empty');
  client = new Client({ connectionString: place.url });
  await client.connect();
});

afterEach(async () => {
  await client.end();
  await place.drop();
});

/** Returns the build's id. */
async function build(number: number, change: object): Promise<number> {
  const { rows } = await client.query<{ id: number }>(
    `insert into builds (project_id, number, state, change, branch, stages, messages, fast_finish) values (1, $1, 'passed', $2, 'b', '[]', '[]', false) returning id`,
    [number, JSON.stringify(change)],
  );
  return rows[0]?.id ?? 0;
}

async function interpreter(revision: string, branch: string, buildId: number | null): Promise<void> {
  await client.query(
    `insert into interpreters (fork_id, revision, branch, image, version, sha256, bytes, build_id) values (1, $1, $2, 'debian-12', '3.8.20', 'x', 1, $3)`,
    [revision, branch, buildId],
  );
}

test('interpreters keep their names, and builds that try a package on a fork stay quiet', async () => {
  await migrate(client, migrations.slice(0, 11), recordingLogger());
  await client.query(`insert into projects (name, url, scm) values ('a', 'x', 'git')`);
  await client.query(`insert into forks (project_id, name, upstream, images) values (1, 'acme-3.8', '3.8', '{debian-12}')`);
  const [pushed, tagged] = [await build(7, { tag: null }), await build(8, { tag: 'v1' })];
  await interpreter('one', 'main', pushed);
  await interpreter('two', 'v1', tagged);
  await interpreter('three', 'main', null);
  await client.query(`insert into fork_builds (fork_id, revision, project_id, build_id) values (1, 'one', 1, $1)`, [tagged]);
  await migrate(client, migrations.slice(0, 12), recordingLogger());
  const names = await client.query(
    'select i.revision, n.name, n.is_branch, n.build_number from interpreters i join interpreter_names n on n.interpreter_id = i.id order by i.id',
  );
  expect(names.rows).toEqual([
    { revision: 'one', name: 'main', is_branch: true, build_number: 7 },
    { revision: 'two', name: 'v1', is_branch: false, build_number: 8 },
    { revision: 'three', name: 'main', is_branch: true, build_number: 0 },
  ]);
  expect((await client.query('select number, is_quiet from builds order by id')).rows).toEqual([
    { number: 7, is_quiet: false },
    { number: 8, is_quiet: true },
  ]);
});
