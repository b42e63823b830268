import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { ConfigError } from '../config/index.ts';
import { rehearse } from '../execution/rehearse.ts';
import { eventually, TestPools } from './testing/pools.ts';

const FIRST = 'a'.repeat(64);
const SECOND = 'b'.repeat(64);

let database: TestDatabase;
let server: TestPools;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(async () => {
  await database?.close();
});

beforeEach(async () => {
  await database.pool.query('truncate machines, machine_lives');
  server = new TestPools(database, undefined, ['images', 'allow', 'resources']);
  server.controller.image = { ...server.controller.image, digest: FIRST };
});

afterEach(() => server.close());

function changeImage(): void {
  server.controller.image = {
    ...server.controller.image,
    digest: SECOND,
    interpreters: [{ name: '3.13', implementation: 'cpython', version: '3.13.1', path: '/usr/bin/python3.13' }],
  };
}

function problem(): string | null {
  return server.pools.poolViews()[0]?.problem ?? null;
}

test('a pool whose image is not there yet says so, makes nothing, and heals when the image is', async () => {
  server.controller.hasImage = false;
  await server.open();
  await server.pools.lead();
  expect([problem(), server.pools.awaited, server.pools.snapshot()]).toEqual([
    'no image fake yet: terrarium image build fake',
    ['pool pool has no image fake yet'],
    [],
  ]);
  server.pools.make(new Map([['pool', 1]]));
  expect(server.pools.machineViews()).toEqual([]);
  server.controller.hasImage = true;
  server.round();
  await eventually(() => expect(problem()).toBeNull());
  await server.make(1);
  expect(server.pools.awaited).toEqual([]);
});

test('when an image is made anew, machines that wait are replaced, and one with a job goes on as what it is', async () => {
  await server.open();
  await server.pools.lead();
  const [busy = '', idle = ''] = await server.make(2);
  await database.pool.query(`update machines set state = 'assigned' where id = $1`, [busy]);
  server.pools.assigned(busy, 1);
  changeImage();
  server.round();
  await eventually(async () => expect(await server.driver.list()).toEqual([busy]));
  const lives = await database.pool.query('select id, image_digest, reason from machine_lives');
  expect(lives.rows).toEqual([{ id: idle, image_digest: FIRST, reason: 'image fake has changed since it was made' }]);
  expect(server.pools.find(busy)?.interpreterFor('3')?.name).toBe('3.11');
  const [young = ''] = await server.make(1);
  expect(server.pools.machineView(young)?.imageDigest).toBe(SECOND);
  expect(server.pools.find(young)?.interpreterFor('3')?.name).toBe('3.13');
});

test('that an image was made anew is seen by the first machine of it', async () => {
  await server.open();
  await server.pools.lead();
  changeImage();
  await server.make(1);
  expect(server.pools.poolViews()[0]).toMatchObject({ imageDigest: SECOND, interpreters: [{ name: '3.13', version: '3.13.1' }] });
});

test('a pool whose image is gone keeps its machines and makes no more', async () => {
  await server.open();
  await server.pools.lead();
  const [id] = await server.make(1);
  server.controller.hasImage = false;
  server.round();
  await eventually(() => expect(problem()).toBe('no image fake yet: terrarium image build fake'));
  server.pools.make(new Map([['pool', 1]]));
  expect(server.pools.machineViews().map((view) => view.id)).toEqual([id]);
});

test('a machine is asked for with what its pool wishes', async () => {
  const resources = { cpus: 2, memoryMegabytes: 512, diskGigabytes: 4 };
  await server.open({ allow: ['pypi.org:443'], resources });
  await server.pools.lead();
  const [id] = await server.make(1);
  expect(server.controller.requests).toEqual([{ id, image: 'fake', rehearse, allow: ['pypi.org:443'], resources }]);
  expect(server.pools.poolViews()[0]?.allow).toEqual(['pypi.org:443']);
});

test('a wish that the runner does not fulfil is an error of the configuration; a runner that fulfils none is asked for none', async () => {
  const plain = new TestPools(database, server.controller);
  const opening = plain.open({ allow: ['pypi.org:443'], resources: { cpus: 1, memoryMegabytes: 64, diskGigabytes: 1 } });
  await expect(opening).rejects.toThrow(ConfigError);
  await expect(opening).rejects.toThrow('pool "pool": the runner "lab" cannot fulfil "allow" for its machines: leave it out.');
  await expect(opening).rejects.toThrow('cannot fulfil "resources"');
  const modest = new TestPools(database, server.controller);
  await modest.open();
  await modest.pools.lead();
  const [id] = await modest.make(1);
  expect(server.controller.requests).toEqual([{ id, image: 'fake', rehearse }]);
  await modest.pools.stop();
});
