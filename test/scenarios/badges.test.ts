import { once } from 'node:events';
import { type IncomingMessage, get } from 'node:http';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { machines, Scenario } from './support.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

let scenario: Scenario;

beforeAll(async () => {
  scenario = await Scenario.open(machines(1));
});

afterAll(() => scenario?.close());

/** What anybody gets, without signing in. */
async function badge(projectId: number, query = ''): Promise<Response> {
  return await fetch(`${scenario.server.url}/api/projects/${projectId}/badge.svg${query}`);
}

/** The status for who has a badge already. Not by `fetch`, which demands a new one of its own accord. */
async function statusFor(etag: string | null, projectId: number): Promise<number> {
  const request = get(`${scenario.server.url}/api/projects/${projectId}/badge.svg`, { headers: { 'if-none-match': etag ?? '' } });
  const [response]: IncomingMessage[] = await once(request, 'response');
  response?.resume();
  return response?.statusCode ?? 0;
}

async function titleOf(response: Response): Promise<string> {
  return /<title>(.*)<\/title>/.exec(await response.text())?.[1] ?? '';
}

test('a badge tells anybody how a branch stands, in a picture that any page may show and no browser keeps', async () => {
  const repository = await scenario.repository('badged', { '.terrarium.yml': 'checkout: false\ntest: "true"\n' });
  const project = await scenario.addProject(repository.folder, 'badged');
  const before = await badge(project.id);
  expect(before.status).toBe(200);
  expect(Object.fromEntries(before.headers)).toMatchObject({
    'content-type': 'image/svg+xml; charset=utf-8',
    'cache-control': 'no-cache',
    'cross-origin-resource-policy': 'cross-origin',
    'x-content-type-options': 'nosniff',
    'content-security-policy': expect.stringContaining('sandbox'),
  });
  expect(before.headers.get('set-cookie')).toBeNull();
  expect(await titleOf(before)).toBe('build: unknown');

  await scenario.ended((await scenario.start(project.id)).id);
  const passed = await badge(project.id);
  expect(await titleOf(passed)).toBe('build: passed');
  expect(await statusFor(before.headers.get('etag'), project.id)).toBe(200);
  expect(await statusFor(passed.headers.get('etag'), project.id)).toBe(304);

  await repository.commit({ '.terrarium.yml': 'checkout: false\ntest: "false"\n' });
  await scenario.ended((await scenario.start(project.id)).id);
  expect(await titleOf(await badge(project.id))).toBe('build: failed');
  expect(await titleOf(await badge(project.id, '?branch=%3Cscript%3E'))).toBe('build: unknown');
  // Who asks for any number learns nothing of which projects there are.
  expect(await titleOf(await badge(2_000_000_000))).toBe('build: unknown');
});

test('a badge names neither the project nor the branch', async () => {
  const project = await scenario.project('very-secret-name', '{"checkout": false, "test": "true"}');
  expect(await (await badge(project.id, '?branch=hidden-branch')).text()).not.toMatch(/very-secret-name|hidden-branch/);
});
