import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Scenario } from '../scenarios/support.ts';
import { Visitor } from './support/browser.ts';

let scenario: Scenario;
let visitor: Visitor;

beforeAll(async () => {
  scenario = await Scenario.open();
  visitor = await Visitor.open(scenario);
}, 180_000);

afterAll(async () => {
  await visitor.close();
  await scenario.close();
});

/** `[0, 0]` while it is not there, or is no picture. */
async function sizeOf(alt: string): Promise<unknown> {
  const image = `[...document.images].find(({ alt }) => alt === ${JSON.stringify(alt)})`;
  return await visitor.page.evaluate(`[${image}?.naturalWidth ?? 0, ${image}?.naturalHeight ?? 0]`);
}

test('the settings show the badge, and what to copy to show it elsewhere', async () => {
  const { page } = visitor;
  const project = await scenario.project('badged', '{"checkout": false, "test": "true"}');
  await scenario.ended((await scenario.start(project.id)).id);
  await visitor.go(`/projects/${project.id}/settings`);

  const badge = page.getByRole('region', { name: 'Badge' });
  await expect.poll(() => sizeOf('The badge of main as it is now')).toEqual([93, 20]);
  await visitor.expectAccessible();
  await visitor.expectNarrow();

  await badge.getByRole('button', { name: 'Copy' }).first().click();
  await badge.getByRole('button', { name: 'Copied' }).waitFor();
  const image = `${visitor.url}/api/projects/${project.id}/badge.svg`;
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(`[![build](${image})](${visitor.url}/projects/${project.id})`);

  await badge.getByLabel('Branch').fill('feature/ä');
  await badge.getByLabel('Branch').blur();
  await badge.getByRole('img', { name: 'The badge of feature/ä as it is now' }).waitFor();
  expect(await badge.getByLabel('Copy as reStructuredText').first().innerText()).toContain('badge.svg?branch=feature%2F%C3%A4');
}, 120_000);

test('the picture can be seen in pages of other origins', async () => {
  const project = await scenario.project('elsewhere', '{"checkout": false, "test": "true"}');
  const page = `<!doctype html><title>README</title><link rel="icon" href="data:,"><img alt="badge" src="${visitor.url}/api/projects/${project.id}/badge.svg">`;
  const elsewhere = createServer((_request, response) => response.setHeader('content-type', 'text/html').end(page)).listen(0, '127.0.0.1');
  await once(elsewhere, 'listening');
  const address = elsewhere.address();
  if (address === null || typeof address === 'string') throw new Error('a listening server has no port');
  await visitor.page.goto(`http://127.0.0.1:${address.port}/`);
  await expect.poll(() => sizeOf('badge')).toEqual([expect.any(Number), 20]);
  elsewhere.closeAllConnections();
  elsewhere.close();
});
