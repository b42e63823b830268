import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { DomainEvents } from '../common/domain-events.ts';
import { Neighbours } from '../database/neighbours.ts';
import { BuildViews } from './build-views.ts';
import { Builds } from './builds.service.ts';
import { change, insertProject, jobSpec, newBuild } from './testing/rows.ts';
import { storable } from './storable.ts';

let database: TestDatabase;
let builds: Builds;

beforeAll(async () => {
  database = await testDatabase();
  const events = new DomainEvents();
  builds = new Builds(database, events, new Neighbours(database, events, 'me'));
});

afterAll(async () => {
  await database?.close();
});

function running(run: string) {
  return jobSpec('bad', { program: { shell: 'sh', phases: [{ name: 'script', when: 'always', onFailure: 'fail', commands: [{ run }] }] } });
}

describe('a build that PostgreSQL cannot store', () => {
  test.each([
    ['a NUL', 'a\u0000b'],
    ['half a surrogate pair', 'a\ud800'],
  ])('%s in a script: nothing is run, and a message says why', async (_title, text) => {
    const id = await builds.create(newBuild(await insertProject(database), [running('fine'), running(text), running(text)]));
    const view = await new BuildViews(database.pool).get(id);
    expect(view).toMatchObject({ state: 'errored', jobs: [], messages: [{ level: 'error', text: expect.stringMatching(/^2 jobs, bad the first/) }] });
  });

  test('in a key of what is shown: the same', async () => {
    const id = await builds.create(newBuild(await insertProject(database), [jobSpec('bad', { config: { deep: [{ 'a\u0000': 1 }] } })]));
    expect(await new BuildViews(database.pool).get(id)).toMatchObject({ state: 'errored', jobs: [] });
  });

  test('in a commit message, an author or a message: shown with a replacement, and run', async () => {
    const build = newBuild(await insertProject(database), [jobSpec('fine')], { change: change({ message: 'a\u0000b', author: '\udc00' }) });
    const message = { level: 'warning', text: 'not \ud83d known', path: 'x\u0000', line: null, column: null } as const;
    const id = await builds.create({ ...build, plan: { ...build.plan, messages: [message] } });
    expect(await new BuildViews(database.pool).get(id)).toMatchObject({
      state: 'queued',
      change: { message: 'a\ufffdb', author: '\ufffd' },
      messages: [{ text: 'not \ufffd known', path: 'x\ufffd' }],
      jobs: [{ name: 'fine' }],
    });
  });
});

test('what can be stored is left as it is', () => {
  const build = newBuild(1, [jobSpec('a 😀 \\u0000')]);
  expect(storable(build)).toBe(build);
});
