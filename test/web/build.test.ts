import { afterAll, beforeAll, expect, test } from 'vitest';
import { machines, Scenario } from '../scenarios/support.ts';
import { Visitor } from './support/browser.ts';

/** No machine has it, so its jobs are errored, and say why. */
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

test('the matrix shows each cell, changes live, and is walked by keys', async () => {
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
  await cell(NOWHERE, 'one', 'errored, no machine here has').waitFor();
  await page.getByText(`1 of 4 jobs failed. 2 jobs errored before a verdict (all of CPython ${NOWHERE}): not a failed test.`).waitFor();
  expect(await page.getByRole('columnheader', { name: `${NOWHERE} all errored` }).count()).toBe(1);
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

  await expect.poll(() => page.title()).toMatch(/^errored · matrix #1 · Terrarium/);
}, 120_000);

test('a build is canceled and restarted, and the page shows it without being loaded again', async () => {
  const { page } = visitor;
  const build = await scenario.build('endless', 'test: sleep 3600\n');
  await visitor.go(`/builds/${build.id}`);
  const cell = (state: string) => page.getByRole('link', { name: new RegExp(`: ${state}`) });
  await cell('running').waitFor();
  expect(await page.getAttribute('link[rel="icon"]', 'href')).toMatch(/^data:image/);
  for (const again of [true, false]) {
    await page.keyboard.press('Control+k');
    await page.keyboard.type('cancel build');
    await page.getByRole('option', { name: /Cancel build/ }).waitFor();
    await page.keyboard.press('Enter');
    await cell('canceled').waitFor();
    await page.getByRole('button', { name: 'Restart build' }).waitFor();
    if (!again) break;
    await page.getByRole('button', { name: 'Restart build' }).click();
    await cell('running').waitFor();
  }
}, 120_000);

test('what waits is in the queue, with its reason in words, and counted in the rail', async () => {
  const { page } = visitor;
  const build = await scenario.build('waits', 'env: [{ N: 1 }, { N: 2 }]\ntest: sleep 3600\n');
  await visitor.go('/queue');
  const entry = page.getByRole('link', { name: /waits #1\.2/ });
  await entry.waitFor();
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

test('a machine that is gone has its life on the machines page, with its job', async () => {
  const { page } = visitor;
  const build = await scenario.ended((await scenario.build('lived', 'test: echo lived\n')).id);
  await visitor.go('/machines');
  const gone = page.getByRole('list', { name: 'Machines that are gone' });
  const life = gone.getByRole('listitem').filter({ has: page.locator(`[href="/jobs/${build.jobs[0]?.id}"]`) });
  await life.waitFor();
  expect(await life.textContent()).toMatch(/made [^·]+ · ready [^·]+ · job [^·]+ · destroyed/);
  await page.getByText(/The pool keeps up: \d of 1 place in use/).waitFor();
  await visitor.expectAccessible();
}, 180_000);

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

test('a build without jobs offers nothing to restart', async () => {
  const { page } = visitor;
  const build = await scenario.build('nothing', 'test: [\n');
  await visitor.go(`/builds/${build.id}`);
  await page.getByText('cannot be used as it is').waitFor();
  await page.locator('header').getByText('errored', { exact: true }).waitFor();
  expect(await page.getByRole('button', { name: /build/ }).count()).toBe(0);
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
