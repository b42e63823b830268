import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type BuildView, BuildView as BuildViewSchema } from '#server/api';
import { machines, ownOutput, Scenario, until } from './support.ts';

/** Without a network pip takes some seconds in each job to say that nox cannot be had, before the one that is there is taken. */
const PATIENCE_MS = 240_000;
vi.setConfig({ testTimeout: 2 * PATIENCE_MS, hookTimeout: 120_000 });

const isMissing = spawnSync('/usr/bin/python3', ['-m', 'nox', '--version']).status !== 0;

/** Sessions that are made in a loop: only nox can tell them. */
const NOXFILE = `import nox
WORDS = "alpha beta".split()
for word in WORDS:
    @nox.session(name="say-" + word, venv_backend="none")
    def say(session, word=word):
        session.run("echo", "said", word.upper(), external=True)
@nox.session(venv_backend="none")
@nox.parametrize("x", [1, 2])
def count(session, x):
    session.run("test", str(x), "=", "1", external=True)
`;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await Scenario.open(machines(2));
});
afterAll(() => scenario?.close());

async function built(name: string, noxfile: string): Promise<BuildView> {
  const { folder } = await scenario.repository(name, { 'noxfile.py': noxfile });
  const project = await scenario.addProject(folder, name);
  return await scenario.ended((await scenario.start(project.id)).id, PATIENCE_MS);
}

function states({ jobs }: BuildView): Record<string, string> {
  return Object.fromEntries(jobs.map(({ name, state }) => [name, state]));
}

describe.skipIf(isMissing)('a noxfile that computes its sessions', () => {
  test('is asked of nox in a machine, and each session becomes a job', async () => {
    const build = await built('computed', NOXFILE);
    expect(states(build)).toEqual({
      'nox --list': 'passed',
      'say-alpha': 'passed',
      'say-beta': 'passed',
      'count(x=1)': 'passed',
      'count(x=2)': 'failed',
    });
    expect(build).toMatchObject({ state: 'failed', stages: ['ask nox', 'test'] });
    expect(build.jobs.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5]);
    const said = build.jobs.find(({ name }) => name === 'say-beta');
    expect(ownOutput(await scenario.log(said?.id ?? 0)).toString()).toContain('said BETA');

    // Asked again it says the same: nothing is there twice.
    const [asking] = build.jobs;
    await scenario.json('POST', `/api/jobs/${asking?.id}/restart`);
    const again = await until(
      'the asking job to have run again',
      async () => {
        const now = BuildViewSchema.parse(await scenario.json('GET', `/api/builds/${build.id}`));
        return now.finishedAt !== null && now.jobs[0]?.state === 'passed' && now.jobs[0].attempt === 2 ? now : null;
      },
      PATIENCE_MS,
    );
    expect(states(again)).toEqual(states(build));
  });

  test('fails where nox refuses it, with what nox says', async () => {
    const build = await built('refused', `${NOXFILE}raise SystemError("no such luck")\n`);
    expect(states(build)).toEqual({ 'nox --list': 'failed' });
    expect((await scenario.log(build.jobs[0]?.id ?? 0)).toString()).toContain('no such luck');
  });

  test('is errored where nothing is to be run', async () => {
    const build = await built('none', NOXFILE.replace('import nox', 'import nox\nnox.options.sessions = [one for one in []]'));
    expect(build.jobs.map(({ state, reason }) => [state, reason])).toEqual([['errored', expect.stringContaining('nox runs no session by default')]]);
    expect(build.state).toBe('errored');
  });

  test('harms nobody else by what it answers', async () => {
    const poison = JSON.stringify([{ session: 'a\ud800', name: 'x', python: null }]).replaceAll('\\', '\\\\');
    const build = await built('poison', `${NOXFILE}print('${poison}')\n`);
    expect(build.jobs.map(({ state, reason }) => [state, reason])).toEqual([['errored', expect.stringContaining('cannot be stored')]]);
    expect((await scenario.ended((await scenario.build('after', '{"checkout": false, "test": "true"}')).id)).state).toBe('passed');
  });

  test('finds its jobs once, however often the server is killed while it asks', async () => {
    const slow = NOXFILE.replace('import nox', 'import nox, sys, time\nprint("it is asked", file=sys.stderr)\ntime.sleep(2)');
    const { folder } = await scenario.repository('killed', { 'noxfile.py': slow });
    const project = await scenario.addProject(folder, 'killed');
    const begun = await scenario.start(project.id);
    await scenario.said(begun.jobs[0]?.id ?? 0, 'it is asked');
    for (let count = 0; count < 2; count += 1) {
      await scenario.server.kill('SIGKILL');
      await scenario.server.restart();
    }
    const build = await scenario.ended(begun.id, PATIENCE_MS);
    expect(states(build)).toMatchObject({ 'nox --list': 'passed', 'say-alpha': 'passed', 'count(x=2)': 'failed' });
    expect(build.jobs).toHaveLength(5);
  });
});
