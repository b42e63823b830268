import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Visitor } from './support/browser.ts';
import { DEMO_PANELS } from './support/demo-jobs.ts';
import { DEMO_JOBS, type DemoServer, startDemo } from './support/demo-server.ts';

const pages = fileURLToPath(new URL('../../dist/web', import.meta.url));

let demo: DemoServer;
let visitor: Visitor;

beforeAll(async () => {
  demo = await startDemo({ pages, longLines: 100 });
  visitor = await Visitor.at(demo.url);
});

afterAll(async () => {
  await visitor.close();
  await demo.close();
});

test('a job says on which machine of what image it ran, and where', async () => {
  await visitor.go(`/jobs/${DEMO_JOBS.passed}`);
  const machine = visitor.page.getByLabel('Machine', { exact: true });
  await machine.waitFor();
  expect(await machine.innerText()).toMatch(/machine tr0000019919\s+image debian-12\s+sha256 a3f1c09b7752\s+host vh-1/);
  await visitor.expectAccessible();
}, 120_000);

test('what was denied to its machine is told in one line, and unfolds to what it was and what to do', async () => {
  const { page } = visitor;
  await visitor.go(`/jobs/${DEMO_PANELS.denied}`);
  await page.getByText("This job's machine tried to reach 6 addresses that its pool does not allow").click();
  const panel = page.getByRole('region', { name: 'Denied addresses' });
  await panel.waitFor();
  const said = await panel.innerText();
  expect(said).toMatch(/169\.254\.169\.254\s+cloud metadata/);
  expect(said).toMatch(/8\.8\.8\.8\s+a DNS server\s+udp 53, 41 ×/);
  expect(said).toMatch(/10\.0\.2\.2\s+the host itself\s+tcp 7000, 1 ×\s+tcp 5432, 1 ×/);
  expect(said).toContain('allow: [151.101.64.223:443]');
  expect(said).not.toContain('169.254.169.254:80');
  await visitor.expectAccessible();
  await visitor.expectNarrow();
}, 120_000);

test('an attempt that lost its machine is no failure, and its log can be read', async () => {
  const { page } = visitor;
  await visitor.go(`/jobs/${DEMO_PANELS.lost}`);
  const attempts = page.getByRole('navigation', { name: 'Attempts' });
  await attempts.getByText('One attempt lost its machine: that says nothing about the code.').waitFor();
  await attempts.getByRole('link', { name: /^Attempt 2 running/ }).waitFor();
  const asked = page.waitForRequest(/\/log\/index\?attempt=1$/);
  await attempts.getByRole('link', { name: /^Attempt 1 machine lost/ }).click();
  await asked;
  await page.getByText('Its machine was lost: host vh-3 was drained').waitFor();
  await visitor.expectAccessible();
  await visitor.expectNarrow();
  await attempts.getByRole('link', { name: /^Attempt 2/ }).click();
  await page.waitForURL(/\/jobs\/\d+$/);
}, 120_000);

test('a held machine says until when, how to enter it, and can be let go', async () => {
  const { page } = visitor;
  await visitor.go(`/jobs/${DEMO_PANELS.held}`);
  const panel = page.getByRole('region', { name: 'Held machine' });
  await panel.getByText(/Its machine is held until \d\d:\d\d/).waitFor();
  await panel.getByRole('button', { name: 'Copy' }).click();
  await panel.getByText('Copied').waitFor();
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(`terrarium ssh ${demo.url}/jobs/${DEMO_PANELS.held}`);
  await visitor.expectAccessible();
  await visitor.expectNarrow();
  await panel.getByRole('button', { name: 'Let it go now' }).click();
  await panel.waitFor({ state: 'detached' });
}, 120_000);

test('the machine of a running job is entered by a command, and held if it fails', async () => {
  const { page } = visitor;
  await visitor.go(`/jobs/${DEMO_JOBS.running}`);
  await page.getByRole('button', { name: 'Enter this machine' }).click();
  const dialog = page.getByRole('dialog', { name: 'Enter this machine' });
  await dialog.getByText(`terrarium ssh ${demo.url}/jobs/${DEMO_JOBS.running}`).waitFor();
  await visitor.expectAccessible();
  await dialog.getByLabel('If it fails, keep its machine for').selectOption('30');
  await page.getByTitle('Held for 30 minutes if it fails').waitFor();
  await dialog.getByRole('button', { name: 'Close' }).click();
}, 120_000);

test('where nobody may enter, it says why', async () => {
  const { page } = visitor;
  await visitor.go(`/jobs/${DEMO_PANELS.lost}`);
  await page.getByRole('button', { name: 'Enter this machine' }).click();
  const dialog = page.getByRole('dialog', { name: 'Enter this machine' });
  await dialog.getByText('This project has secrets').waitFor();
  expect(await dialog.getByText('terrarium ssh').count()).toBe(0);
});
