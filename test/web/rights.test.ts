import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Visitor } from './support/browser.ts';
import { type DemoServer, startDemo } from './support/demo-server.ts';

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

test('a project chooses how well its machines are kept apart, and whether people may enter them', async () => {
  const { page } = visitor;
  await visitor.go('/projects/1/settings');
  const form = page.getByRole('form', { name: 'Machines' });
  expect(await form.getByRole('radio', { name: /A virtual machine/ }).isChecked()).toBe(true);
  await form.getByRole('radio', { name: /A sandbox/ }).check();
  const secrets = form.getByRole('checkbox', { name: /People may enter machines of jobs that hold its secrets/ });
  expect(await secrets.isChecked()).toBe(false);
  await secrets.check();
  await visitor.expectAccessible();
  await visitor.expectNarrow();
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByText('Saved').waitFor();
  await page.reload();
  await form.getByRole('radio', { name: /A sandbox/ }).waitFor();
  expect(await form.getByRole('radio', { name: /A sandbox/ }).isChecked()).toBe(true);
  expect(await secrets.isChecked()).toBe(true);
}, 120_000);

test('a token may as little as can be, unless more is asked for', async () => {
  const { page } = visitor;
  await visitor.go('/profile');
  await page.getByLabel('New token for').fill('debugging');
  await page.getByLabel('It may').selectOption('build');
  await page.getByLabel(/May open shells/).check();
  await page.getByRole('button', { name: 'Make a token' }).click();
  const token = page.getByRole('listitem').filter({ hasText: 'debugging' });
  await token.getByText('build + shell').waitFor();
  const other = page.getByRole('listitem').filter({ hasText: 'dashboard on the wall' }).first();
  expect(await other.innerText()).toContain('read');
  expect(await other.innerText()).not.toContain('shell');
  expect(await page.getByLabel(/May open shells/).isChecked()).toBe(false);
});

test('the audit is read newest first, and further back on demand', async () => {
  const { page } = visitor;
  await visitor.go('/admin');
  const audit = page.getByRole('region', { name: 'Audit' });
  const entries = audit.getByRole('listitem');
  await entries.first().waitFor();
  expect(await entries.first().innerText()).toMatch(/^admin entered the machine of job 12004/);
  expect(await audit.getByRole('link').first().getAttribute('href')).toBe('/jobs/12004');
  const before = await entries.count();
  await audit.getByRole('button', { name: 'Show older' }).click();
  await expect.poll(() => entries.count()).toBe(before * 2);
  await visitor.expectAccessible();
  await visitor.expectNarrow();
}, 120_000);
