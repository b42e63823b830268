import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { QueueView } from '#server/api';
import { machines, Scenario } from './support.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let scenario: Scenario;

beforeAll(async () => {
  scenario = await Scenario.open(machines(1));
});

afterAll(async () => {
  await scenario?.close();
});

async function queue(limit: number): Promise<QueueView> {
  return QueueView.parse(await scenario.json('GET', `/api/queue?limit=${limit}`));
}

test('who is next is told, even if only few are asked for and many are older', async () => {
  const jobs = ['a', 'b', 'c', 'd'].map((name) => ({ name, test: ['echo begun', 'sleep 600'] }));
  const busy = await scenario.build('busy', JSON.stringify({ checkout: false, jobs }));
  await scenario.said(busy.jobs[0]?.id ?? 0, 'begun');
  const newer = await scenario.build('newer', '{"checkout": false, "test": "true"}');
  const next = { projectName: 'newer', place: 1, job: expect.objectContaining({ id: newer.jobs[0]?.id }) };
  const [first, second, third, fourth] = (await queue(10)).entries;
  expect(first).toMatchObject(next);
  expect([second, third, fourth].map((entry) => [entry?.place, entry?.job.name])).toEqual([
    [2, 'b'],
    [3, 'c'],
    [4, 'd'],
  ]);
  expect(await queue(1)).toEqual({ total: 4, entries: [first] });
  expect(second?.reason).toMatch(/share.*1 running.*1 project with fewer/);
  await scenario.request('POST', `/api/builds/${busy.id}/cancel`);
  expect((await scenario.ended(newer.id)).state).toBe('passed');
  expect(await queue(10)).toEqual({ total: 0, entries: [] });
});
