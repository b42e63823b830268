import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import type { BuildView, ProjectView } from '#server/api';
import { BuildSummary, BuildView as BuildViewSchema, OutboxView, ReviewView } from '#server/api';
import { Courier, type Sent } from '../../plugins/scm-bitbucket/testing/courier.ts';
import type { FakeBitbucket } from '../../plugins/scm-bitbucket/testing/fake-bitbucket.ts';
import type { FakeRepository, FakeStatus, FakeUser } from '../../plugins/scm-bitbucket/testing/fake-state.ts';
import { startFakeBitbucket } from '../../plugins/scm-bitbucket/testing/start-fake-bitbucket.ts';
import { FLAVOURS, TOKEN } from '../../plugins/scm-bitbucket/testing/subject.ts';
import { machines, Scenario, until } from './support.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

/** Says whether it was given the secret, without saying the secret. */
const DESCRIPTION = 'checkout: false\ntest: if [ -n "$DEPLOY_KEY" ]; then echo "it has the key"; else echo "it has no key"; fi\n';

describe.each(FLAVOURS)('Bitbucket, %s', (flavour) => {
  let host: FakeBitbucket;
  let courier: Courier;
  let scenario: Scenario;
  let maintainer: FakeUser;
  let stranger: FakeUser;

  beforeAll(async () => {
    host = await startFakeBitbucket(flavour);
    host.acceptToken(TOKEN);
    courier = new Courier(host);
    maintainer = host.createUser('ada');
    stranger = host.createUser('eve');
    const plugins = [
      { plugin: 'runner-local', name: 'local' },
      { plugin: 'scm-bitbucket', name: 'bitbucket', config: { ...host.config, token: TOKEN } },
    ];
    scenario = await Scenario.open(machines(2, {}, { plugins, isolation: { pullRequests: 'none' } }));
  });

  afterAll(async () => {
    await scenario?.close();
    await host?.close();
  });

  /** A project of a repository at the fake, with a secret and a hook that Terrarium has made there. */
  async function hooked(name: string): Promise<{ repository: FakeRepository; project: ProjectView }> {
    const repository = await host.createRepository(`OWN${name.toUpperCase()}`, name);
    repository.permissions.set(maintainer, 'write');
    await repository.commit('main', { '.terrarium.yml': DESCRIPTION }, 'first');
    const project = await scenario.addProject(host.cloneUrl(repository), name, { statuses: 'build' });
    await scenario.json('PATCH', `/api/projects/${project.id}`, { secrets: { DEPLOY_KEY: 'a-key-that-nobody-may-see' } });
    const set = await scenario.json('POST', `/api/projects/${project.id}/hook`);
    expect(set).toMatchObject({ outcome: 'created', secret: null, hasSecret: true });
    return { repository, project };
  }

  /** A project's only build, once there is one. */
  async function onlyBuild({ id }: ProjectView): Promise<BuildView> {
    const [first, ...others] = await until(`a build of project ${id}`, async () => {
      const builds = z.array(BuildSummary).parse(await scenario.json('GET', `/api/projects/${id}/builds`));
      return builds.length > 0 ? builds : null;
    });
    expect(others).toEqual([]);
    return await scenario.getBuild(first?.id ?? 0);
  }

  async function logOf(build: BuildView): Promise<string> {
    return (await scenario.log(build.jobs[0]?.id ?? 0)).toString();
  }

  /** The one status that Bitbucket shows for a commit, once `isWanted`. */
  async function shown(repository: FakeRepository, commit: string, what: string, isWanted: (status: FakeStatus) => boolean): Promise<void> {
    await until(`a status ${what} for ${commit}`, async () => {
      const statuses = [...(repository.statuses.get(commit)?.values() ?? [])];
      return statuses.length === 1 && statuses.every(isWanted) ? statuses : null;
    });
  }

  async function shownSuccessful(repository: FakeRepository, commit: string): Promise<void> {
    await shown(repository, commit, 'SUCCESSFUL', ({ state }) => state === 'SUCCESSFUL');
  }

  /** The one delivery that was sent, if it was taken. */
  function taken(sent: readonly Sent[]): Sent {
    const [first] = sent;
    expect(sent.map(({ status }) => status)).toEqual([202]);
    if (first === undefined) throw new Error('nothing was sent');
    return first;
  }

  test('a project’s hook is made once, and is left as it is after that', async () => {
    const { repository, project } = await hooked('twice');
    expect(project.abilities).toEqual({ webhooks: true, statuses: true, people: true, pullRequests: true });
    expect(await scenario.json('POST', `/api/projects/${project.id}/hook`)).toMatchObject({ outcome: 'unchanged' });
    expect(repository.hooks).toMatchObject([{ active: true, secret: expect.stringMatching(/.{20,}/) }]);
  });

  test('a push is built at once and told to Bitbucket; the same delivery again and forged ones change nothing', async () => {
    const { repository, project } = await hooked('pushed');
    const files = { '.terrarium.yml': DESCRIPTION, 'a.py': '' };
    const { url, delivery } = taken(await courier.push(repository, maintainer, 'main', files, 'second'));
    const commit = repository.branches.get('main') ?? '';
    const build = await scenario.ended((await onlyBuild(project)).id);
    expect(build).toMatchObject({ state: 'passed', change: { kind: 'push', message: 'second', commit }, trust: { level: 'trusted' } });
    expect(await logOf(build)).toContain('it has the key');
    await shownSuccessful(repository, commit);
    const secret = repository.hooks[0]?.secret ?? '';
    expect((await courier.send(url, secret, delivery)).status).toBe(409);
    const other = courier.pushDelivery(repository, maintainer, { kind: 'branch', name: 'other', before: null, after: commit });
    expect((await courier.send(url, 'wrong', other)).status).toBe(401);
    expect((await courier.send(url, null, other)).status).toBe(401);
    expect((await onlyBuild(project)).id).toBe(build.id);
    // Those that were refused took no note of its id: rightly signed, it is still new.
    expect((await courier.send(url, secret, other)).status).toBe(202);
  });

  /** A stranger's pull request, from a fork of his or from a branch that somebody pushed for him; told to the project's hook. */
  async function opened(name: string, from: 'fork' | 'branch'): Promise<{ repository: FakeRepository; project: ProjectView; head: string }> {
    const { repository, project } = await hooked(name);
    const source = from === 'fork' ? await host.fork(repository, 'EVE') : repository;
    const head = await source.commit('feature', { '.terrarium.yml': DESCRIPTION, 'setup.py': 'import os\n' });
    const request = await host.openPullRequest({ title: 'Faster', author: stranger, from: source, branch: 'feature', to: repository, base: 'main' });
    taken(await courier.about(request, 'opened', stranger));
    return { repository, project, head };
  }

  /** Approves a held build by its commit, and by nothing else. */
  async function approve(build: BuildView, head: string): Promise<void> {
    const review = ReviewView.parse(await scenario.json('GET', `/api/builds/${build.id}/review`));
    expect(review).toMatchObject({ commit: head, files: [{ path: 'setup.py', change: 'added' }] });
    expect((await scenario.request('POST', `/api/builds/${build.id}/approve`, { commit: 'f'.repeat(40) })).status).toBe(409);
    expect((await scenario.request('POST', `/api/builds/${build.id}/approve`, { commit: head.slice(0, 12) })).status).toBe(400);
    expect((await scenario.getBuild(build.id)).jobs).toMatchObject([{ state: 'held' }]);
    const approved = BuildViewSchema.parse(await scenario.json('POST', `/api/builds/${build.id}/approve`, { commit: head }));
    expect(approved.trust.level).toBe('approved');
  }

  /** What must be true of a stranger's pull request wherever it comes from; `waits` and `passes` look at what Bitbucket shows then. */
  async function heldUntilApproved(project: ProjectView, head: string, waits: () => Promise<void>, passes: () => Promise<void>): Promise<BuildView> {
    const build = await onlyBuild(project);
    expect(build).toMatchObject({ trust: { level: 'held' }, change: { commit: head }, jobs: [{ state: 'held' }] });
    await waits();
    await approve(build, head);
    const ended = await scenario.ended(build.id);
    expect([ended.state, await logOf(ended)]).toEqual(['passed', expect.stringContaining('it has the key')]);
    await passes();
    return ended;
  }

  async function shownWaiting(repository: FakeRepository, commit: string): Promise<void> {
    await shown(repository, commit, 'that says it waits', ({ state, description }) => {
      return state === 'INPROGRESS' && typeof description === 'string' && description.startsWith('Waits for approval: ');
    });
  }

  // Bitbucket Cloud keeps no status in a repository for a commit that only a fork has; Data Center fetches the commit and does.
  const told = flavour === 'cloud' ? (['branch'] as const) : (['branch', 'fork'] as const);

  test.each(told)('a stranger’s pull request from a %s waits, says so, and runs once its very commit is approved', async (from) => {
    const { repository, project, head } = await opened(`approved-${from}`, from);
    await heldUntilApproved(
      project,
      head,
      () => shownWaiting(repository, head),
      () => shownSuccessful(repository, head),
    );
  });

  if (flavour === 'cloud') {
    test('a stranger’s pull request from a fork waits and runs as well, and why Bitbucket shows no status is told', async () => {
      const { repository, project, head } = await opened('approved-fork', 'fork');
      const untold = async (): Promise<void> => {
        await until('a status that was refused', async () => {
          const entries = z.array(OutboxView).parse(await scenario.json('GET', `/api/projects/${project.id}/outbox`));
          return entries.length > 0 && entries.every(({ state, problem }) => state === 'failed' && problem !== null) ? entries : null;
        });
      };
      await heldUntilApproved(project, head, untold, untold);
      expect(repository.statuses.get(head)).toBeUndefined();
    });
  }
});
