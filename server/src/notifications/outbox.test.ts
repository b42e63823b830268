import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type BuildNotice, type Notifier, PluginError } from '#plugins/api';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { insertBuild } from '../builds/sql/insert-build.ts';
import { change, jobSpec, newBuild, runJob } from '../builds/testing/rows.ts';
import { withTransaction } from '../database/index.ts';
import { HostServer } from '../triggers/testing/host-server.ts';

let database: TestDatabase;
let server: HostServer;
let projectId: number;
let notices: { target: string; notice: BuildNotice }[];

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(async () => {
  await database?.close();
});

beforeEach(async () => {
  await database.pool.query('truncate deliveries, builds, projects, machines cascade');
  server = await HostServer.open(database);
  notices = [];
  server.registry.add('notifier', { name: 'post', plugin: 'notify-fake', extension: notifier() });
  projectId = (await server.project('a')).id;
});

afterEach(() => server.close());

function notifier(): Notifier {
  return {
    targetTitle: 'an address',
    isTargetSecret: true,
    targetProblem: (target) => (target.startsWith('post:') ? null : 'An address begins with post:.'),
    notify: async (target, notice) => {
      const failure = server.host.failures.shift();
      if (failure) throw failure;
      notices.push({ target, notice });
    },
  };
}

async function build(jobs = ['a'], commit = 'a'.repeat(40), isQuiet = false): Promise<number> {
  const specs = jobs.map((name) => jobSpec(name));
  const made = { ...newBuild(projectId, specs, { change: change({ commit }) }), isQuiet };
  return await withTransaction(database, (client) => insertBuild(client, made));
}

const told = (): string[] => server.host.reports.map(({ key, state, summary }) => `${key} ${state}: ${summary}`);

/** Tells what is due, and waits until nothing is. */
async function tell(): Promise<void> {
  server.parts.hosts.outbox.start();
  await vi.waitFor(async () => {
    const { rows } = await database.pool.query('select from outbox where sent_version < version and not gave_up and next_at <= now()');
    expect(rows).toEqual([]);
  }, 20_000);
  await server.parts.hosts.outbox.stop();
}

const soon = (): Promise<unknown> => database.pool.query('update outbox set next_at = now()');
const entries = () => server.parts.hosts.outboxViews.list(projectId, 50);

describe('a commit’s status', () => {
  test('says nothing of a quiet build, of one without jobs neither', async () => {
    const id = await build(['a'], 'a'.repeat(40), true);
    await build([], 'a'.repeat(40), true);
    await runJob(database, randomUUID(), id, 'a', 'failed');
    await tell();
    expect(told()).toEqual([]);
  });

  test('follows its build, and says so in words', async () => {
    const id = await build(['a', 'b']);
    await tell();
    await runJob(database, randomUUID(), id, 'a', 'passed');
    await tell();
    await runJob(database, randomUUID(), id, 'b', 'failed');
    await tell();
    expect(told()).toEqual([
      'terrarium queued: Build #1: waits for machines',
      'terrarium running: Build #1: 0 of 2 jobs run',
      'terrarium failed: Build #1: 1 of 2 jobs did not pass, first b',
    ]);
    expect(server.host.reports.at(-1)).toMatchObject({
      commit: 'a'.repeat(40),
      url: `https://ci.example.org/builds/${id}`,
      branch: 'main',
      pullRequest: null,
    });
    expect(await entries()).toMatchObject([{ channel: 'status', state: 'sent', tries: 0, problem: null, buildNumber: 1 }]);
  });

  test('is the last one where several changes were missed, and is not told twice', async () => {
    const id = await build();
    await runJob(database, randomUUID(), id, 'a', 'passed');
    await tell();
    await soon();
    await tell();
    expect(told()).toEqual(['terrarium passed: Build #1: its job passed']);
  });

  test('is written with the change of the build or not at all', async () => {
    const failing = withTransaction(database, async (client) => {
      await insertBuild(client, newBuild(projectId, [jobSpec('a')]));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await entries()).toEqual([]);
  });

  test('is told again after a failure, later and later, and says why meanwhile', async () => {
    await build();
    server.host.failures.push(new PluginError('unavailable', 'The host is away.'), new PluginError('rate-limited', 'Too many.'));
    await tell();
    expect(await entries()).toMatchObject([{ state: 'waiting', tries: 1, problem: 'The host is away.' }]);
    await soon();
    await tell();
    expect(await entries()).toMatchObject([{ state: 'waiting', tries: 2, problem: 'Too many.' }]);
    await soon();
    await tell();
    expect(await entries()).toMatchObject([{ state: 'sent', problem: null }]);
    expect(told()).toHaveLength(1);
  });

  test('that the host refuses is not told again by itself, but by hand, and when there is news', async () => {
    const id = await build();
    server.host.failures.push(new PluginError('rejected', 'No such commit.'), new PluginError('rejected', 'No such commit.'));
    await tell();
    expect(await entries()).toMatchObject([{ state: 'failed', problem: 'No such commit.' }]);
    await soon();
    await tell();
    expect(told()).toEqual([]);
    const [entry] = await entries();
    await server.parts.hosts.outboxViews.resend(projectId, entry?.id ?? 0);
    await tell();
    expect(await entries()).toMatchObject([{ state: 'failed' }]);
    await runJob(database, randomUUID(), id, 'a', 'passed');
    await tell();
    expect(told()).toEqual(['terrarium passed: Build #1: its job passed']);
  });

  test('of a commit that is built again is that of the newest build', async () => {
    const older = await build();
    const newer = await build();
    await runJob(database, randomUUID(), newer, 'a', 'passed');
    await runJob(database, randomUUID(), older, 'a', 'failed');
    await tell();
    expect(told()).toEqual(['terrarium passed: Build #2: its job passed']);
  });

  test('is not told where the project wants none', async () => {
    await database.pool.query(`update projects set statuses = 'none'`);
    await build();
    expect(await entries()).toEqual([]);
  });

  test('is told of each job where the project wants that, and only what is new', async () => {
    await database.pool.query(`update projects set statuses = 'jobs'`);
    const id = await build(['a', 'b']);
    await tell();
    expect(told().map((line) => line.split(':')[0])).toEqual(['terrarium queued', 'terrarium/a queued', 'terrarium/b queued']);
    server.host.reports.length = 0;
    await runJob(database, randomUUID(), id, 'a', 'passed');
    await tell();
    expect(told().map((line) => line.split(':')[0])).toEqual(['terrarium running', 'terrarium/a passed']);
  });

  test('goes on where it was when telling broke off', async () => {
    await database.pool.query(`update projects set statuses = 'jobs'`);
    await build(['a', 'b']);
    const report = vi.spyOn(server.host.reports, 'push');
    report.mockImplementationOnce((...items) => items.length);
    report.mockImplementationOnce(() => {
      throw new PluginError('unavailable', 'cut off');
    });
    await tell();
    report.mockRestore();
    await soon();
    await tell();
    expect(told().map((line) => line.split(':')[0])).toEqual(['terrarium/a queued', 'terrarium/b queued']);
  });
});

describe('a subscriber', () => {
  const subscribe = (occasion: 'failure' | 'change' | 'always'): Promise<void> =>
    server.parts.hosts.subscriptions.add(projectId, { notifier: 'post', target: 'post:ada', occasion });

  async function end(verdict: 'passed' | 'failed'): Promise<void> {
    const id = await build(['a'], randomUUID().replaceAll('-', '').padEnd(40, '0'));
    await runJob(database, randomUUID(), id, 'a', verdict);
    await tell();
  }

  const heard = (): string[] => notices.map(({ notice }) => notice.build.state);

  test.each([
    ['always', ['passed', 'passed', 'failed', 'failed', 'passed']],
    ['failure', ['failed', 'failed']],
    ['change', ['passed', 'failed', 'passed']],
  ] as const)('who wants to hear of %s', async (occasion, wanted) => {
    await subscribe(occasion);
    for (const verdict of ['passed', 'passed', 'failed', 'failed', 'passed'] as const) await end(verdict);
    // The first build of a branch that passes is no change.
    expect(heard()).toEqual(occasion === 'change' ? wanted.slice(1) : wanted);
  });

  test('is told what there is to know, once for each end', async () => {
    await subscribe('failure');
    await end('failed');
    await soon();
    await tell();
    expect(notices).toHaveLength(1);
    expect(notices[0]).toMatchObject({
      target: 'post:ada',
      notice: {
        project: { name: 'a', url: `https://ci.example.org/projects/${projectId}` },
        build: { number: 1, state: 'failed', previous: null },
        failures: [{ name: 'a', state: 'failed' }],
        counts: { failed: 1 },
      },
    });
  });

  test('is told again if that failed, and his target is shown to nobody', async () => {
    await subscribe('always');
    server.host.failures.push(new PluginError('unavailable', 'Away.'), new PluginError('unavailable', 'Away.'));
    await end('passed');
    expect(heard()).toEqual([]);
    await soon();
    await tell();
    expect(heard()).toEqual(['passed']);
    expect(JSON.stringify(await server.parts.hosts.subscriptions.list(projectId))).not.toContain('ada');
  });

  test('is added with a target that makes sense, and taken away', async () => {
    const add = (notifierName: string, target: string) =>
      server.parts.hosts.subscriptions.add(projectId, { notifier: notifierName, target, occasion: 'always' });
    await expect(add('none', 'post:x')).rejects.toMatchObject({ code: 'invalid' });
    await expect(add('post', 'x')).rejects.toMatchObject({ code: 'invalid', message: 'An address begins with post:.' });
    await subscribe('always');
    const [one] = await server.parts.hosts.subscriptions.list(projectId);
    await server.parts.hosts.subscriptions.remove(projectId, one?.id ?? 0);
    await expect(server.parts.hosts.subscriptions.remove(projectId, one?.id ?? 0)).rejects.toMatchObject({ code: 'not-found' });
    await end('passed');
    expect(heard()).toEqual([]);
  });
});
