import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Visitor } from './support/browser.ts';
import { type DemoServer, startDemo } from './support/demo-server.ts';

const pages = fileURLToPath(new URL('../../dist/web', import.meta.url));

let full: DemoServer;
let empty: DemoServer;
let visitor: Visitor;

beforeAll(async () => {
  full = await startDemo({ pages, longLines: 100 });
  empty = await startDemo({ pages, isEmpty: true });
  visitor = await Visitor.at(full.url);
});

afterAll(async () => {
  await visitor.close();
  await full.close();
  await empty.close();
});

describe('machines', () => {
  test('the question at the top is answered in a sentence', async () => {
    await visitor.go('/machines');
    await visitor.page.getByText('windows-2022 has a problem. Host vh-3 is drained. 7 of 10 places in use, 1 machine ready').waitFor();
  });

  test('a pool is drawn over time, told in words, and read moment by moment with the keyboard and the pointer', async () => {
    const { page } = visitor;
    await visitor.go('/machines');
    const pool = page.getByRole('region', { name: 'Pool debian-12' });
    const figure = pool.getByRole('figure', { name: /debian-12 over time\. At most 6 of 6 in use; jobs waited for/ });
    await figure.waitFor();
    expect(await pool.getByRole('list', { name: 'Now' }).innerText()).toMatch(
      /5 of 6 in use\s+1 of 2 ready\s+1 starting\s+0 jobs waiting\s+6 at most/,
    );
    expect(await figure.locator('path').count()).toBe(3);
    expect(await figure.locator('.mark').count()).toBeGreaterThan(0);

    const moments = pool.getByLabel('Moment of debian-12');
    await moments.focus();
    const said = (): Promise<string | null> => moments.getAttribute('aria-valuetext');
    expect(await said()).toMatch(/^\d\d:\d\d: 5 in use, 1 ready, 1 starting$/);
    const last = await said();
    for (let i = 0; i < 30; i += 1) await page.keyboard.press('ArrowLeft');
    expect(await said()).not.toBe(last);
    expect(await pool.locator('.readout').innerText()).toBe(await said());
    await moments.blur();

    const box = await figure.locator('svg').boundingBox();
    if (!box) throw new Error('the chart is not drawn');
    const wait = await figure.locator('.mark').first().boundingBox();
    if (!wait) throw new Error('no waiting is drawn');
    await page.mouse.move(wait.x + wait.width / 2, box.y + 40);
    await pool.locator('.readout', { hasText: /6 in use.* jobs? waiting/ }).waitFor();
  });

  test('the time shown can be chosen', async () => {
    const { page } = visitor;
    await visitor.go('/machines');
    await page.getByRole('button', { name: '6 h', pressed: true }).waitFor();
    const asked = page.waitForRequest(/pools\/history\?hours=24/);
    await page.getByRole('button', { name: '24 h' }).click();
    await asked;
    await page.getByRole('button', { name: '24 h', pressed: true }).waitFor();
  });

  test('hosts say how full they are and what is wrong with them', async () => {
    await visitor.go('/machines');
    const hosts = visitor.page.getByRole('region', { name: 'Hosts' });
    await hosts.getByText('5 of 8 machines').waitFor();
    expect(await hosts.getByRole('listitem').nth(2).innerText()).toMatch(/vh-3[\s\S]*drained[\s\S]*SSH has not answered since 13:58/);
  });

  test('the cache of packages says what it has spared, and what is wrong with an origin', async () => {
    await visitor.go('/machines');
    const cache = visitor.page.getByRole('region', { name: 'Package cache' });
    await cache.getByText('1.6 GB of 20 GB in use, 79.7 GB not fetched again').waitFor();
    expect(await cache.getByRole('listitem').first().innerText()).toMatch(/pypi[\s\S]*9,533 requests, 94 % from the cache[\s\S]*1.4 GB fetched/);
    expect(await cache.getByRole('listitem').nth(1).innerText()).toMatch(/nothing asked for yet[\s\S]*answers with 503/);
  });

  test('each machine has its life, the living on top; of one pool where that is wanted; more of them on demand', async () => {
    const { page } = visitor;
    await visitor.go('/machines');
    const machines = page.getByRole('region', { name: 'Machines', exact: true });
    await machines.getByRole('heading', { name: '8 machines' }).waitFor();
    const living = machines.getByRole('list', { name: 'Living machines' });
    const gone = machines.getByRole('list', { name: 'Machines that are gone' });
    expect(await living.getByRole('listitem').first().innerText()).toMatch(/busy/);
    await expect.poll(() => gone.getByRole('listitem').first().innerText()).toMatch(/made 6\.7 s · ready 15 m 00 s · job 35 s · destroyed 0\.4 s/);
    expect(await gone.getByRole('link').first().getAttribute('href')).toMatch(/^\/jobs\/\d+$/);

    const before = await gone.getByRole('listitem').count();
    await machines.getByRole('button', { name: /Show more/ }).click();
    await expect.poll(() => gone.getByRole('listitem').count()).toBeGreaterThan(before + 100);
    await machines.getByRole('button', { name: /Show more/ }).click();
    await machines.getByRole('button', { name: /Show more/ }).click();
    await expect.poll(() => gone.getByRole('listitem').count()).toBeGreaterThan(450);

    await machines.getByLabel('Pool').selectOption('windows-2022');
    await machines.getByRole('heading', { name: '1 machine', exact: true }).waitFor();
    await expect.poll(async () => (await gone.getByRole('listitem').allTextContents()).every((text) => text.includes('windows-2022'))).toBe(true);
  });

  test('an image tells what is in it; its packages unfold and are searched', async () => {
    const { page } = visitor;
    await visitor.go('/machines');
    const image = page.getByRole('region', { name: 'Image debian-12' });
    await image.getByText('starts from a memory snapshot').waitFor();
    expect(await image.getByRole('list', { name: 'Interpreters' }).getByRole('listitem').count()).toBe(6);
    await image.getByText('7 machines of it').waitFor();
    await image.getByRole('button', { name: /^Copy sha256/ }).click();
    await image.getByText('Copied').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toMatch(/^a3f1c09b[0-9a-f]{56}$/);
    await image.getByText('352 packages').click();
    await image.getByLabel('Search the packages of debian-12').fill('libssl');
    await image.getByText('11 of 352').waitFor();
  });

  test('the page is whole for assistive tools and on a telephone', async () => {
    await visitor.go('/machines');
    await visitor.page.getByRole('region', { name: 'Image debian-11' }).waitFor();
    await visitor.page.getByText('352 packages').click();
    await visitor.page.getByLabel('Search the packages of debian-12').fill('libssl');
    await visitor.expectAccessible();
    await visitor.expectNarrow();
  }, 180_000);

  test('without pools it teaches how to have one', async () => {
    const stranger = await Visitor.at(empty.url);
    await stranger.go('/machines');
    await stranger.page.getByRole('heading', { name: 'No pool of machines' }).waitFor();
    expect(await stranger.page.getByText(/terrarium image build debian-12/).count()).toBe(1);
    expect(await stranger.page.getByText(/plugin: runner-qemu/).count()).toBe(1);
    await stranger.expectAccessible();
    await stranger.expectNarrow();
    await stranger.close();
  }, 120_000);
});
