import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Repository, StatusReport } from '#plugins/api';
import type { FakeRepository } from '../testing/fake-state.ts';
import { anonymously, byApp, byToken, startSubject, type Subject, type Way } from '../testing/subject.ts';

const signal = AbortSignal.timeout(600_000);
const COMMIT = 'a'.repeat(40);

const REPORT: StatusReport = {
  commit: COMMIT,
  key: 'terrarium/1',
  state: 'running',
  summary: '3 of 7 jobs are done',
  details: [],
  annotations: [],
  url: 'https://ci.example.org/builds/1',
  branch: 'main',
  pullRequest: null,
  startedAt: '2026-01-02T03:04:05.000Z',
  finishedAt: null,
};

let subject: Subject;
let demo: FakeRepository;
let repository: Repository;

async function start(way: Way): Promise<void> {
  subject = await startSubject(way);
  demo = await subject.github.createRepository('ada/demo');
  repository = { url: `${subject.github.url}/ada/demo.git`, credentials: null };
}

const report = (changed: Partial<StatusReport>): Promise<void> => subject.provider.statuses.report(repository, { ...REPORT, ...changed }, signal);

afterEach(() => subject.close());

describe('commit statuses, of a token', () => {
  beforeEach(() => start(byToken));

  it.each([
    ['held', 'pending'],
    ['queued', 'pending'],
    ['running', 'pending'],
    ['passed', 'success'],
    ['failed', 'failure'],
    ['errored', 'error'],
    ['canceled', 'error'],
  ] as const)('%s is %s', async (state, expected) => {
    await report({ state });
    expect(demo.statuses).toEqual([
      { sha: COMMIT, state: expected, context: 'terrarium/1', description: '3 of 7 jobs are done', target_url: 'https://ci.example.org/builds/1' },
    ]);
  });

  it('are the same when told again', async () => {
    await report({ state: 'passed' });
    await report({ state: 'passed' });
    expect(new Set(demo.statuses.map((status) => JSON.stringify(status))).size).toBe(1);
  });

  it('say in 140 characters that there was more, and break none in two', async () => {
    await report({ summary: '🌱'.repeat(141) });
    expect(demo.statuses[0]?.description).toBe(`${'🌱'.repeat(139)}…`);
  });

  it('are refused for good where GitHub takes no more', async () => {
    const full = { sha: COMMIT, state: 'pending', context: 'terrarium/1', description: null, target_url: null };
    demo.statuses.push(...Array.from({ length: 1000 }, () => full));
    await expect(report({})).rejects.toMatchObject({ code: 'rejected', message: expect.stringContaining('it has 1000') });
    await report({ key: 'terrarium/2' });
  });

  it('of a commit that is not there, or not by name, are refused', async () => {
    await expect(report({ commit: 'f'.repeat(40) })).rejects.toMatchObject({ code: 'rejected', message: expect.stringContaining('No commit found') });
    await expect(report({ commit: 'main' })).rejects.toMatchObject({ code: 'invalid' });
    await expect(report({ commit: '../../hooks' })).rejects.toMatchObject({ code: 'invalid' });
  });

  it('need a repository, and the right to write to it', async () => {
    const { github, provider } = subject;
    await github.createRepository('bob/other');
    const ask = (name: string): Promise<void> => provider.statuses.report({ url: `${github.url}/bob/${name}`, credentials: null }, REPORT, signal);
    await expect(ask('other')).rejects.toMatchObject({ code: 'unauthorized' });
    await expect(ask('none')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('are not set at a new place without being told', async () => {
    subject.github.rename(demo, 'renamed');
    await expect(report({})).rejects.toMatchObject({ code: 'rejected', message: expect.stringContaining('new URL') });
    expect(demo.statuses).toEqual([]);
  });
});

describe('statuses of a project with a token of its own', () => {
  beforeEach(() => start(anonymously));

  it('are set with it, where the instance has none', async () => {
    const { github, provider } = subject;
    await expect(report({})).rejects.toMatchObject({ code: 'unauthorized' });
    const credentials = { kind: 'password', user: 'ada', password: github.token('ada') } as const;
    await provider.statuses.report({ ...repository, credentials }, REPORT, signal);
    expect(demo.statuses).toHaveLength(1);
  });

  it.each(['ghp_hunter2', 'ghp_hunter2\n', 'ghp_hunter2 ü', '\u0000hunter2'])('do not repeat a wrong one: %j', async (password) => {
    const credentials = { kind: 'password', user: 'ada', password } as const;
    const failure: unknown = await subject.provider.statuses.report({ ...repository, credentials }, REPORT, signal).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'unauthorized' });
    expect(`${String(failure)} ${JSON.stringify(subject.context.lines)}`).not.toContain('hunter2');
  });
});

describe('check runs, of an App', () => {
  beforeEach(async () => {
    await start(byApp);
    subject.github.install('ada');
  });

  it.each([
    ['held', 'completed', 'action_required'],
    ['queued', 'queued', null],
    ['running', 'in_progress', null],
    ['passed', 'completed', 'success'],
    ['failed', 'completed', 'failure'],
    ['errored', 'completed', 'failure'],
    ['canceled', 'completed', 'cancelled'],
  ] as const)('%s is %s, %s', async (state, status, conclusion) => {
    await report({ state });
    expect(demo.checkRuns).toMatchObject([{ head_sha: COMMIT, name: 'terrarium/1', external_id: 'terrarium/1', status, conclusion }]);
    expect(demo.statuses).toEqual([]);
  });

  it('go on from queued to passed as one, with times, words and a link', async () => {
    await report({ state: 'queued', startedAt: null });
    await report({ state: 'running' });
    const ended = { state: 'passed', summary: 'All is well', details: ['pass `a`', '```', '<b>'], finishedAt: '2026-01-02T03:09:05.000Z' } as const;
    await report(ended);
    await report(ended);
    expect(demo.checkRuns).toMatchObject([
      {
        status: 'completed',
        conclusion: 'success',
        details_url: REPORT.url,
        started_at: REPORT.startedAt,
        completed_at: ended.finishedAt,
        output: { title: 'All is well', summary: '````text\npass `a`\n```\n<b>\n````' },
        actions: [],
      },
    ]);
  });

  it('that are over and begin again are new ones', async () => {
    await report({ state: 'held' });
    await report({ state: 'queued' });
    await report({ state: 'failed' });
    expect(demo.checkRuns.map(({ conclusion }) => conclusion)).toEqual(['action_required', 'failure']);
    expect(demo.checkRuns[1]?.actions).toMatchObject([{ identifier: 'rerun' }]);
  });

  it('say how much they leave out', async () => {
    await report({ state: 'failed', details: ['x'.repeat(70_000)] });
    expect(demo.checkRuns[0]?.output?.summary).toContain('(10000 more characters are left out)');
  });

  it('have the annotations, fifty in a call, each once however often they are told', async () => {
    const annotations = Array.from({ length: 60 }, (_, index) => ({
      path: 'tests/test_a.py',
      line: index + 1,
      level: 'failure' as const,
      title: `test_${index}`,
      message: 'no',
    }));
    await report({ state: 'failed', annotations });
    await report({ state: 'failed', annotations });
    expect(demo.checkRuns).toHaveLength(1);
    expect(demo.checkRuns[0]?.annotations.map(({ title }) => title)).toEqual(annotations.map(({ title }) => title));
    expect(demo.checkRuns[0]?.annotations[0]).toEqual({
      path: 'tests/test_a.py',
      start_line: 1,
      end_line: 1,
      annotation_level: 'failure',
      title: 'test_0',
      message: 'no',
    });
  });

  it('whose first call was made and not heard of get the rest of their annotations', async () => {
    const annotations = Array.from({ length: 3 }, (_, index) => ({
      path: 'a.py',
      line: index + 1,
      level: 'failure' as const,
      title: `test_${index}`,
      message: 'x'.repeat(70_000),
    }));
    await report({ state: 'failed', annotations: annotations.slice(0, 1) });
    await report({ state: 'failed', annotations });
    expect(demo.checkRuns.map(({ annotations: all }) => all.map(({ title }) => title))).toEqual([['test_0', 'test_1', 'test_2']]);
  });

  it('are new ones where a job ran again and only its end is told', async () => {
    const annotation = { path: 'a.py', line: 1, level: 'failure' as const, title: 'test_a', message: 'no' };
    await report({ state: 'failed', annotations: [annotation] });
    await report({ state: 'failed', annotations: [{ ...annotation, title: 'test_b' }], startedAt: '2026-01-02T04:00:00.000Z' });
    expect(demo.checkRuns.map(({ annotations: all }) => all.map(({ title }) => title))).toEqual([['test_a'], ['test_b']]);
  });

  it('tell the state although GitHub takes not every annotation', async () => {
    const annotation = { path: '/not/relative', line: 1, level: 'failure', title: 'test_a', message: 'no' } as const;
    await report({ state: 'failed', annotations: [annotation] });
    expect(demo.checkRuns).toMatchObject([{ conclusion: 'failure', annotations: [] }]);
  });

  it('are asked for by one token for all of an owner’s repositories, as long as it lasts', async () => {
    await report({ state: 'queued' });
    await report({ state: 'running' });
    await subject.github.createRepository('ada/other');
    await subject.provider.statuses.report({ url: `${subject.github.url}/ADA/Other`, credentials: null }, REPORT, signal);
    expect(subject.github.requests.filter(({ what }) => what.endsWith('/access_tokens'))).toHaveLength(1);
  });

  it('need the permission, and say so', async () => {
    subject.github.state.installations.length = 0;
    subject.github.install('ada', { metadata: 'read', checks: 'read' });
    await expect(report({})).rejects.toMatchObject({ code: 'unauthorized', message: expect.stringContaining('not accessible by integration') });
  });

  it('find the App where it was installed anew, after one refusal', async () => {
    const { github } = subject;
    await report({ state: 'queued' });
    for (const [token, { kind }] of github.state.tokens) if (kind === 'installation') github.state.tokens.delete(token);
    github.state.installations.length = 0;
    github.install('ada');
    await expect(report({ state: 'running' })).rejects.toMatchObject({ code: 'unauthorized' });
    await report({ state: 'running' });
    expect(demo.checkRuns.map(({ status }) => status)).toEqual(['in_progress']);
  });

  it('give way to commit statuses of the project’s own token where the App is not installed', async () => {
    const { github, provider } = subject;
    github.addUser('bob');
    const other = await github.createRepository('bob/other');
    const credentials = { kind: 'password', user: 'bob', password: github.token('bob') } as const;
    await provider.statuses.report({ url: `${github.url}/bob/other`, credentials }, REPORT, signal);
    expect(other.statuses).toHaveLength(1);
  });
});
