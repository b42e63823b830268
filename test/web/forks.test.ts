import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Visitor } from './support/browser.ts';
import { DEMO_FORK } from './support/demo-forks.ts';
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

test('the report says at once whether the fork can be shipped, and shows what got worse', async () => {
  const { page } = visitor;
  await visitor.go(`/projects/${DEMO_FORK}`);
  await page.getByRole('link', { name: 'Fork report' }).click();
  await page.getByText('1 package of 4 does worse on it than on its upstream.').waitFor();
  await page.getByRole('link', { name: 'tests/test_tz.py::TestTZ::test_ambiguous_negative_utcoffset' }).waitFor();
  const names = await page.getByRole('heading', { level: 2 }).allInnerTexts();
  expect(names).toEqual(['python-dateutil', 'attrs', 'sqlalchemy-utils', 'cryptography']);
  await visitor.expectAccessible();
  await visitor.expectNarrow();
});

test('an older revision has its own report', async () => {
  const { page } = visitor;
  await visitor.go(`/projects/${DEMO_FORK}/fork`);
  await page.getByRole('navigation', { name: 'Revisions' }).getByRole('link').nth(1).click();
  await page.getByText('1 package of 4 is still being tried; none does worse so far.').waitFor();
});

test('a fork is set up in the settings of its project', async () => {
  const { page } = visitor;
  await visitor.go(`/projects/${DEMO_FORK}/settings#fork`);
  const form = page.getByRole('form', { name: 'How it is built' });
  expect(await form.getByLabel('Options of configure').inputValue()).toBe('--enable-optimizations\n--with-lto');
  await form.getByLabel('Name').fill('Acme');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.locator('[aria-invalid="true"]').waitFor();
  await page.getByRole('region', { name: 'Published interpreters' }).getByText('3.8.20 on debian-12').waitFor();
  const packages = page.getByRole('region', { name: 'Packages tried on the fork' });
  await packages.getByRole('button', { name: 'Try cryptography no longer' }).waitFor();
  await visitor.expectAccessible();
  await visitor.expectNarrow();
});
