import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { DomainEvents } from '../common/domain-events.ts';
import { Neighbours } from '../database/neighbours.ts';
import { Builds } from './builds.service.ts';
import { assign, buildOf, finish, insertProject, jobsOf, jobSpec, newBuild, runJob } from './testing/rows.ts';

const owner = randomUUID();
const TWO_STAGES = [jobSpec('test', { stage: 'test' }), jobSpec('lint', { stage: 'test' }), jobSpec('deploy', { stage: 'deploy' })];
let database: TestDatabase;
let builds: Builds;
let buildId: number;
let told: number[];

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(async () => {
  await database?.close();
});

beforeEach(async () => {
  const events = new DomainEvents();
  builds = new Builds(database, events, new Neighbours(database, events, owner));
  buildId = await builds.create(newBuild(await insertProject(database), TWO_STAGES));
  told = [];
  events.on('jobs', (ids) => told.push(...ids));
});

async function states(): Promise<string[]> {
  return (await jobsOf(database, buildId)).map((job) => job.state);
}

async function idOf(name: string): Promise<number> {
  return (await jobsOf(database, buildId)).find((job) => job.name === name)?.id ?? 0;
}

test('a cancelled build begins again stage by stage', async () => {
  await builds.cancelBuild(buildId);
  expect(await states()).toEqual(['canceled', 'canceled', 'canceled']);
  await builds.restartBuild(buildId);
  expect(await states()).toEqual(['queued', 'queued', 'waiting']);
  await runJob(database, owner, buildId, 'test', 'passed');
  await runJob(database, owner, buildId, 'lint', 'passed');
  expect(await states()).toEqual(['passed', 'passed', 'queued']);
  await runJob(database, owner, buildId, 'deploy', 'passed');
  expect(await buildOf(database, buildId)).toMatchObject({ state: 'passed', finished: true });
});

test('a build that passed begins again at its first stage', async () => {
  for (const name of ['test', 'lint', 'deploy']) await runJob(database, owner, buildId, name, 'passed');
  await builds.restartBuild(buildId);
  expect(await states()).toEqual(['queued', 'queued', 'waiting']);
  await runJob(database, owner, buildId, 'test', 'failed');
  await runJob(database, owner, buildId, 'lint', 'passed');
  expect(await states()).toEqual(['failed', 'passed', 'skipped']);
});

test('one cancelled job brings those back that were cancelled with it before their turn', async () => {
  await runJob(database, owner, buildId, 'lint', 'passed');
  const [attempt] = await assign(database, owner, [await idOf('test')]);
  await builds.cancelBuild(buildId);
  await finish(database, owner, attempt?.attemptId ?? 0, 'canceled');
  expect(await states()).toEqual(['canceled', 'passed', 'canceled']);
  await builds.restartJob(await idOf('test'));
  expect(await states()).toEqual(['queued', 'passed', 'waiting']);
});

test('a later job that was cancelled by itself stays so when an earlier one that failed begins again', async () => {
  await builds.cancelJob(await idOf('deploy'));
  await runJob(database, owner, buildId, 'lint', 'passed');
  await runJob(database, owner, buildId, 'test', 'failed');
  await builds.restartJob(await idOf('test'));
  expect(await states()).toEqual(['queued', 'passed', 'canceled']);
});

test('a job of a later stage waits while an earlier one has not ended', async () => {
  await builds.cancelJob(await idOf('deploy'));
  await builds.restartJob(await idOf('deploy'));
  expect(await states()).toEqual(['queued', 'queued', 'waiting']);
});

test('every job that a restart, a verdict or a cancellation moves is told', async () => {
  const [test, lint, deploy] = (await jobsOf(database, buildId)).map((job) => job.id);
  await builds.cancelJob(test ?? 0);
  expect(told.splice(0)).toEqual([test]);
  await builds.cancelJob(lint ?? 0);
  expect(told.splice(0)).toEqual([lint, deploy]);
  await builds.restartBuild(buildId);
  expect(told.splice(0).toSorted((one, other) => one - other)).toEqual([test, lint, deploy]);
  expect(await runJob(database, owner, buildId, 'test', 'passed')).toEqual([]);
  expect(await runJob(database, owner, buildId, 'lint', 'passed')).toEqual([deploy]);
});
