import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BuildView } from '#server/api';
import { machines, Scenario } from './support.ts';

/** Readers of CI descriptions get files of strangers; one of them makes a mistake of each kind. */
const PLUGIN = join(import.meta.dirname, '../plugins/ci-endless');

let scenario: Scenario;

beforeAll(async () => {
  const { plugins, ...rest } = JSON.parse(machines(1)) as { plugins: unknown[] };
  scenario = await Scenario.open(JSON.stringify({ ...rest, plugins: [...plugins, { plugin: PLUGIN }], limits: { planSeconds: 5 } }));
}, 180_000);

afterAll(() => scenario?.close());

async function endless(mistake: string): Promise<number> {
  const repository = await scenario.repository(mistake, { 'endless.txt': `${mistake}\n` });
  return (await scenario.addProject(repository.folder, mistake)).id;
}

function texts(build: BuildView): string[] {
  return build.messages.map(({ level, text }) => `${level}: ${text}`);
}

describe('a description that is not read in its bounds', () => {
  test('keeps nobody waiting: the server answers meanwhile, and the build says what is wrong', async () => {
    const id = await endless('time');
    const starting = scenario.start(id);
    let isOver = false;
    void starting.finally(() => (isOver = true));
    expect((await scenario.request('GET', '/api/health')).status).toBe(200);
    expect(isOver).toBe(false);
    const build = await starting;
    expect([build.state, texts(build)]).toEqual([
      'errored',
      ['error: What says what to run takes more than 5 seconds to read. Make it simpler, and push again.'],
    ]);
  });

  test('is ended where it takes too much memory', async () => {
    const build = await scenario.start(await endless('memory'));
    expect([build.state, texts(build)]).toEqual([
      'errored',
      [expect.stringMatching(/^error: What says what to run (needs more than 512 MB|takes more than 5 seconds) to (be )?read\./)],
    ]);
  });

  test('is a fault of the server where the reader throws', async () => {
    const id = await endless('throw');
    expect((await scenario.request('POST', `/api/projects/${id}/builds`, {})).status).toBe(500);
  });

  test('does no harm to those after it', async () => {
    const build = await scenario.build('sane', '{"checkout": false, "test": "true"}');
    expect((await scenario.ended(build.id)).state).toBe('passed');
  });
});
