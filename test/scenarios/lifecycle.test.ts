import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { BuildView, JobSummary } from '#server/api';
import { machines, ownOutput, Scenario, until } from './support.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let scenario: Scenario;

beforeAll(async () => {
  scenario = await Scenario.open(machines(2, {}, { limits: { logMegabytes: 1 } }));
});

afterAll(async () => {
  await scenario?.close();
});

/** A description of jobs that check nothing out; `test` may be anything, for it is written as JSON. */
function description(content: Record<string, unknown>): string {
  return JSON.stringify({ checkout: false, ...content });
}

function jobNamed(build: BuildView, name: string): JobSummary {
  const job = build.jobs.find((one) => one.name === name);
  if (job === undefined) throw new Error(`no job ${name} among ${build.jobs.map((one) => one.name).join(', ')}`);
  return job;
}

function states(build: BuildView): Record<string, string> {
  return Object.fromEntries(build.jobs.map((job) => [job.name, job.state]));
}

async function inState(jobId: number, state: string): Promise<void> {
  await until(`job ${jobId} to be ${state}`, async () => ((await scenario.getJob(jobId)).state === state ? true : null));
}

test('a matrix: every row is a job with its variables, steps and its own log', async () => {
  const build = await scenario.build('matrix', description({ env: [{ ROW: 'a b' }, { ROW: "it's" }], install: 'x=1', test: 'echo "<$ROW $x>"' }));
  expect(build.jobs).toHaveLength(2);
  const ended = await scenario.ended(build.id);
  expect(ended).toMatchObject({ state: 'passed', counts: { passed: 2 }, messages: [], description: '.terrarium.yml' });
  const logs = await Promise.all(ended.jobs.map(async (job) => ownOutput(await scenario.log(job.id)).toString()));
  expect(logs).toEqual(['<a b 1>\n', "<it's 1>\n"]);
  const view = await scenario.getJob(ended.jobs[0]?.id ?? 0);
  expect(view.steps.map((step) => [step.phase, step.title, step.exitCode])).toEqual([
    ['install', 'x=1', 0],
    ['test', 'echo "<$ROW $x>"', 0],
  ]);
  expect(view).toMatchObject({ attempt: 1, logComplete: true, buildState: 'passed', attempts: [{ number: 1, state: 'passed' }] });
  expect(view.logSize).toBe((await scenario.log(view.id)).length);
});

test('a server stops though somebody keeps a connection open on which nothing is asked', async () => {
  const { hostname, port } = new URL(scenario.server.url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  // Answered, so the server knows of both.
  await scenario.json('GET', '/api/queue');
  const closed = once(socket, 'close');
  await scenario.server.restart();
  await closed;
});

test('the sources of the very commit are in the work tree', async () => {
  const repository = await scenario.repository('sources', { '.terrarium.yml': '{"test": "cat file; git log --format=%H -1"}', file: 'first\n' });
  const project = await scenario.addProject(repository.folder, 'sources');
  const first = await scenario.start(project.id);
  const commit = await repository.commit({ file: 'second\n' });
  const [one, other] = [await scenario.ended(first.id), await scenario.ended((await scenario.start(project.id, 'main')).id)];
  expect(one.change.commit).not.toBe(commit);
  expect((await scenario.log(one.jobs[0]?.id ?? 0)).toString()).toContain(`first\n${one.change.commit}\n`);
  expect((await scenario.log(other.jobs[0]?.id ?? 0)).toString()).toContain(`second\n${commit}\n`);
});

test('stages run one after the other, and a failure ends the build before the next', async () => {
  const jobs = (second: string): unknown[] => [
    { name: 'one', stage: 'first', test: 'true' },
    { name: 'two', stage: 'second', test: second },
    { name: 'three', stage: 'third', test: 'true' },
  ];
  const good = await scenario.ended((await scenario.build('stages', description({ stages: ['first', 'second', 'third'], jobs: jobs('true') }))).id);
  expect(good.state).toBe('passed');
  const times = good.jobs.map((job) => [job.startedAt ?? '', job.finishedAt ?? '']);
  expect(times.flat()).toEqual(times.flat().toSorted());
  const bad = await scenario.ended(
    (await scenario.build('stages-bad', description({ stages: ['first', 'second', 'third'], jobs: jobs('false') }))).id,
  );
  expect(states(bad)).toEqual({ one: 'passed', two: 'failed', three: 'skipped' });
  expect(bad.state).toBe('failed');
  expect(jobNamed(bad, 'three')).toMatchObject({ reason: 'an earlier stage ended failed', attempt: 0 });
});

test('what may fail does not fail the build; a failed preparation is an error', async () => {
  const jobs = [
    { name: 'must', test: 'true' },
    { name: 'may', test: 'false', 'allow-failure': true },
  ];
  const build = await scenario.ended((await scenario.build('allowed', description({ jobs }))).id);
  expect({ state: build.state, jobs: states(build) }).toEqual({ state: 'passed', jobs: { must: 'passed', may: 'failed' } });
  const broken = await scenario.ended((await scenario.build('install', description({ install: 'exit 7', test: 'true' }))).id);
  expect(broken).toMatchObject({ state: 'errored', jobs: [{ state: 'errored', reason: 'a step that prepares the job failed' }] });
});

test('fast finish: the verdict is there while another job still runs, and stays when that one passes', async () => {
  const jobs = [
    { name: 'slow', test: ['echo begun', 'sleep 600'] },
    { name: 'bad', test: 'false' },
  ];
  const build = await scenario.build('fast', description({ 'fast-finish': true, jobs }));
  const known = await until('the early verdict', async () => {
    const now = await scenario.getBuild(build.id);
    return now.finishedAt === null ? null : now;
  });
  expect(known.state).toBe('failed');
  expect(['queued', 'starting', 'running']).toContain(jobNamed(known, 'slow').state);
  await scenario.json('POST', `/api/jobs/${jobNamed(known, 'slow').id}/cancel`);
  expect((await scenario.ended(build.id)).state).toMatch(/^(failed|canceled)$/);
});

test('cancelling: a queued job at once, a running one inside its machine, the whole build', async () => {
  const jobs = ['a', 'b', 'c'].map((name) => ({ name, test: ['echo begun', 'sleep 600'] }));
  const build = await scenario.build('cancel', description({ jobs }));
  const running = await until('two jobs to run', async () => {
    const now = (await scenario.getBuild(build.id)).jobs;
    return now.filter((job) => job.state === 'running').length === 2 ? now : null;
  });
  const [waiting, runner] = [running.find((job) => job.state === 'queued'), running.find((job) => job.state === 'running')];
  expect(waiting?.reason).toContain('2');
  const cancelled = await scenario.request('POST', `/api/jobs/${waiting?.id}/cancel`);
  expect(await cancelled.json()).toMatchObject({ state: 'canceled', reason: 'cancelled by hand', attempts: [] });
  await scenario.said(runner?.id ?? 0, 'begun');
  await scenario.json('POST', `/api/jobs/${runner?.id}/cancel`);
  await inState(runner?.id ?? 0, 'canceled');
  await scenario.json('POST', `/api/builds/${build.id}/cancel`);
  const ended = await scenario.ended(build.id);
  expect(ended).toMatchObject({ state: 'canceled', counts: { canceled: 3 } });
  expect((await scenario.request('POST', `/api/builds/${build.id}/cancel`)).status).toBe(200);
});

test('a restart makes a new attempt, keeps the old log, and opens what was skipped after it', async () => {
  const jobs = [
    { name: 'one', stage: 'first', test: 'date +%s.%N; false' },
    { name: 'two', stage: 'second', test: 'true' },
  ];
  const build = await scenario.ended((await scenario.build('restart', description({ stages: ['first', 'second'], jobs }))).id);
  const job = jobNamed(build, 'one');
  const before = await scenario.log(job.id);
  const reopened = await scenario.request('POST', `/api/jobs/${job.id}/restart`);
  expect(reopened.status).toBe(200);
  const middle = await scenario.getBuild(build.id);
  expect(jobNamed(middle, 'two').state).not.toBe('passed');
  const after = await scenario.ended(build.id);
  expect(states(after)).toEqual({ one: 'failed', two: 'skipped' });
  const view = await scenario.getJob(job.id);
  expect(view.attempts.map((attempt) => [attempt.number, attempt.state])).toEqual([
    [1, 'failed'],
    [2, 'failed'],
  ]);
  expect(view.attempts[0]?.machine).not.toBe(view.attempts[1]?.machine);
  expect(await scenario.log(job.id, 1)).toEqual(before);
  expect(await scenario.log(job.id, 2)).not.toEqual(before);
});

test('what still runs cannot be restarted', async () => {
  const build = await scenario.build('busy', description({ test: ['echo begun', 'sleep 600'] }));
  const id = build.jobs[0]?.id ?? 0;
  await scenario.said(id, 'begun');
  expect((await scenario.request('POST', `/api/jobs/${id}/restart`)).status).toBe(409);
  expect((await scenario.request('POST', `/api/builds/${build.id}/restart`)).status).toBe(409);
  await scenario.json('POST', `/api/builds/${build.id}/cancel`);
  await scenario.ended(build.id);
});

test('a newer build of the branch takes the place of older ones, where the project wants that', async () => {
  const repository = await scenario.repository('superseded', { '.terrarium.yml': description({ test: ['echo begun', 'sleep 600'] }) });
  const project = await scenario.addProject(repository.folder, 'superseded', { cancelSuperseded: true });
  const [first, second] = [await scenario.start(project.id), await scenario.start(project.id)];
  await repository.git('tag', 'v1');
  const tagged = await scenario.start(project.id, 'v1');
  const old = await scenario.ended(first.id);
  expect(old).toMatchObject({ state: 'canceled' });
  expect((await scenario.getBuild(second.id)).finishedAt).toBeNull();
  expect((await scenario.getBuild(tagged.id)).finishedAt).toBeNull();
  for (const id of [second.id, tagged.id]) await scenario.json('POST', `/api/builds/${id}/cancel`);
  await Promise.all([scenario.ended(second.id), scenario.ended(tagged.id)]);
});

test('a change without a description, and one that cannot be read, end errored and say why', async () => {
  const none = await scenario.repository('none', { README: 'nothing here' });
  const build = await scenario.start((await scenario.addProject(none.folder, 'none')).id);
  expect(build).toMatchObject({ state: 'errored', jobs: [], description: null });
  expect(build.messages).toEqual([expect.objectContaining({ level: 'error', text: expect.stringContaining('.terrarium.yml') })]);
  const broken = await scenario.build('broken', 'test: [unclosed\n');
  expect(broken).toMatchObject({ state: 'errored', jobs: [] });
  expect(broken.messages.some((message) => message.level === 'error' && message.line !== null)).toBe(true);
});

test('a job that no machine here can run ends errored, with what is wanted and what there is', async () => {
  const build = await scenario.ended((await scenario.build('nobody', description({ python: ['1.5'], test: 'true' }))).id);
  expect(build.state).toBe('errored');
  expect(build.jobs[0]?.reason).toMatch(/1\.5[^]*local/);
});

test.each([
  ['time', { limits: { time: '2s' }, test: 'while :; do echo on; sleep 0.2; done' }, 'the job took longer than it may', 'limit of 2 seconds'],
  ['silence', { limits: { silence: '2s' }, test: 'sleep 600' }, 'the job said nothing for longer than it may', 'limit of 2 seconds'],
  ['output', { test: 'yes' }, 'the job wrote more to its log than it may', 'limit of 1000000 bytes'],
] as const)('a limit of %s ends the job, told in its log', async (name, content, reason, told) => {
  const build = await scenario.ended((await scenario.build(`limit-${name}`, description(content))).id);
  expect(build.jobs).toEqual([expect.objectContaining({ state: 'errored', reason })]);
  const log = await scenario.log(build.jobs[0]?.id ?? 0);
  expect(log.subarray(-200).toString()).toContain(told);
  expect(log.length).toBeLessThan(1_001_000);
});

test('a poll finds a push and builds that very commit, once', async () => {
  const repository = await scenario.repository('polled', { '.terrarium.yml': description({ test: 'true' }) });
  await repository.git('tag', 'old');
  const project = await scenario.addProject(repository.folder, 'polled', { pollSeconds: 5 });
  const commit = await repository.commit({ file: 'pushed right after' });
  const builds = async (): Promise<BuildView[]> => (await scenario.json('GET', `/api/projects/${project.id}/builds`)) as BuildView[];
  const found = await until('a build of the push', async () => {
    const now = await builds();
    return now.length > 0 ? now : null;
  });
  expect(found.map((build) => build.change.commit)).toEqual([commit]);
  expect(found[0]?.change).toMatchObject({ kind: 'push', branch: 'main' });
  expect((await scenario.ended(found[0]?.id ?? 0)).state).toBe('passed');
});
