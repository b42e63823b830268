import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Change, Delivery, HostEvent, Repository, Revision } from '#plugins/api';
import { FakeCodeHost, FakeScm } from '#plugins/api/testing';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { temporaryFolder } from '../../../test/support/temporary.ts';
import { FILES, HostServer, INSTANCE_SECRET } from './testing/host-server.ts';

let database: TestDatabase;
let server: HostServer;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(async () => {
  await database?.close();
});

beforeEach(async () => {
  await database.pool.query('truncate deliveries, builds, projects cascade');
  server = await HostServer.open(database);
});

afterEach(() => server.close());

/** A code host that lets nobody see a change until it is let in. */
class SlowHost extends FakeCodeHost {
  letIn = (): void => undefined;
  private readonly gate = new Promise<void>((resolve) => {
    this.letIn = resolve;
  });

  override async change(repository: Repository, revision: Revision, signal: AbortSignal): Promise<Change> {
    await this.gate;
    return await super.change(repository, revision, signal);
  }
}

const PING: HostEvent = { kind: 'ping' };
const receive = (hook: { instance: string } | { projectId: number }, delivery: Delivery) => server.parts.hosts.deliveries.receive(hook, delivery);

async function outcomes(): Promise<{ state: string; outcome: string | null }[]> {
  const { rows } = await database.pool.query<{ state: string; outcome: string | null }>('select state, outcome from deliveries order by id');
  return rows;
}

async function settled(): Promise<{ state: string; outcome: string | null }[]> {
  server.parts.hosts.worker.start();
  await vi.waitFor(async () => expect((await outcomes()).some(({ state }) => state === 'received')).toBe(false), 20_000);
  return await outcomes();
}

describe('a call of a hook', () => {
  test('that is signed as it must be is written down, and worked on', async () => {
    await receive({ instance: 'fake' }, server.host.delivery(PING, INSTANCE_SECRET));
    expect(await outcomes()).toEqual([{ state: 'received', outcome: null }]);
    expect(await settled()).toEqual([{ state: 'done', outcome: 'the hook works' }]);
  });

  test.each<[string, (delivery: Delivery) => Delivery]>([
    ['without a signature', ({ body }) => ({ body, headers: {} })],
    ['with a wrong signature', ({ body, headers }) => ({ body, headers: { ...headers, 'x-fake-signature': 'f'.repeat(64) } })],
    ['with another body than was signed', ({ headers, body }) => ({ headers, body: Buffer.concat([body, Buffer.from(' ')]) })],
    ['signed with another secret', () => server.host.delivery(PING, 'another')],
  ])('%s is refused, and changes nothing', async (_, spoil) => {
    await expect(receive({ instance: 'fake' }, spoil(server.host.delivery(PING, INSTANCE_SECRET)))).rejects.toMatchObject({ code: 'unauthorized' });
    expect(await outcomes()).toEqual([]);
  });

  test('is taken once: not with the same id, and not with another id for the same body', async () => {
    const first = server.host.delivery(PING, INSTANCE_SECRET, 'one');
    await receive({ instance: 'fake' }, first);
    await expect(receive({ instance: 'fake' }, first)).rejects.toMatchObject({ code: 'conflict' });
    const renamed = { ...first, headers: { ...first.headers, 'x-fake-id': 'two' } };
    await expect(receive({ instance: 'fake' }, renamed)).rejects.toMatchObject({ code: 'conflict' });
    await expect(receive({ instance: 'fake' }, server.host.delivery(PING, INSTANCE_SECRET, 'one'))).rejects.toMatchObject({ code: 'conflict' });
    expect(await outcomes()).toHaveLength(1);
  });

  test('that could not be worked on is taken again when the host sends it again', async () => {
    const { id, url } = await server.project('a');
    const event: HostEvent = {
      kind: 'push',
      repository: 'host/a',
      by: null,
      truncated: false,
      refs: [{ kind: 'branch', name: 'main', commit: 'e'.repeat(40), before: null }],
    };
    const delivery = server.host.delivery(event, INSTANCE_SECRET);
    await receive({ instance: 'fake' }, delivery);
    expect(await settled()).toEqual([{ state: 'failed', outcome: expect.stringContaining('There is no eeee') }]);
    expect(await server.builds(id)).toEqual([]);
    expect(url).toBe('fake://host/a');
    await expect(receive({ instance: 'fake' }, delivery)).resolves.toMatchObject({ kind: 'delivery' });
    expect(await settled()).toHaveLength(1);
  });

  test('of a project is signed with the project’s own secret, and no other', async () => {
    const [one, other] = [await server.project('a'), await server.project('b')];
    const secret = await server.parts.secrets.make(one.id);
    expect(await server.parts.secrets.make(one.id)).toBe(secret);
    await receive({ projectId: one.id }, server.host.delivery(PING, secret));
    await expect(receive({ projectId: other.id }, server.host.delivery(PING, secret))).rejects.toMatchObject({ code: 'unauthorized' });
    await expect(receive({ projectId: one.id }, server.host.delivery(PING, INSTANCE_SECRET))).rejects.toMatchObject({ code: 'unauthorized' });
    const renewed = await server.parts.secrets.renew(one.id);
    await expect(receive({ projectId: one.id }, server.host.delivery(PING, secret))).rejects.toMatchObject({ code: 'unauthorized' });
    await receive({ projectId: one.id }, server.host.delivery(PING, renewed));
  });

  test('of a project tells of no other project', async () => {
    const [one, other] = [await server.project('a'), await server.project('b')];
    const secret = await server.parts.secrets.make(one.id);
    const commit = other.repository.commit('main', { '.fake-ci': 'unit: true\n' }, 'second');
    const event: HostEvent = {
      kind: 'push',
      repository: 'host/b',
      by: null,
      truncated: false,
      refs: [{ kind: 'branch', name: 'main', commit, before: null }],
    };
    await receive({ projectId: one.id }, server.host.delivery(event, secret));
    expect(await settled()).toEqual([{ state: 'ignored', outcome: 'no project here is of host/b' }]);
    expect(await server.builds(other.id)).toEqual([]);
  });

  test('for a hook that is none is refused in the same words, whatever it is', async () => {
    for (const hook of [{ instance: 'none' }, { projectId: 4711 }])
      await expect(receive(hook, server.host.delivery(PING, INSTANCE_SECRET))).rejects.toMatchObject({ code: 'not-found' });
  });

  test('of a host that signs nothing is a hint: the repository is looked at soon, and nothing is believed', async () => {
    const folder = await temporaryFolder();
    server.registry.add('scm', { name: 'plain', plugin: 'scm-fake', extension: new FakeScm(server.host, folder.path) });
    const { id } = await server.project('a');
    await database.pool.query(`update projects set scm = 'plain', polled_at = now() where id = $1`, [id]);
    expect(await receive({ projectId: id }, { headers: {}, body: Buffer.from('anything') })).toEqual({ kind: 'hint' });
    const { rows } = await database.pool.query('select look_at > polled_at as soon from projects where id = $1', [id]);
    expect(rows).toEqual([{ soon: true }]);
    expect(await outcomes()).toEqual([]);
    await folder.remove();
  });
});

test('many for a repository whose host is slow take one place: others are not kept waiting, and none overtakes another', async () => {
  const folder = await temporaryFolder();
  const slow = new SlowHost(server.host, folder.path, INSTANCE_SECRET);
  server.registry.add('scm', { name: 'slow', plugin: 'scm-fake', extension: slow });
  const [one, other] = [await server.project('a'), await server.project('b')];
  await database.pool.query(`update projects set scm = 'slow' where id = $1`, [one.id]);
  const push = (name: string, commit: string): HostEvent => {
    return { kind: 'push', repository: `host/${name}`, by: null, truncated: false, refs: [{ kind: 'branch', name: 'main', commit, before: null }] };
  };
  const words = Array.from({ length: 20 }, (_, index) => `change ${index}`);
  for (const word of words)
    await receive({ instance: 'slow' }, server.host.delivery(push('a', one.repository.commit('main', FILES, word)), INSTANCE_SECRET));
  await receive({ instance: 'fake' }, server.host.delivery(push('b', other.repository.commit('main', FILES, 'b')), INSTANCE_SECRET));
  server.parts.hosts.worker.start();
  await vi.waitFor(async () => expect((await outcomes()).at(-1)?.state).toBe('done'), 20_000);
  expect((await outcomes()).slice(0, -1).every(({ state }) => state === 'received')).toBe(true);
  slow.letIn();
  await settled();
  expect((await server.builds(one.id)).map(({ what }) => what)).toEqual(words.map((word) => `push ${word} trusted queued`));
  await folder.remove();
});

test('what was under way when a server went is begun again by the next', async () => {
  const { id, repository } = await server.project('a');
  const commit = repository.commit('main', { '.fake-ci': 'unit: true\n' }, 'second');
  const event: HostEvent = {
    kind: 'push',
    repository: 'host/a',
    by: null,
    truncated: false,
    refs: [{ kind: 'branch', name: 'main', commit, before: null }],
  };
  await receive({ instance: 'fake' }, server.host.delivery(event, INSTANCE_SECRET));
  await server.parts.hosts.worker.stop();
  expect(await settled()).toEqual([{ state: 'done', outcome: 'a: build #1' }]);
  expect(await server.builds(id)).toMatchObject([{ what: 'push second trusted queued' }]);
});

test('a delivery is replayed: what was built is not built again', async () => {
  const { id, repository } = await server.project('a');
  const commit = repository.commit('main', { '.fake-ci': 'unit: true\n' }, 'second');
  const event: HostEvent = {
    kind: 'push',
    repository: 'host/a',
    by: null,
    truncated: false,
    refs: [{ kind: 'branch', name: 'main', commit, before: null }],
  };
  const received = await receive({ instance: 'fake' }, server.host.delivery(event, INSTANCE_SECRET));
  if (received.kind !== 'delivery') throw new Error('it was no delivery');
  await settled();
  await server.parts.hosts.deliveryViews.replay(received.id, null);
  expect(await settled()).toEqual([{ state: 'done', outcome: 'a: branch main was built at that commit' }]);
  expect(await server.builds(id)).toHaveLength(1);
  const detail = await server.parts.hosts.deliveryViews.get(received.id, null);
  expect(JSON.parse(detail.body)).toMatchObject({ event });
});
