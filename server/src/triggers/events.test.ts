import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Contributor, type HostEvent, PluginError, type PullRequest } from '#plugins/api';
import { fakePullRequest } from '#plugins/api/testing';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { jobsOf } from '../builds/testing/rows.ts';
import { FILES, HostServer, INSTANCE_SECRET } from './testing/host-server.ts';

let database: TestDatabase;
let server: HostServer;
let ada: Contributor;
let eve: Contributor;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(async () => {
  await database?.close();
});

beforeEach(async () => {
  await database.pool.query('truncate deliveries, builds, projects, audit cascade');
  server = await HostServer.open(database);
  ada = server.host.account('ada', 'write');
  eve = server.host.account('eve');
  server.parts.hosts.worker.start();
});

afterEach(() => server.close());

/** Sends an event as the host does, and gives what came of it. */
async function tell(event: HostEvent): Promise<string | null> {
  const received = await server.parts.hosts.deliveries.receive({ instance: 'fake' }, server.host.delivery(event, INSTANCE_SECRET));
  if (received.kind !== 'delivery') throw new Error('it was no delivery');
  return await vi.waitFor(async () => {
    const { state, outcome } = await server.parts.hosts.deliveryViews.get(received.id, null);
    expect(state).not.toBe('received');
    return outcome;
  }, 20_000);
}

function push(name: string, commit: string | null, before: string | null = null, kind: 'branch' | 'tag' = 'branch'): HostEvent {
  return { kind: 'push', repository: 'host/a', by: ada, truncated: false, refs: [{ kind, name, commit, before }] };
}

const request = (pullRequest: PullRequest, action: 'opened' | 'updated' | 'closed' | 'edited' = 'opened'): HostEvent => ({
  kind: 'pull-request',
  repository: 'host/a',
  action,
  pullRequest,
});

const comment = (text: string, by: Contributor, changed: Partial<Extract<HostEvent, { kind: 'comment' }>> = {}): HostEvent => ({
  kind: 'comment',
  repository: 'host/a',
  number: 1,
  by,
  text,
  commit: null,
  at: new Date(Date.now() + 3_600_000).toISOString(),
  ...changed,
});

const whats = async (id: number): Promise<string[]> => (await server.builds(id)).map(({ what }) => what);

describe('a push', () => {
  test('is built once, at just its commit, whoever tells of it and however late', async () => {
    const { id, repository } = await server.project('a');
    const first = repository.branches.get('main') ?? '';
    const second = repository.commit('main', FILES, 'second');
    const third = repository.commit('main', FILES, 'third');
    expect(await tell(push('main', third, second))).toBe('a: build #1');
    expect(await tell(push('main', second, first))).toBe('a: build #2');
    expect(await tell(push('main', third, second))).toBe('a: branch main was built at that commit');
    expect(await whats(id)).toEqual(['push third trusted queued', 'push second trusted queued']);
  });

  test('back to where a branch was is another one', async () => {
    const { id, repository } = await server.project('a');
    const first = repository.branches.get('main') ?? '';
    const second = repository.commit('main', FILES, 'second');
    await tell(push('main', first));
    await tell(push('main', second, first));
    await tell(push('main', first, second));
    expect(await whats(id)).toEqual(['push first trusted queued', 'push second trusted queued', 'push first trusted queued']);
  });

  test('leaves no build where it cannot be remembered that there is one: it would be built twice', async () => {
    const { id, repository } = await server.project('a');
    const commit = repository.commit('main', FILES, 'second');
    await database.pool.query("alter table project_refs add constraint not_main check (name <> 'main') not valid");
    try {
      expect(await tell(push('main', commit))).toContain('not_main');
      expect(await whats(id)).toEqual([]);
    } finally {
      await database.pool.query('alter table project_refs drop constraint not_main');
    }
    // The same delivery again, as its host sends it: what failed is worked on.
    await tell(push('main', commit));
    expect(await whats(id)).toEqual(['push second trusted queued']);
  });

  test('of a tag, of a branch that is gone, of one that comes back', async () => {
    const { id, repository } = await server.project('a');
    const first = repository.branches.get('main') ?? '';
    expect(await tell(push('v1', first, null, 'tag'))).toBe('a: build #1');
    expect(await tell(push('v1', null, first, 'tag'))).toBe('a: tag v1 was deleted');
    expect(await tell(push('v1', first, null, 'tag'))).toBe('a: build #2');
    expect(await whats(id)).toEqual(['tag first trusted queued', 'tag first trusted queued']);
  });

  test('of which the host left something out has the repository looked at', async () => {
    const { id } = await server.project('a');
    await database.pool.query('update projects set polled_at = now() where id = $1', [id]);
    expect(await tell({ kind: 'push', repository: 'host/a', by: null, refs: [], truncated: true })).toContain('the repository is looked at');
    expect((await database.pool.query('select look_at > polled_at as soon from projects where id = $1', [id])).rows).toEqual([{ soon: true }]);
  });

  test('concerns each project of its repository', async () => {
    const { id, url, repository } = await server.project('a');
    const { rows } = await database.pool.query<{ id: number }>(`insert into projects (name, url, scm) values ('twin', $1, 'fake') returning id`, [
      url,
    ]);
    const commit = repository.commit('main', FILES, 'second');
    expect(await tell(push('main', commit))).toBe('a: build #1; twin: build #1');
    expect([await whats(id), await whats(rows[0]?.id ?? 0)]).toEqual([['push second trusted queued'], ['push second trusted queued']]);
  });
});

describe('a pull request', () => {
  test('of somebody who may write is built as a push is', async () => {
    const { id, url } = await server.project('a');
    expect(await tell(request(fakePullRequest(server.host, url, ada, FILES)))).toBe('a: build #1');
    expect(await whats(id)).toEqual(['pull-request by ada trusted queued']);
  });

  test('of a stranger waits: no job of it begins, and each says why', async () => {
    const { id, url } = await server.project('a');
    expect(await tell(request(fakePullRequest(server.host, url, eve, FILES)))).toBe('a: build #1, which waits for an approval');
    const [build] = await server.builds(id);
    expect(build?.what).toBe('pull-request by eve held queued');
    expect(await jobsOf(database, build?.id ?? 0)).toMatchObject([{ state: 'held', reason: 'waits for a maintainer to approve this commit' }]);
  });

  test('of a stranger runs untrusted where the project says so, with the description of the branch it goes to', async () => {
    const { id, url } = await server.project('a', { untrusted: 'run' });
    await tell(request(fakePullRequest(server.host, url, eve, { '.fake-ci': 'evil: true\n' })));
    const [build] = await server.builds(id);
    expect(build?.what).toBe('pull-request by eve untrusted queued');
    expect((await jobsOf(database, build?.id ?? 0)).map(({ name }) => name)).toEqual(['unit']);
    const { rows } = await database.pool.query<{ messages: { text: string }[] }>('select messages from builds where id = $1', [build?.id]);
    expect(rows[0]?.messages[0]?.text).toContain('the one of main counts');
  });

  test('of a stranger is nothing where the project ignores them', async () => {
    const { id, url } = await server.project('a', { untrusted: 'ignore' });
    expect(await tell(request(fakePullRequest(server.host, url, eve, FILES)))).toBe('a: eve is not trusted here');
    expect(await whats(id)).toEqual([]);
  });

  test('is held where the host does not say who its author is', async () => {
    const { id, url } = await server.project('a');
    for (let call = 0; call < 2; call += 1) server.host.failures.push(new PluginError('unavailable', 'The host is away.'));
    await tell(request(fakePullRequest(server.host, url, ada, FILES)));
    expect(await whats(id)).toEqual(['pull-request by ada held queued']);
  });

  test('is built once for each of its commits, and not for its title', async () => {
    const { id, url } = await server.project('a');
    const pullRequest = fakePullRequest(server.host, url, ada, FILES);
    await tell(request(pullRequest));
    expect(await tell(request(pullRequest, 'updated'))).toBe('a: that commit of pull request 1 is build #1');
    expect(await tell(request({ ...pullRequest, title: 'Another' }, 'edited'))).toBe('a: nothing to do');
    expect(await whats(id)).toHaveLength(1);
  });

  test('is taken as it stands when the word of it comes late', async () => {
    const { id, url } = await server.project('a');
    const first = fakePullRequest(server.host, url, eve, FILES);
    fakePullRequest(server.host, url, eve, { ...FILES, 'b.py': '' });
    expect(await tell(request(first))).toBe('a: build #1, which waits for an approval');
    expect((await whats(id)).length).toBe(1);
    expect(await tell(request(first, 'updated'))).toBe('a: that commit of pull request 1 is build #1');
    fakePullRequest(server.host, url, eve, FILES, { isOpen: false });
    expect(await tell(request(first))).toBe('a: pull request 1 is closed');
    expect(await whats(id)).toEqual(['pull-request by eve held canceled']);
  });

  test('is built at its head though the host’s answers lag behind what it told', async () => {
    const { id, url } = await server.project('a');
    const before = fakePullRequest(server.host, url, eve, FILES);
    await tell(request(before));
    const after = fakePullRequest(server.host, url, eve, { ...FILES, 'b.py': '' });
    server.host.requests.set(1, before);
    const told = tell(request(after, 'updated'));
    // The first answer is the old one.
    await vi.waitFor(() => expect(server.host.asked).toBeGreaterThanOrEqual(2));
    server.host.requests.set(1, after);
    expect(await told).toBe('a: build #2, which waits for an approval');
    expect(await whats(id)).toEqual(['pull-request by eve held canceled', 'pull-request by eve held queued']);
  });

  test('that is opened again waits again', async () => {
    const { id, url } = await server.project('a');
    const pullRequest = fakePullRequest(server.host, url, eve, FILES);
    await tell(request(pullRequest));
    await tell(request({ ...pullRequest, isOpen: false }, 'closed'));
    expect(await tell(request(pullRequest))).toBe('a: build #2, which waits for an approval');
    expect(await whats(id)).toEqual(['pull-request by eve held canceled', 'pull-request by eve held queued']);
  });

  test('to another branch is another build', async () => {
    const { id, url, repository } = await server.project('a');
    const pullRequest = fakePullRequest(server.host, url, ada, FILES);
    await tell(request(pullRequest));
    repository.commit('old', FILES, 'old');
    const moved = { ...pullRequest, baseBranch: 'old' };
    server.host.requests.set(1, moved);
    expect(await tell(request(moved, 'updated'))).toBe('a: build #2');
    expect(await whats(id)).toHaveLength(2);
  });

  test('that the project ignores is not even fetched', async () => {
    const { url } = await server.project('a', { untrusted: 'ignore' });
    const nowhere = fakePullRequest(server.host, url, eve, FILES, { headCommit: 'e'.repeat(40) });
    expect(await tell(request(nowhere))).toBe('a: eve is not trusted here');
  });

  test('of which the host tells no more is taken as it was told: that was signed', async () => {
    const { id, url } = await server.project('a');
    const pullRequest = fakePullRequest(server.host, url, eve, FILES);
    server.host.requests.clear();
    await tell(request(pullRequest));
    expect(await whats(id)).toEqual(['pull-request by eve held queued']);
  });

  test('that is closed need not be approved any more', async () => {
    const { id, url } = await server.project('a');
    const pullRequest = fakePullRequest(server.host, url, eve, FILES);
    await tell(request(pullRequest));
    await tell(request({ ...pullRequest, isOpen: false }, 'closed'));
    expect(await whats(id)).toEqual(['pull-request by eve held canceled']);
  });
});

describe('an approval', () => {
  async function held(
    files: Readonly<Record<string, string>> = FILES,
  ): Promise<{ projectId: number; url: string; build: number; commit: string; pullRequest: PullRequest }> {
    const { id, url } = await server.project('a');
    const pullRequest = fakePullRequest(server.host, url, eve, files);
    await tell(request(pullRequest));
    const [build] = await server.builds(id);
    return { projectId: id, url, build: build?.id ?? 0, commit: pullRequest.headCommit, pullRequest };
  }

  const approve = (buildId: number, commit: string, decision: 'approved' | 'refused' = 'approved'): Promise<void> =>
    server.parts.desk.decide({ buildId, commit, decision, by: 'root', via: 'button' });

  test('lets just that commit run, once, and is written down', async () => {
    const { projectId, build, commit } = await held();
    await expect(approve(build, 'f'.repeat(40))).rejects.toMatchObject({ code: 'conflict' });
    await approve(build, commit);
    expect(await whats(projectId)).toEqual(['pull-request by eve approved queued']);
    expect(await jobsOf(database, build)).toMatchObject([{ state: 'queued', reason: null }]);
    await expect(approve(build, commit)).rejects.toMatchObject({ code: 'conflict' });
    const { rows } = await database.pool.query('select who, action, target, details from audit');
    expect(rows).toEqual([{ who: 'root', action: 'change.approve', target: `build ${build}`, details: { commit, via: 'button' } }]);
  });

  test('lapses when something else is pushed', async () => {
    const { projectId, url, build, commit } = await held();
    await tell(request(fakePullRequest(server.host, url, eve, { '.fake-ci': 'unit: true\n', 'b.py': '' }), 'updated'));
    expect(await whats(projectId)).toEqual(['pull-request by eve held canceled', 'pull-request by eve held queued']);
    await expect(approve(build, commit)).rejects.toMatchObject({ code: 'conflict' });
    const [, newer] = await server.builds(projectId);
    await expect(approve(newer?.id ?? 0, commit)).rejects.toMatchObject({ code: 'conflict' });
  });

  test('of a commit says nothing of the next one', async () => {
    const { projectId, url, build, commit } = await held();
    await approve(build, commit);
    await tell(request(fakePullRequest(server.host, url, eve, { '.fake-ci': 'unit: true\n', 'b.py': '' }), 'updated'));
    expect(await whats(projectId)).toEqual(['pull-request by eve approved queued', 'pull-request by eve held queued']);
  });

  test('can be refused: then it never runs, and no restart is a way around', async () => {
    const { projectId, build, commit } = await held();
    await expect(server.parts.builds.restartBuild(build)).rejects.toMatchObject({ code: 'conflict' });
    await approve(build, commit, 'refused');
    expect(await whats(projectId)).toEqual(['pull-request by eve refused canceled']);
    await expect(server.parts.builds.restartBuild(build)).rejects.toMatchObject({ code: 'conflict' });
    const [job] = await jobsOf(database, build);
    await expect(server.parts.builds.restartJob(job?.id ?? 0)).rejects.toMatchObject({ code: 'conflict' });
    await expect(approve(build, commit)).rejects.toMatchObject({ code: 'conflict' });
  });

  test('is given with a look at what the change does to what decides', async () => {
    const { build, commit } = await held({ '.fake-ci': 'unit: true\nevil: true\n', 'setup.py': 'import os\n', README: 'nothing' });
    const review = await server.parts.desk.review(build, AbortSignal.timeout(10_000));
    expect(review).toMatchObject({ buildId: build, commit, approvals: [] });
    expect(review.files.map(({ path, change }) => `${change} ${path}`)).toEqual(['changed .fake-ci', 'added setup.py']);
    expect(review.files[0]?.patch).toContain('+evil: true');
    expect(review.looked).toContain('pyproject.toml');
  });
});

describe('a comment', () => {
  async function held(): Promise<{ projectId: number; commit: string }> {
    const { id, url } = await server.project('a');
    const pullRequest = fakePullRequest(server.host, url, eve, FILES);
    await tell(request(pullRequest));
    return { projectId: id, commit: pullRequest.headCommit };
  }

  test('of a maintainer approves', async () => {
    const { projectId } = await held();
    expect(await tell(comment('terrarium: ok', ada))).toBe('a: build #1 is approved');
    expect(await whats(projectId)).toEqual(['pull-request by eve approved queued']);
    const { rows } = await database.pool.query('select who, details from audit');
    expect(rows).toMatchObject([{ who: 'ada', details: { via: 'comment' } }]);
  });

  test('of anybody else does not, whatever he says', async () => {
    const { projectId } = await held();
    expect(await tell(comment('terrarium: ok', eve))).toBe('a: eve may not: that needs the right to write to the repository');
    expect(await tell(comment('terrarium: trust this contributor', eve))).toContain('eve may not');
    server.host.failures.push(new PluginError('unavailable', 'The host is away.'));
    expect(await tell(comment('terrarium: ok', ada))).toBe('a: The host is away.');
    expect(await whats(projectId)).toEqual(['pull-request by eve held queued']);
  });

  test('that may have been written before the newest commit was seen must name it', async () => {
    const { projectId, commit } = await held();
    const at = new Date().toISOString();
    expect(await tell(comment('terrarium: ok', ada, { at }))).toContain('name it');
    expect(await tell(comment('terrarium: ok', ada, { at: null }))).toContain('name it');
    expect(await tell(comment(`terrarium: ok ${'f'.repeat(10)}`, ada))).toContain('not ffffffffff');
    expect(await tell(comment('terrarium: ok', ada, { at, commit: 'f'.repeat(40) }))).toContain('not ffffffffff');
    expect(await whats(projectId)).toEqual(['pull-request by eve held queued']);
    // Another that begins alike can be made in seconds.
    expect(await tell(comment(`terrarium: ok ${commit.slice(0, 10)}`, ada, { at }))).toContain(`name it whole, as "terrarium: ok ${commit}"`);
    expect(await tell(comment(`terrarium: ok ${commit}`, ada, { at }))).toBe('a: build #1 is approved');
  });

  test('is of what stands there now: word of a newer commit that is late, or of the end, approves nothing', async () => {
    const { projectId } = await held();
    const newer = fakePullRequest(server.host, 'fake://host/a', eve, { ...FILES, 'b.py': '' });
    expect(await tell(comment('terrarium: ok', ada))).toBe(`a: its head is ${newer.headCommit.slice(0, 10)} by now: look at that one`);
    fakePullRequest(server.host, 'fake://host/a', eve, FILES, { isOpen: false });
    expect(await tell(comment('terrarium: ok', ada))).toBe('a: pull request 1 is closed');
    server.host.requests.clear();
    expect(await tell(comment('terrarium: trust this contributor', ada))).toBe('a: There is no pull request 1.');
    expect(await whats(projectId)).toEqual(['pull-request by eve held queued']);
    expect(await server.parts.desk.contributors(projectId)).toEqual([]);
  });

  test('that trusts the contributor means his account, whoever has his name', async () => {
    const { projectId } = await held();
    server.host.accounts.set('eve', { id: '99', name: 'eve' });
    await tell(comment('terrarium: trust this contributor', ada));
    expect(await server.parts.desk.contributors(projectId)).toMatchObject([{ name: 'eve', hostId: eve.id }]);
  });

  test('can trust the contributor: what he sends next runs, also under another name', async () => {
    const { projectId } = await held();
    expect(await tell(comment('terrarium: trust this contributor', ada))).toBe('a: build #1 is approved');
    expect(await server.parts.desk.contributors(projectId)).toMatchObject([{ name: 'eve', hostId: eve.id, addedBy: 'ada' }]);
    const renamed = { id: eve.id, name: 'eve-2' };
    await tell(request(fakePullRequest(server.host, 'fake://host/a', renamed, FILES, { number: 2 })));
    const taker = { id: '99', name: 'eve' };
    await tell(request(fakePullRequest(server.host, 'fake://host/a', taker, FILES, { number: 3, headBranch: 'other' })));
    expect((await whats(projectId)).slice(1)).toEqual(['pull-request by eve-2 trusted queued', 'pull-request by eve held queued']);
  });

  test('stops and retries', async () => {
    const { id, url } = await server.project('a');
    await tell(request(fakePullRequest(server.host, url, ada, FILES)));
    expect(await tell(comment('terrarium: stop', ada))).toBe('a: build #1 is cancelled');
    expect(await whats(id)).toEqual(['pull-request by ada trusted canceled']);
    expect(await tell(comment('terrarium: retry', ada))).toBe('a: build #1 runs again');
    expect(await tell(comment('terrarium: retry', ada))).toContain('still runs');
    expect(await whats(id)).toEqual(['pull-request by ada trusted queued']);
  });

  test('whose text PostgreSQL cannot store is answered all the same', async () => {
    await held();
    expect(await tell(comment('terrarium: ok', { id: eve.id, name: 'e\u0000ve' }))).toContain('e\u{fffd}ve may not');
  });

  test('is no order where the project takes none, or where it holds none', async () => {
    const { projectId } = await held();
    expect(await tell(comment('thanks', ada))).toBe('a: nothing to do');
    await database.pool.query(`update projects set trust = '{"comments": false}' where id = $1`, [projectId]);
    expect(await tell(comment('terrarium: ok', ada))).toBe('a: the project takes no orders by comment');
    expect(await whats(projectId)).toEqual(['pull-request by eve held queued']);
  });
});

test('a commit is run again from the code host, by who may write', async () => {
  const { id, repository } = await server.project('a');
  const commit = repository.commit('main', FILES, 'second');
  await tell(push('main', commit));
  const [build] = await server.builds(id);
  await server.parts.builds.cancelBuild(build?.id ?? 0);
  const rerun = (job: string | null, by: Contributor): HostEvent => ({ kind: 'rerun', repository: 'host/a', commit, job, by });
  expect(await tell(rerun(null, eve))).toContain('eve may not');
  expect(await tell(rerun('terrarium/unit', ada))).toBe('a: build #1 runs again');
  expect(await tell(rerun(null, ada))).toContain('still runs');
  expect(await tell({ ...rerun(null, ada), commit: 'f'.repeat(40) } as HostEvent)).toContain('there is no build');
});
