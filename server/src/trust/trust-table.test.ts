import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Contributor, HostEvent, Isolation, PullRequest } from '#plugins/api';
import { fakePullRequest } from '#plugins/api/testing';
import type { BuildTrust, TrustPolicy } from '#server/api';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { demandOf, isStrangers } from '../builds/isolation-demand.ts';
import { jobsOf } from '../builds/testing/rows.ts';
import { JobSecrets } from '../secrets/job-secrets.ts';
import { HostServer, INSTANCE_SECRET } from '../triggers/testing/host-server.ts';

/*
 * Who × how far the project goes × what the change touches × what a maintainer says × what is demanded of machines: what becomes of a change, by the rules of
 * docs/CODE-HOSTS.md written down once more, and then by the parts themselves.
 */

const AUTHORS = ['listed', 'writer', 'member', 'merged', 'stranger', 'taker of a listed name'] as const;
const SOURCES = ['push', 'fork', 'own branch'] as const;
const POLICIES = ['hold', 'run', 'ignore'] as const;
const SAID = ['nothing', 'approved', 'refused', 'approved, then pushed'] as const;
const LEVELS: readonly Isolation[] = ['vm', 'none'];

interface Case {
  readonly author: (typeof AUTHORS)[number];
  readonly source: (typeof SOURCES)[number];
  readonly untrusted: TrustPolicy['untrusted'];
  readonly touches: boolean;
  readonly said: (typeof SAID)[number];
}

interface Expected {
  /** Of the newest build; null: there is none. */
  readonly trust: BuildTrust | null;
  readonly begins: boolean;
  /** Whose CI description it is: that of the change, or of the branch it goes to. */
  readonly description: 'own' | 'base';
  readonly secrets: boolean;
}

const CASES: Case[] = AUTHORS.flatMap((author) =>
  SOURCES.flatMap((source) =>
    POLICIES.flatMap((untrusted) => [true, false].flatMap((touches) => SAID.map((said) => ({ author, source, untrusted, touches, said })))),
  ),
)
  // A push has no author to be asked about; only what is held can be decided.
  .filter(({ author, source }) => source !== 'push' || author === 'stranger')
  .filter((one) => one.said === 'nothing' || expectedAtFirst(one).trust === 'held');

function isTrusted({ author, source }: Case): boolean {
  return source === 'push' || author === 'listed' || author === 'writer' || author === 'member' || author === 'merged';
}

function expectedAtFirst(one: Case): Expected {
  if (isTrusted(one)) return { trust: 'trusted', begins: true, description: 'own', secrets: true };
  if (one.untrusted === 'ignore') return { trust: null, begins: false, description: 'own', secrets: false };
  if (one.untrusted === 'run') return { trust: 'untrusted', begins: true, description: 'base', secrets: false };
  return { trust: 'held', begins: false, description: 'own', secrets: false };
}

function expected(one: Case): Expected {
  if (one.said === 'approved') return { trust: 'approved', begins: true, description: 'own', secrets: true };
  if (one.said === 'refused') return { trust: 'refused', begins: false, description: 'own', secrets: false };
  return expectedAtFirst(one);
}

const BASE = { '.fake-ci': 'base: true\n' };
const TOUCHED = { '.fake-ci': 'own: true\n', 'a.py': '' };
const UNTOUCHED = { ...BASE, 'a.py': '' };

let database: TestDatabase;
let server: HostServer;
let people: Record<(typeof AUTHORS)[number], Contributor>;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(async () => {
  await database?.close();
});

beforeEach(async () => {
  await database.pool.query('truncate deliveries, builds, projects cascade');
  server = await HostServer.open(database);
  const { host } = server;
  people = {
    listed: host.account('lise'),
    writer: host.account('wim', 'write'),
    member: host.account('mia'),
    merged: host.account('max'),
    stranger: host.account('eve'),
    'taker of a listed name': { id: 'another', name: 'LISE' },
  };
  host.members.add(`pypa ${people.member.id}`);
  host.merged.add(people.merged.id ?? '');
  server.parts.hosts.worker.start();
});

afterEach(() => server.close());

async function tell(event: HostEvent): Promise<void> {
  const received = await server.parts.hosts.deliveries.receive({ instance: 'fake' }, server.host.delivery(event, INSTANCE_SECRET));
  if (received.kind !== 'delivery') throw new Error('it was no delivery');
  await vi.waitFor(async () => expect((await server.parts.hosts.deliveryViews.get(received.id, null)).state).not.toBe('received'), 20_000);
}

async function newest(projectId: number): Promise<{ id: number; trust: BuildTrust; commit: string } | null> {
  const { rows } = await database.pool.query<{ id: number; trust: BuildTrust; commit: string }>(
    `select id, trust, change->>'commit' as commit from builds where project_id = $1 order by id desc limit 1`,
    [projectId],
  );
  return rows[0] ?? null;
}

describe('what becomes of a change', () => {
  test.each(CASES)('by $author from $source, where others are to $untrusted, which touches the description: $touches, said: $said', async (one) => {
    const trust = { untrusted: one.untrusted, groups: ['pypa'], merged: true };
    const { id, url, repository } = await server.project('a', trust);
    repository.commit('main', BASE, 'base');
    await server.parts.desk.trust(id, 'lise', 'root', AbortSignal.timeout(10_000));
    const files = one.touches ? TOUCHED : UNTOUCHED;
    const author = people[one.author];
    const request = (changed: Partial<PullRequest>): HostEvent => {
      const headRepository = one.source === 'fork' ? `${author.name}/a` : 'host/a';
      const pullRequest = fakePullRequest(
        server.host,
        url,
        author,
        { ...files, ...(changed.title === undefined ? {} : { 'b.py': '' }) },
        { headRepository, ...changed },
      );
      return { kind: 'pull-request', repository: 'host/a', action: 'opened', pullRequest };
    };
    if (one.source === 'push') {
      const commit = repository.commit('main', files, 'pushed');
      await tell({
        kind: 'push',
        repository: 'host/a',
        by: author,
        truncated: false,
        refs: [{ kind: 'branch', name: 'main', commit, before: null }],
      });
    } else await tell(request({}));
    const first = await newest(id);
    if (first !== null && one.said !== 'nothing') {
      const decision = one.said === 'refused' ? 'refused' : 'approved';
      await server.parts.desk.decide({ buildId: first.id, commit: first.commit, decision, by: 'root', via: 'button' });
    }
    if (one.said === 'approved, then pushed') await tell(request({ title: 'pushed again' }));
    const build = await newest(id);
    const wanted = expected(one);
    expect(build?.trust ?? null).toBe(wanted.trust);
    if (build === null) return;
    const [job] = await jobsOf(database, build.id);
    expect(job?.state === 'queued').toBe(wanted.begins);
    expect(job?.name).toBe(one.touches && wanted.description === 'own' ? 'own' : 'base');
    expect(await secretsOf(id, build.trust)).toBe(wanted.secrets);
    // Approved or not, a stranger's machine is as the installation demands of strangers; more that the project demands holds for everybody.
    for (const level of LEVELS) {
      const facts = { project: 'sandbox', stranger: isStrangers(build.trust), queued: 'none' } as const;
      const strangers = wanted.trust !== 'trusted' && level === 'vm';
      expect(demandOf({ minimum: 'none', pullRequests: level }, facts).level).toBe(strangers ? 'vm' : 'sandbox');
    }
  });
});

/** Whether a job of the project whose change is trusted so far gets its secret. */
async function secretsOf(projectId: number, trust: BuildTrust): Promise<boolean> {
  await database.pool.query(`insert into project_secrets (project_id, name, value) values ($1, 'KEY', '') on conflict do nothing`, [projectId]);
  const box = { unseal: () => 'value' };
  const change = {
    kind: 'push',
    branch: 'main',
    tag: null,
    commit: '',
    before: null,
    message: '',
    author: '',
    committedAt: null,
    pullRequest: null,
    repository: '',
  } as const;
  const given = await new JobSecrets(database.pool, box).of({ projectId, trust, change, environment: null });
  return 'secrets' in given && Object.keys(given.secrets).length > 0;
}

describe('what attackers try', () => {
  /** A project, and what a stranger's request with these files comes to. */
  async function attempt(files: Readonly<Record<string, string>>, changed: Partial<PullRequest> = {}, trust: Record<string, unknown> = {}) {
    const { id, url, repository } = await server.project('a', trust);
    repository.commit('main', BASE, 'base');
    const pullRequest = fakePullRequest(server.host, url, people.stranger, files, changed);
    await tell({ kind: 'pull-request', repository: 'host/a', action: 'opened', pullRequest });
    return { id, url, repository, pullRequest, build: await newest(id) };
  }

  const decide = (buildId: number, commit: string): Promise<void> =>
    server.parts.desk.decide({ buildId, commit, decision: 'approved', by: 'root', via: 'button' });

  test('a correction of a typo is approved, then malice is pushed: that waits again', async () => {
    const { id, url, build } = await attempt({ ...BASE, README: 'typo' });
    await decide(build?.id ?? 0, build?.commit ?? '');
    const malice = fakePullRequest(server.host, url, people.stranger, { '.fake-ci': 'evil: true\n' });
    await tell({ kind: 'pull-request', repository: 'host/a', action: 'updated', pullRequest: malice });
    expect((await newest(id))?.trust).toBe('held');
  });

  test('an approval that races with a push is of what was looked at, whichever comes first', async () => {
    const { id, url, build } = await attempt({ ...BASE, README: 'typo' });
    const malice = fakePullRequest(server.host, url, people.stranger, { '.fake-ci': 'evil: true\n' });
    const pushed = tell({ kind: 'pull-request', repository: 'host/a', action: 'updated', pullRequest: malice });
    await Promise.allSettled([decide(build?.id ?? 0, build?.commit ?? ''), pushed]);
    const last = await newest(id);
    expect([last?.commit, last?.trust]).toEqual([malice.headCommit, 'held']);
    const { rows } = await database.pool.query<{ commit: string }>('select commit from approvals');
    for (const { commit } of rows) expect(commit).toBe(build?.commit);
  });

  test('a force push back to what was approved once is the commit that was approved, and no other', async () => {
    const { id, url, build, pullRequest } = await attempt({ ...BASE, README: 'typo' });
    await decide(build?.id ?? 0, build?.commit ?? '');
    const malice = fakePullRequest(server.host, url, people.stranger, { '.fake-ci': 'evil: true\n' });
    await tell({ kind: 'pull-request', repository: 'host/a', action: 'updated', pullRequest: malice });
    server.host.requests.set(1, pullRequest);
    await tell({ kind: 'pull-request', repository: 'host/a', action: 'updated', pullRequest });
    const { rows } = await database.pool.query(`select trust, change->>'commit' as commit from builds where project_id = $1 order by id`, [id]);
    expect(rows).toEqual([
      { trust: 'approved', commit: pullRequest.headCommit },
      { trust: 'held', commit: malice.headCommit },
    ]);
  });

  test('the description is renamed to another that is read: the base branch’s counts, and the approver sees both', async () => {
    const { build } = await attempt({ '.other-ci': 'evil: true\n' }, {}, { untrusted: 'run' });
    expect((await jobsOf(database, build?.id ?? 0)).map(({ name }) => name)).toEqual(['base']);
    const review = await server.parts.desk.review(build?.id ?? 0, AbortSignal.timeout(10_000));
    expect(review.files.map(({ path, change }) => [path, change])).toEqual([['.fake-ci', 'removed']]);
  });

  test('the fork’s default branch has the name of ours, and another description: ours counts', async () => {
    const { build } = await attempt(TOUCHED, { headBranch: 'main', headRef: 'refs/heads/main', headUrl: null }, { untrusted: 'run' });
    expect((await jobsOf(database, build?.id ?? 0)).map(({ name }) => name)).toEqual(['base']);
  });

  test('a submodule, or attributes, are shown to the approver', async () => {
    const { build } = await attempt({
      ...BASE,
      '.gitmodules': '[submodule "x"]\n\turl = https://evil.example/x\n',
      '.gitattributes': '* filter=x\n',
    });
    const review = await server.parts.desk.review(build?.id ?? 0, AbortSignal.timeout(10_000));
    expect(review.files.map(({ path }) => path)).toEqual(['.gitmodules', '.gitattributes']);
  });

  test('a head that others can push to is nobody’s, whoever opened the request', async () => {
    const { id, url, repository } = await server.project('a');
    repository.commit('main', BASE, 'base');
    const pullRequest = fakePullRequest(server.host, url, people.writer, BASE, { headRepository: 'club/a' });
    await tell({ kind: 'pull-request', repository: 'host/a', action: 'opened', pullRequest });
    expect((await newest(id))?.trust).toBe('held');
  });

  test('a commit of a fork is named by its id, as if it were the repository’s own: it waits, as one does that is no head', async () => {
    const { id, repository, pullRequest } = await attempt(BASE);
    const start = (ref: string): Promise<number> => server.parts.starter.start(id, ref, AbortSignal.timeout(10_000));
    const trusts = async (ref: string): Promise<unknown> =>
      (await database.pool.query('select trust from builds where id = $1', [await start(ref)])).rows[0];
    const older = repository.branches.get('main') ?? '';
    expect(await trusts(older)).toEqual({ trust: 'trusted' });
    repository.commit('main', { ...BASE, 'c.py': '' }, 'newer');
    expect(await trusts(older)).toEqual({ trust: 'held' });
    expect(await trusts(pullRequest.headCommit)).toEqual({ trust: 'held' });
    expect(await trusts('main')).toEqual({ trust: 'trusted' });
  });

  test('a stranger opens a request with the commit of another: it says nothing over that one’s status', async () => {
    const { id, url, repository } = await server.project('a');
    repository.commit('main', BASE, 'base');
    const own = fakePullRequest(server.host, url, people.writer, BASE);
    await tell({ kind: 'pull-request', repository: 'host/a', action: 'opened', pullRequest: own });
    const trusted = await newest(id);
    const copy = { ...own, number: 2, author: people.stranger, headRepository: 'eve/a' };
    server.host.requests.set(2, copy);
    await tell({ kind: 'pull-request', repository: 'host/a', action: 'opened', pullRequest: copy });
    expect((await newest(id))?.trust).toBe('held');
    const { rows } = await database.pool.query(`select build_id as build from outbox where project_id = $1 and channel = 'status'`, [id]);
    expect(rows).toEqual([{ build: trusted?.id }]);
  });

  test('a fork that is gone is a stranger’s', async () => {
    const { build } = await attempt(BASE, { headRepository: null });
    expect(build?.trust).toBe('held');
  });

  test.each(['Lise', 'lise ', 'l\u0456se', 'ｌｉｓｅ', 'lise\u200b'])('%j is not lise, though it looks like her', async (name) => {
    const { id, url, repository } = await server.project('a');
    repository.commit('main', BASE, 'base');
    await server.parts.desk.trust(id, 'lise', 'root', AbortSignal.timeout(10_000));
    const pullRequest = fakePullRequest(server.host, url, { id: '4711', name }, BASE);
    await tell({ kind: 'pull-request', repository: 'host/a', action: 'opened', pullRequest });
    expect((await newest(id))?.trust).toBe('held');
  });

  test('what is not open any more is not built', async () => {
    const { build } = await attempt(BASE, { isOpen: false });
    expect(build).toBeNull();
  });
});
