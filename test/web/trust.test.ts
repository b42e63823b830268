import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Visitor } from './support/browser.ts';
import { type DemoServer, startDemo } from './support/demo-server.ts';
import { DEMO_TRUST } from './support/demo-trust.ts';

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

const panel = () => visitor.page.getByRole('region', { name: 'Held for an approval' });
const waiting = () => visitor.page.getByRole('region', { name: 'Waiting for an approval' });

/** Takes out what the browser says of answers that are no success: these are wanted here. */
function expectComplaint(status: number): void {
  expect(visitor.complaints.splice(0)).toEqual([expect.stringContaining(`status of ${status}`)]);
}

describe('builds that wait for an approval', () => {
  test('are on top of the projects page and counted in the rail', async () => {
    const { page } = visitor;
    await visitor.go('/');
    await waiting().getByRole('heading', { name: 'Waiting for you' }).waitFor();
    const rows = waiting().getByRole('link');
    expect(await rows.count()).toBe(3);
    const text = await rows.first().innerText();
    for (const part of ['cryptography', '#866', 'Pull request #511 Speed up the tests', 'mallory-99', '2 days ago']) expect(text).toContain(part);
    await page.getByTitle('3 waiting for an approval').waitFor();
    const above = await waiting().evaluate((region) => region.getBoundingClientRect().top);
    expect(above).toBeLessThan((await page.getByRole('heading', { name: 'Projects', exact: true }).boundingBox())?.y ?? 0);
    await visitor.expectAccessible();
    await visitor.expectNarrow();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL(new RegExp(`/builds/${DEMO_TRUST.held}$`));
  }, 120_000);

  test('look held in a list of builds, and in the tab', async () => {
    const { page } = visitor;
    await visitor.go('/projects/1');
    const row = page.getByRole('link', { name: /Speed up the tests/ });
    await row.waitFor();
    expect(await row.innerText()).toMatch(/^held/);
    expect(await row.innerText()).not.toContain('queued');
    await row.click();
    await expect.poll(() => page.title()).toMatch(/^held · cryptography #866 · Terrarium/);
    expect(decodeURIComponent((await page.getAttribute('link[rel="icon"]', 'href')) ?? '')).toContain('#7d4fc4');
  });
});

describe('the review', () => {
  test('shows what the change does to CI files, by sign, number and word; what hides is shown', async () => {
    const { page } = visitor;
    await visitor.go(`/builds/${DEMO_TRUST.held}`);
    await panel().getByText('mallory-99 opened pull request #511').waitFor();
    await panel().getByText('Held because mallory-99 is not trusted here.').waitFor();
    const ci = panel().getByRole('group').filter({ hasText: '.travis.yml' }).first();
    expect(await ci.locator('summary').innerText()).toMatch(/\.travis\.yml\s+changed\s+\+4\s+−2/);
    const added = ci.getByRole('row', { name: /tox-gh-cache/ });
    expect(await added.getByRole('cell').allInnerTexts()).toEqual([
      '',
      '6',
      expect.stringContaining('+'),
      'install: pip install -r requirements.txt tox tox-gh-cache',
    ]);
    const removed = ci.getByRole('row', { name: /script: pytest/ });
    expect(await removed.getByRole('cell').allInnerTexts()).toEqual(['7', '', expect.stringContaining('-'), 'script: pytest --color=yes -v']);
    await panel().getByText('setup.py', { exact: true }).waitFor();
    await panel().getByText('It has characters that cannot be seen.').waitFor();
    expect(await panel().locator('mark').allInnerTexts()).toEqual(['U+202E', 'U+2066', 'U+2069', 'U+2066']);
    await panel().getByText('It is too large to be shown.').waitFor();
    await panel()
      .getByText('Its jobs then run with the project’s secrets (CODECOV_TOKEN and PYPI_TOKEN), in virtual machines of their own.')
      .waitFor();
    await panel()
      .getByRole('button', { name: `Copy commit ${'9c'.repeat(20)}` })
      .click();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('9c'.repeat(20));
    await visitor.expectAccessible();
    await visitor.expectNarrow();
  }, 120_000);

  test('says so where no such file is changed, and names those it looked at', async () => {
    await visitor.go(`/builds/${DEMO_TRUST.stale}`);
    await panel().getByText('It changes none of the 13 files that decide what runs.').waitFor();
    await panel().getByText('13 files looked at').click();
    await panel().getByText('tests/conftest.py').waitFor();
    await visitor.expectAccessible();
  }, 120_000);

  test('is needed: where it cannot be read, the button says why it does nothing', async () => {
    const { page } = visitor;
    await visitor.go(`/builds/${DEMO_TRUST.broken}`);
    await panel().getByRole('alert').getByText('The code host cannot be reached just now.').waitFor();
    const approve = panel().getByRole('button', { name: 'Approve this commit' });
    expect(await approve.getAttribute('aria-disabled')).toBe('true');
    expect(await page.locator(`[id="${await approve.getAttribute('aria-describedby')}"]`).innerText()).toContain('could not be read');
    await approve.focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Control+k');
    await page.getByRole('option', { name: /Refuse/ }).waitFor();
    expect(await page.getByRole('option', { name: /Approve/ }).count()).toBe(0);
    await page.keyboard.press('Escape');
    await visitor.expectAccessible();
    expectComplaint(503);
    await panel().getByRole('button', { name: 'Try again' }).click();
    await panel().getByText('It changes none of the 13 files').waitFor();
    expect(await approve.getAttribute('aria-disabled')).toBe('false');
  }, 120_000);
});

test('whoever may only look sees what waits and why, and no button', async () => {
  const theirs = await startDemo({ pages, longLines: 100, isViewer: true });
  const viewer = await Visitor.at(theirs.url);
  await viewer.go('/');
  await viewer.page.getByRole('heading', { name: 'Waiting for an approval' }).waitFor();
  await viewer.go(`/builds/${DEMO_TRUST.held}`);
  const held = viewer.page.getByRole('region', { name: 'Held for an approval' });
  await held.getByText('Nothing of it runs until a maintainer has approved this commit.').waitFor();
  await held.locator('mark').first().waitFor();
  expect(await held.getByRole('button', { name: /Approve|Refuse/ }).count()).toBe(0);
  await viewer.page.keyboard.press('Control+k');
  await viewer.page.getByRole('option', { name: /Queue/ }).first().waitFor();
  expect(await viewer.page.getByRole('option', { name: /Approve|Refuse/ }).count()).toBe(0);
  await viewer.close();
  await theirs.close();
}, 120_000);

describe('the decision', () => {
  test('is refused with a sentence and a way on where something else was pushed', async () => {
    await visitor.go(`/builds/${DEMO_TRUST.stale}`);
    await panel().getByText('It changes none of the 13 files').waitFor();
    await panel().getByRole('button', { name: 'Approve this commit' }).click();
    await visitor.page.getByRole('alert').getByText('perhaps because something else was pushed').waitFor();
    expectComplaint(409);
    await visitor.expectAccessible();
    await visitor.page.getByRole('button', { name: 'Reload the build' }).click();
    await visitor.page.getByRole('alert').waitFor({ state: 'detached' });
  }, 120_000);

  test('by button lets the commit run that was shown; the line that says so has the focus', async () => {
    const { page } = visitor;
    await visitor.go(`/builds/${DEMO_TRUST.held}`);
    await panel().locator('mark').first().waitFor();
    const sent = page.waitForRequest(/\/approve$/);
    await panel().getByRole('button', { name: 'Approve this commit' }).click();
    expect((await sent).postDataJSON()).toEqual({ commit: '9c'.repeat(20) });
    await page.locator('p:focus', { hasText: 'Approved by admin' }).waitFor();
    await page.getByText(/^Approved by admin, just now, commit 9c9c9c9c\.$/).waitFor();
    await page.locator('header').getByText('queued', { exact: true }).waitFor();
    await page.getByTitle('2 waiting for an approval').waitFor();
    await visitor.expectAccessible();
  }, 120_000);

  test('by a command of the palette refuses it, and every other page that is open knows', async () => {
    const { page } = visitor;
    const other = await Visitor.at(demo.url);
    await other.go('/');
    await other.page.getByRole('link', { name: /Support slots/ }).waitFor();
    await visitor.go(`/builds/${DEMO_TRUST.broken}`);
    await panel().getByText('It changes none of the 13 files').waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('refuse');
    await page.getByRole('option', { name: /Refuse/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByText(/^Refused by admin, just now/).waitFor();
    expect(await page.getByRole('button', { name: 'Restart build' }).count()).toBe(0);
    await other.page.getByRole('link', { name: /Support slots/ }).waitFor({ state: 'detached' });
    await other.page.getByTitle('1 waiting for an approval').waitFor();
    await other.close();
  }, 120_000);

  test.each([
    [DEMO_TRUST.approved, /^Approved by maya, by a comment to the pull request, 1 day ago, commit a4a4a4a4\.$/],
    [DEMO_TRUST.refused, /^Refused by admin, 1 day ago, commit e7e7e7e7\.$/],
    [DEMO_TRUST.untrusted, /^Not trusted: its jobs run without secrets and licences, because first-timer is not trusted here\.$/],
  ])(
    'of build %i is told in one line',
    async (id, words) => {
      await visitor.go(`/builds/${id}`);
      await visitor.page.getByText(words).waitFor();
      expect(await panel().count()).toBe(0);
      await visitor.expectAccessible();
      await visitor.expectNarrow();
    },
    120_000,
  );
});
