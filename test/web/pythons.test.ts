import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Visitor } from './support/browser.ts';
import { type DemoServer, startDemo } from './support/demo-server.ts';

const pages = fileURLToPath(new URL('../../dist/web', import.meta.url));

let demo: DemoServer;
let empty: DemoServer;
let visitor: Visitor;

beforeAll(async () => {
  demo = await startDemo({ pages, longLines: 100 });
  empty = await startDemo({ pages, isEmpty: true });
  visitor = await Visitor.at(demo.url);
});

afterAll(async () => {
  await visitor?.close();
  await demo?.close();
  await empty?.close();
});

test('the page says what is asked for in vain, and what each Python is', async () => {
  const { page } = visitor;
  await visitor.go('/machines');
  await page.getByRole('navigation', { name: 'About machines' }).getByRole('link', { name: 'Pythons' }).click();
  await page.getByText(/No pool has .*3\.4.* Nobody mends/).waitFor();
  const old = page.getByRole('region', { name: 'CPython', exact: true }).getByRole('listitem').filter({ hasText: '2.7' }).first();
  expect(await old.innerText()).toMatch(/2\.7\s*ended[\s\S]*2010-07-03 to 2020-01-01[\s\S]*pip 20\.3\.4/);
  await old.getByRole('link', { name: 'lmdb' }).waitFor();
  await visitor.expectAccessible();
  await visitor.expectNarrow();
});

test('what nobody has or asks for is left out on demand', async () => {
  const { page } = visitor;
  await visitor.go('/pythons');
  const groups = page.locator('section[aria-label]');
  await groups.filter({ hasText: 'Jython' }).first().waitFor();
  await page.getByRole('button', { name: 'Only those here or asked for' }).click();
  await groups.filter({ hasText: 'Jython' }).first().waitFor({ state: 'detached' });
});

test('without machines there is the catalogue still', async () => {
  const visitorOfEmpty = await Visitor.at(empty.url);
  await visitorOfEmpty.go('/pythons');
  await visitorOfEmpty.page.getByText('0 Pythons in the pools; no project asks for one yet.').waitFor();
  await visitorOfEmpty.close();
});
