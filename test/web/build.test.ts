import { afterAll, beforeAll, expect, test } from 'vitest';
import { machines, Scenario } from '../scenarios/support.ts';
import { Visitor } from './support/browser.ts';

/** No machine has it, so its jobs wait for ever, and say for what. */
const NOWHERE = '3.99';

let scenario: Scenario;
let visitor: Visitor;

beforeAll(async () => {
  scenario = await Scenario.open(machines(1));
  visitor = await Visitor.open(scenario);
}, 180_000);

afterAll(async () => {
  await visitor.close();
  await scenario.close();
});

/** The newest Python that the machines here have. */
async function python(): Promise<string> {
  const { pools } = (await scenario.json('GET', '/api/machines')) as { pools: { interpreters: { name: string }[] }[] };
  const name = pools[0]?.interpreters.map((interpreter) => interpreter.name).findLast((candidate) => /^3\.\d+$/.test(candidate));
  if (!name) throw new Error('the machines have no Python 3');
  return name;
}

test('the matrix shows each cell, changes live, is walked by keys, and is canceled and restarted', async () => {
  const { page } = visitor;
  const here = await python();
  const build = await scenario.build(
    'matrix',
    `python: ["${NOWHERE}", "${here}"]\nenv: [{ ROW: one }, { ROW: two }]\ntest: echo "$ROW"; test "$ROW" = one\n`,
  );
  await visitor.go(`/builds/${build.id}`);

  const cell = (column: string, row: string, state: string) =>
    page.getByRole('link', { name: new RegExp(`^${column.replace('.', '\\.')} · ROW=${row}: ${state}`) });
  await cell(here, 'one', 'passed').waitFor();
  await cell(here, 'two', 'failed').waitFor();
  await cell(NOWHERE, 'one', '(queued|waiting)').waitFor();
  await page.getByText(/1 of 4 jobs failed/).waitFor();
  await visitor.expectAccessible();
  await visitor.expectNarrow();

  const first = await page.locator('[data-job][tabindex="0"]').getAttribute('aria-label');
  await page.locator('[data-job][tabindex="0"]').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  const focused = page.locator('[data-job]:focus');
  expect(await focused.getAttribute('aria-label')).not.toBe(first);
  expect(await focused.getAttribute('aria-label')).toContain('ROW=two');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/jobs\/\d+$/);
  await page.goBack();

  await page.getByRole('button', { name: 'Cancel build' }).click();
  await cell(NOWHERE, 'two', 'canceled').waitFor();
  await page.getByRole('button', { name: 'Restart build' }).waitFor();
  expect(await page.title()).toMatch(/^(failed|canceled) · matrix #1/);
}, 120_000);

test('what waits is in the queue, with its reason in words, and counted in the rail', async () => {
  const { page } = visitor;
  const build = await scenario.build('waits', `python: "${NOWHERE}"\ntest: "true"\n`);
  await visitor.go('/queue');
  const entry = page.getByRole('link', { name: /waits #1\.1/ });
  await entry.waitFor();
  expect(await entry.innerText()).toContain(NOWHERE);
  expect((await entry.locator('.reason').innerText()).length).toBeGreaterThan(15);
  await page.getByTitle('1 waiting').waitFor();
  await visitor.expectAccessible();
  await visitor.expectNarrow();

  await entry.click();
  await page.getByRole('heading', { name: /This job is (queued|waiting)/ }).waitFor();
  await visitor.expectAccessible();
  await page.goBack();
  await scenario.json('POST', `/api/builds/${build.id}/cancel`);
  await page.getByRole('heading', { name: 'Nothing waits' }).waitFor();
}, 120_000);

test('what the description says wrong is shown with its place', async () => {
  const build = await scenario.build('wrong', 'test: echo\nunknown-key: 1\n');
  await visitor.go(`/builds/${build.id}`);
  await visitor.page.getByText(/message.* about \.terrarium\.yml/).waitFor();
  await visitor.page
    .getByText(/\.terrarium\.yml:2/)
    .first()
    .waitFor();
  await visitor.expectAccessible();
}, 120_000);

test('the projects page has the broken project first and says so', async () => {
  const { page } = visitor;
  await scenario.ended((await scenario.build('broken', 'test: "false"\n')).id);
  await visitor.go('/');
  await page
    .getByText(/broken/)
    .first()
    .waitFor();
  const rows = await page.locator('.project').allInnerTexts();
  expect(rows.findIndex((row) => row.includes('failed'))).toBe(0);
  await visitor.expectAccessible();
  await visitor.expectNarrow();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/projects\/\d+$/);
}, 120_000);
