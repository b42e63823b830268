import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { ImageView, MachineLife, MachinesView, PoolHistory } from '#server/api';
import { machines, Scenario, until } from './support.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

let scenario: Scenario;

beforeAll(async () => {
  scenario = await Scenario.open(machines(1));
});

afterAll(() => scenario?.close());

async function lives(query = ''): Promise<MachineLife[]> {
  return z.array(MachineLife).parse(await scenario.json('GET', `/api/machines/lives${query}`));
}

test('a machine that ran a job can be followed from its making to its end, and another took its place', async () => {
  const build = await scenario.ended((await scenario.build('life', '{"checkout": false, "test": "true"}')).id);
  const job = build.jobs[0];
  const life = await until('the machine of the job to be gone', async () => {
    const found = (await lives('?pool=local')).find((one) => one.job?.id === job?.id);
    return found !== undefined && found.goneAt !== null ? found : null;
  });
  expect(life).toMatchObject({ pool: 'local', image: 'local', job: { id: job?.id, buildId: build.id }, reason: null });
  expect([life.readyAt, life.assignedAt, life.releasedAt]).not.toContain(null);
  const [attempt] = (await scenario.getJob(job?.id ?? 0)).attempts;
  expect(attempt).toMatchObject({ machine: life.id, image: 'local', imageDigest: null, host: null, denied: [], lost: false });
  await until('a machine to be ready', async () => {
    const view = MachinesView.parse(await scenario.json('GET', '/api/machines'));
    return view.machines.some((machine) => machine.state === 'ready' && machine.id !== life.id) ? view : null;
  });
  expect((await lives('?limit=1')).map((one) => one.goneAt)).toEqual([null]);
  expect(await lives('?pool=another')).toEqual([]);
});

test('how pools stood, and which images are kept, is told; what does not fit is refused', async () => {
  const histories = z.array(PoolHistory).parse(await scenario.json('GET', '/api/pools/history?hours=0.5'));
  expect(histories.map(({ pool }) => pool)).toEqual(['local']);
  expect(z.array(ImageView).parse(await scenario.json('GET', '/api/images'))).toEqual([]);
  for (const path of ['/api/pools/history?hours=0', '/api/pools/history?hours=x', '/api/machines/lives?limit=501'])
    expect((await scenario.request('GET', path)).status).toBe(400);
});
