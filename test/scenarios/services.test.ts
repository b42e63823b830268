import { readdirSync, existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sandboxProblem } from '../../plugins/runner-local/testing/sandbox-problem.ts';
import { machines, Scenario } from './support.ts';

const POSTGRESQL = '/usr/lib/postgresql';
const missing =
  (await sandboxProblem()) ?? (existsSync(POSTGRESQL) && readdirSync(POSTGRESQL).length > 0 ? null : 'there is no PostgreSQL on this computer');

let scenario: Scenario;

describe.skipIf(missing !== null)(`servers for jobs${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  beforeAll(async () => {
    scenario = await Scenario.open(machines(2));
  });
  afterAll(() => scenario?.close());

  test('PostgreSQL answers when the first command runs, in each sandbox its own, and leaves nothing', async () => {
    const query = `psql -Atc "select current_user || '@' || current_database()" test`;
    const build = await scenario.build(
      'database',
      JSON.stringify({
        services: ['postgresql'],
        env: [{ ROW: 1 }, { ROW: 2 }],
        test: [query, 'createdb other', 'psql -c "create table t (n int)" other'],
        checkout: false,
      }),
    );
    const ended = await scenario.ended(build.id);
    const logs = await Promise.all(ended.jobs.map(async ({ id }) => (await scenario.log(id)).toString()));
    expect(
      ended.jobs.map(({ state }) => state),
      logs[0],
    ).toEqual(['passed', 'passed']);
    for (const log of logs) expect(log).toContain('postgres@test');
  });

  test('what a sandbox cannot install is said, with what to do', async () => {
    const ended = await scenario.ended((await scenario.build('lacking', 'apt: [no-such-package-at-all]\ntest: "true"\ncheckout: false\n')).id);
    expect(ended.jobs[0]).toMatchObject({ state: 'errored' });
    expect((await scenario.log(ended.jobs[0]?.id ?? 0)).toString()).toContain('Not there: no-such-package-at-all. Use a pool of virtual machines');
  });
});
