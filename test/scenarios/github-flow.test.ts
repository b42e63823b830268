import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { BuildView, ProjectView } from '#server/api';
import { BuildSummary, BuildView as BuildViewSchema, JobView, ReviewView } from '#server/api';
import { z } from 'zod';
import { type FakeGithub, startFakeGithub } from '../../plugins/scm-github/testing/fake-github.ts';
import type { FakeAccount, FakePull, FakeRepository } from '../../plugins/scm-github/testing/fake-state.ts';
import { machines, Scenario, until } from './support.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

/** Says whether it was given the secret, without saying the secret. */
const DESCRIPTION = 'checkout: false\ntest: if [ -n "$DEPLOY_KEY" ]; then echo "it has the key"; else echo "it has no key"; fi\n';
const KEY = 'a-key-that-nobody-may-see';

let github: FakeGithub;
let scenario: Scenario;
let maintainer: FakeAccount;
let stranger: FakeAccount;

beforeAll(async () => {
  github = await startFakeGithub();
  maintainer = github.addUser('ada');
  stranger = github.addUser('eve');
  const { app } = github.state;
  const config = { webUrl: github.url, app: { id: app.id, privateKey: app.privateKey, webhookSecret: app.webhookSecret } };
  const pools = { isolation: { pullRequests: 'none' } };
  scenario = await Scenario.open(
    machines(
      2,
      {},
      {
        plugins: [
          { plugin: 'runner-local', name: 'local' },
          { plugin: 'scm-github', name: 'github', config },
        ],
        ...pools,
      },
    ),
  );
  app.hookUrl = `${scenario.server.url}/api/hooks/github`;
});

afterAll(async () => {
  await scenario?.close();
  await github?.close();
});

/** A project of a repository at the fake GitHub, with an App that may all, and a secret. */
async function project(name: string, trust: Record<string, unknown> = {}): Promise<{ repository: FakeRepository; project: ProjectView }> {
  const repository = await github.createRepository(`owner-of-${name}/${name}`);
  github.install(repository.owner);
  repository.collaborators.set('ada', 'write');
  await repository.workshop.commit('main', { '.terrarium.yml': DESCRIPTION }, 'first');
  const added = await scenario.addProject(`${github.url}/${repository.owner}/${repository.name}.git`, name, { trust, statuses: 'build' });
  await scenario.json('PATCH', `/api/projects/${added.id}`, { secrets: { DEPLOY_KEY: KEY } });
  return { repository, project: added };
}

/** The newest build of a project, once there are so many. */
async function newest(projectId: number, many: number): Promise<BuildView> {
  const [first] = await until(`build ${many} of project ${projectId}`, async () => {
    const builds = z.array(BuildSummary).parse(await scenario.json('GET', `/api/projects/${projectId}/builds`));
    return builds.length >= many ? builds : null;
  });
  return await scenario.getBuild(first?.id ?? 0);
}

async function logOf(build: BuildView): Promise<string> {
  return (await scenario.log(build.jobs[0]?.id ?? 0)).toString();
}

/** What GitHub shows for a commit, once it is that. */
async function shown(repository: FakeRepository, commit: string, wanted: { status: string; conclusion: string | null }): Promise<void> {
  await until(`a check run ${wanted.conclusion ?? wanted.status} for ${commit}`, async () => {
    const run = repository.checkRuns.findLast(({ head_sha: sha }) => sha === commit);
    return run?.status === wanted.status && run.conclusion === wanted.conclusion ? run : null;
  });
}

test('a push is built at once and told to GitHub; the same delivery again changes nothing', async () => {
  const { repository, project: added } = await project('pushed');
  expect(added.abilities).toEqual({ webhooks: true, statuses: true, people: true, pullRequests: true });
  const before = await repository.workshop.commit('main', { '.terrarium.yml': DESCRIPTION, 'a.py': '' }, 'second');
  expect(await github.emitPush(repository, { ref: 'refs/heads/main', before: null, after: before, by: maintainer })).toEqual([202]);
  const build = await scenario.ended((await newest(added.id, 1)).id);
  expect(build).toMatchObject({ state: 'passed', change: { kind: 'push', message: 'second' }, trust: { level: 'trusted' } });
  expect(await logOf(build)).toContain('it has the key');
  await shown(repository, before, { status: 'completed', conclusion: 'success' });
  const { url, secret } = { url: `${scenario.server.url}/api/hooks/github`, secret: github.state.app.webhookSecret };
  const sent = { url, secret, event: 'ping', payload: { zen: 'once', hook_id: 1 }, id: 'the-same' };
  expect([(await github.send(sent)).status, (await github.send(sent)).status]).toEqual([202, 409]);
  expect((await github.send({ ...sent, id: 'another', secret: 'wrong' })).status).toBe(401);
});

test('tests that fail are told of beside their lines', async () => {
  const { repository, project: added } = await project('tested');
  const output = [
    '=== FAILURES ===',
    '____ test_sum ____',
    'tests/test_sum.py:3: in test_sum',
    'E   assert 1 + 1 == 3',
    '=== 1 failed, 2 passed in 0.01s ===',
  ];
  const files = { '.terrarium.yml': 'test: cat output.txt; false\n', 'output.txt': `${output.join('\n')}\n` };
  const commit = await repository.workshop.commit('main', files, 'with a mistake');
  await github.emitPush(repository, { ref: 'refs/heads/main', before: null, after: commit, by: maintainer });
  const build = await scenario.ended((await newest(added.id, 1)).id);
  const [attempt] = JobView.parse(await scenario.json('GET', `/api/jobs/${build.jobs[0]?.id}`)).attempts;
  expect(attempt?.tests).toMatchObject({ passed: 2, failed: 1, failures: [{ name: 'test_sum', file: 'tests/test_sum.py', line: 3 }] });
  await shown(repository, commit, { status: 'completed', conclusion: 'failure' });
  const run = repository.checkRuns.findLast(({ head_sha: sha }) => sha === commit);
  expect(run?.annotations).toMatchObject([{ path: 'tests/test_sum.py', start_line: 3, message: 'assert 1 + 1 == 3' }]);
});

describe('a stranger’s pull request', () => {
  async function opened(
    name: string,
    trust: Record<string, unknown> = {},
  ): Promise<{ repository: FakeRepository; projectId: number; pull: FakePull }> {
    const { repository, project: added } = await project(name, trust);
    const pull = await github.openPullRequest(repository, stranger, { '.terrarium.yml': DESCRIPTION, 'setup.py': 'import os\n' });
    await github.emitPullRequest(repository, pull, 'opened');
    return { repository, projectId: added.id, pull };
  }

  test('waits, is shown for what it is, and runs with the secret once that very commit is approved', async () => {
    const { repository, projectId, pull } = await opened('approved');
    const build = await newest(projectId, 1);
    expect(build).toMatchObject({ trust: { level: 'held', contributor: 'eve' }, jobs: [{ state: 'held' }] });
    await shown(repository, pull.headCommit, { status: 'completed', conclusion: 'action_required' });
    const review = ReviewView.parse(await scenario.json('GET', `/api/builds/${build.id}/review`));
    expect(review.files.map(({ path, change }) => [path, change])).toEqual([['setup.py', 'added']]);
    expect((await scenario.request('POST', `/api/builds/${build.id}/approve`, { commit: 'f'.repeat(40) })).status).toBe(409);
    const approved = BuildViewSchema.parse(await scenario.json('POST', `/api/builds/${build.id}/approve`, { commit: review.commit }));
    expect(approved.trust.level).toBe('approved');
    const ended = await scenario.ended(build.id);
    expect([ended.state, await logOf(ended)]).toEqual(['passed', expect.stringContaining('it has the key')]);
    await shown(repository, pull.headCommit, { status: 'completed', conclusion: 'success' });
  });

  test('waits again when something else is pushed, and is approved by a maintainer’s comment that names the commit', async () => {
    const { repository, projectId, pull } = await opened('lapsed');
    const first = await newest(projectId, 1);
    const second = await github.pushToPullRequest(repository, pull, { '.terrarium.yml': DESCRIPTION, 'b.py': '' });
    await github.emitPullRequest(repository, pull, 'synchronize');
    const build = await newest(projectId, 2);
    expect((await scenario.ended(first.id)).jobs).toMatchObject([{ state: 'canceled' }]);
    await github.emitComment(repository, pull, stranger, `terrarium: ok ${second}`);
    await github.emitComment(repository, pull, maintainer, `Looks fine.\n\nterrarium: ok ${second}`);
    const ended = await scenario.ended(build.id);
    expect(ended).toMatchObject({ state: 'passed', trust: { level: 'approved', reason: 'approved by ada' } });
    const review = ReviewView.parse(await scenario.json('GET', `/api/builds/${build.id}/review`));
    expect(review.approvals).toMatchObject([{ by: 'ada', via: 'comment', commit: second }]);
  });

  test('runs untrusted where the project says so: without the secret, by the description of the branch it goes to', async () => {
    const { repository, project: added } = await project('untrusted', { untrusted: 'run' });
    const evil = 'checkout: false\ntest: echo "it says what runs"\n';
    const pull = await github.openPullRequest(repository, stranger, { '.terrarium.yml': evil });
    await github.emitPullRequest(repository, pull, 'opened');
    const ended = await scenario.ended((await newest(added.id, 1)).id);
    expect(ended).toMatchObject({ state: 'passed', trust: { level: 'untrusted' } });
    const log = await logOf(ended);
    expect(log).toContain('it has no key');
    expect(log).not.toContain('it says what runs');
    expect(ended.messages.map(({ text }) => text).join()).toContain('the one of main counts');
  });
});

test('a pull request of who may write is built without asking anybody', async () => {
  const { repository, project: added } = await project('insider');
  const pull = await github.openPullRequest(repository, maintainer, { '.terrarium.yml': DESCRIPTION });
  await github.emitPullRequest(repository, pull, 'opened');
  const ended = await scenario.ended((await newest(added.id, 1)).id);
  expect(ended).toMatchObject({ state: 'passed', trust: { level: 'trusted', reason: 'ada may write to the repository' } });
  expect(await logOf(ended)).toContain('it has the key');
});

test('a project’s hook is set up by a button, and called with its own secret', async () => {
  const { repository, project: added } = await project('hooked');
  const set = await scenario.json('POST', `/api/projects/${added.id}/hook`);
  expect(set).toMatchObject({ outcome: 'created', secret: null, hasSecret: true });
  expect(await scenario.json('POST', `/api/projects/${added.id}/hook`)).toMatchObject({ outcome: 'unchanged' });
  expect(repository.hooks).toHaveLength(1);
  const commit = await repository.workshop.commit('main', { '.terrarium.yml': DESCRIPTION, 'a.py': '' }, 'second');
  // The App and the hook both tell; it is built once.
  expect(await github.emitPush(repository, { ref: 'refs/heads/main', before: null, after: commit, by: maintainer })).toEqual([202, 202]);
  await scenario.ended((await newest(added.id, 1)).id);
  const deliveries = await until('both deliveries to be worked on', async () => {
    const all = (await scenario.json('GET', '/api/deliveries')) as { state: string; outcome: string | null; event: string }[];
    const ours = all.filter(({ outcome }) => outcome?.startsWith('hooked:') === true);
    return ours.length === 2 ? ours : null;
  });
  expect(new Set(deliveries.map(({ outcome }) => outcome))).toEqual(new Set(['hooked: branch main was built at that commit', 'hooked: build #1']));
});

test('repositories are offered to be added, and those that are projects say so', async () => {
  const { project: added, repository } = await project('offered');
  const other = await github.createRepository(`${repository.owner}/unused`);
  const offers = (await scenario.json('GET', '/api/code-hosts/github/repositories')) as { name: string; projectId: number | null }[];
  expect(offers.find(({ name }) => name === `${repository.owner}/offered`)?.projectId).toBe(added.id);
  expect(offers.find(({ name }) => name === `${other.owner}/unused`)?.projectId).toBeNull();
});
