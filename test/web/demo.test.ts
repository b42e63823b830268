import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { BuildView, JobView, LogIndex, LogSearch, MachinesView, ProjectView, QueueView } from '#server/api';
import type { DemoServer } from './support/demo-server.ts';

let demo: DemoServer;

beforeAll(async () => {
  process.env['DEMO_PORT'] = '0';
  process.env['DEMO_LINES'] = '3000';
  ({ demo } = await import('./support/demo-main.ts'));
});

afterAll(() => demo.close());

async function get(path: string): Promise<unknown> {
  return await (await fetch(`${demo.url}${path}`)).json();
}

test('the demo keeps what the server promises', async () => {
  const projects = z.array(ProjectView).parse(await get('/api/projects'));
  const builds = projects.flatMap((project) => project.lastBuild ?? []);
  const views = await Promise.all(builds.map(async (build) => BuildView.parse(await get(`/api/builds/${build.id}`))));
  expect(views.map((view) => view.jobs.length).sort((a, b) => b - a)).toEqual([100, 40, 24, 8, 6, 4]);
  expect(QueueView.parse(await get('/api/queue')).total).toBeGreaterThan(0);
  expect(MachinesView.parse(await get('/api/machines')).pools).toHaveLength(3);
});

test('its long log is served by index, range and search', async () => {
  const job = JobView.parse(await get('/api/jobs/13001'));
  const index = LogIndex.parse(await get('/api/jobs/13001/log/index'));
  expect(index.lines).toBe(3000);
  expect(job.logSize).toBe(index.size);
  const [line = 0, offset = 0] = index.entries.at(-1) ?? [];
  const response = await fetch(`${demo.url}/api/jobs/13001/log`, { headers: { range: `bytes=${offset}-${offset + 29}` } });
  expect(response.status).toBe(206);
  expect(await response.text()).toContain(`${line}]`);
  expect(LogSearch.parse(await get('/api/jobs/13001/log/search?q=SUBMODULE_30'))).toMatchObject({ total: 96, complete: true });
});
