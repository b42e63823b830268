import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BuildView } from '#server/api';
import { machines, Scenario } from '../scenarios/support.ts';
import { Visitor } from './support/browser.ts';

let scenario: Scenario;
let visitor: Visitor;

beforeAll(async () => {
  scenario = await Scenario.open(machines(2));
  visitor = await Visitor.open(scenario);
}, 180_000);

afterAll(async () => {
  await visitor.close();
  await scenario.close();
});

/** A build of one job that runs these commands. */
function job(name: string, ...commands: string[]): Promise<BuildView> {
  return scenario.build(name, `test: ${JSON.stringify(commands)}\n`);
}

/** The id of a build's only job. */
function idOf(build: BuildView): number {
  const [only] = build.jobs;
  if (!only) throw new Error('the build has no job');
  return only.id;
}

const line = (text: string) => visitor.page.locator('.scroller').getByText(text, { exact: true });
const firstNumber = () => visitor.page.locator('.scroller .number').first().getAttribute('data-number').then(Number);

test('a log of 300,000 lines opens on its end, and every line of it can be reached', async () => {
  const { page } = visitor;
  const build = await scenario.ended((await job('long', 'seq -f "this is line %.0f of a rather long log" 1 300000')).id);
  await visitor.go(`/jobs/${idOf(build)}`);
  await line('this is line 300000 of a rather long log').waitFor();
  expect(await page.locator('.scroller .line').count()).toBeLessThan(100);
  await visitor.expectAccessible();
  await visitor.expectNarrow();

  await page.keyboard.press('Home');
  await line('this is line 1 of a rather long log').waitFor();

  await page.keyboard.press('/');
  await page.keyboard.type('line 123456 of');
  await page.getByText('1 of 1 line', { exact: true }).waitFor();
  await page.locator('.line.current').getByText('line 123456 of').waitFor();
  expect(await page.locator('.line.current mark').allInnerTexts()).toEqual(['line 123456 of']);

  await page.getByLabel('Search in the whole log').fill('line 29999');
  await page.getByText(/of 11 lines/).waitFor();
  await page.getByRole('button', { name: 'Only matching lines' }).click();
  await expect.poll(() => page.locator('.scroller .line').count()).toBe(11);
  await page.getByRole('button', { name: 'Only matching lines' }).click();
}, 180_000);

test('lines are linked and copied without their numbers', async () => {
  const { page } = visitor;
  const build = await scenario.ended((await job('linked', 'seq -f "row %.0f" 1 5000')).id);
  await visitor.go(`/jobs/${idOf(build)}`);
  await line('row 5000').waitFor();
  const last = page.locator('.scroller .line', { hasText: /^row 5000$/ }).locator('.number');
  const number = Number(await last.getAttribute('data-number'));
  await page.locator(`[data-number="${number - 2}"]`).click();
  await last.click({ modifiers: ['Shift'] });
  expect(page.url()).toMatch(new RegExp(`#L${number - 2}-L${number}$`));
  await page.getByRole('button', { name: 'Copy', exact: true }).click();
  await page.getByText('Lines copied').waitFor();
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe('row 4998\nrow 4999\nrow 5000');

  await visitor.go(`/jobs/${idOf(build)}#L2500-L2501`);
  await page.reload();
  await expect.poll(() => page.locator('.line.selected').count()).toBe(2);
  await visitor.expectAccessible();
}, 120_000);

test('a failed job opens at its first error, with steps that fold', async () => {
  const { page } = visitor;
  const failing = ['seq -f "dots %.0f" 1 500', 'echo "E       AssertionError: assert 1 == 2"', 'seq -f "after %.0f" 1 500', 'exit 3'].join('; ');
  const build = await scenario.ended((await job('failing', 'echo before', failing)).id);
  await visitor.go(`/jobs/${idOf(build)}`);
  await line('E       AssertionError: assert 1 == 2').waitFor();
  await page.locator('header').getByRole('link', { name: 'AssertionError: assert 1 == 2' }).waitFor();
  expect(await page.title()).toMatch(/^failed · /);
  await visitor.expectAccessible();

  await page.keyboard.press('Home');
  const before = page.locator('.scroller').getByRole('button', { name: /echo before/ });
  await before.waitFor();
  await line('before').waitFor();
  await before.click();
  await line('before').waitFor({ state: 'detached' });
  await page.keyboard.press('e');
  await line('E       AssertionError: assert 1 == 2').waitFor();
}, 120_000);

test('colours, progress bars, odd bytes and a line of megabytes are drawn', async () => {
  const { page } = visitor;
  const commands = [
    String.raw`printf '\033[1;31mred and bold\033[0m and plain\n'`,
    String.raw`printf '10%%\r50%%\r100%% done\n'`,
    String.raw`printf 'bad \377 byte\n'`,
    String.raw`head -c 3000000 /dev/zero | tr '\0' x; echo; echo the end`,
  ];
  const build = await scenario.ended((await job('drawn', ...commands)).id);
  await visitor.go(`/jobs/${idOf(build)}`);
  await line('the end').waitFor();
  expect(await line('red and bold').getAttribute('class')).toContain('ansi-bold');
  await line('100% done').waitFor();
  await line('bad \ufffd byte').waitFor();
  await page.getByRole('button', { name: /show more/ }).click();
  await page.keyboard.press('w');
  await page.getByRole('button', { name: 'Wrap long lines', pressed: true }).waitFor();
  await page.keyboard.press('G');
  await line('the end').waitFor();
  await visitor.expectAccessible();
}, 120_000);

test('a growing log is followed at its end, stands still while one reads, and is whole after the server was away', async () => {
  const { page } = visitor;
  const build = await job('growing', 'n=0; while :; do n=$((n+1)); echo "tick $n"; sleep 0.05; done');
  await visitor.go(`/jobs/${idOf(build)}`);
  await line('tick 60').waitFor();
  const followed = await firstNumber();
  await line('tick 120').waitFor();
  expect(await firstNumber()).toBeGreaterThan(followed);

  await page.locator('.scroller').hover();
  await page.mouse.wheel(0, -700);
  await page.locator('.pill').waitFor();
  const reading = await firstNumber();
  await expect.poll(() => page.locator('.pill').innerText(), { timeout: 20_000 }).toMatch(/[2-9]\d new lines/);
  expect(await firstNumber()).toBe(reading);

  await scenario.server.kill('SIGTERM');
  await page.getByText('Connection lost').waitFor();
  await scenario.server.restart();
  await page.getByText('Connection lost').waitFor({ state: 'detached' });
  await page.locator('.pill').click();
  await page.locator('.pill').waitFor({ state: 'detached' });
  // What is at the end may have to be loaded first.
  let ticks: number[] = [];
  const look = async (): Promise<number> => {
    const shown = await page.locator('.scroller .line .text').allInnerTexts();
    ticks = shown.flatMap((text) => (/^tick \d+$/.test(text) ? [Number(text.slice(5))] : []));
    return ticks.length;
  };
  await expect.poll(look, { timeout: 20_000 }).toBeGreaterThan(10);
  expect(ticks).toEqual(ticks.map((_, i) => (ticks[0] ?? 0) + i));

  await page.getByRole('button', { name: 'Cancel job' }).click();
  await page.getByRole('button', { name: 'Restart job' }).waitFor();
  await page.locator('header').getByText('canceled', { exact: true }).waitFor();
  expect(await page.getByText('First failure').count()).toBe(0);
  // The server was away: the browser says so in its console.
  visitor.complaints.splice(0);
}, 180_000);
