import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Visitor } from './support/browser.ts';
import { type DemoServer, startDemo } from './support/demo-server.ts';

const pages = fileURLToPath(new URL('../../dist/web', import.meta.url));

let full: DemoServer;
let visitor: Visitor;

beforeAll(async () => {
  full = await startDemo({ pages, longLines: 100 });
  visitor = await Visitor.at(full.url);
});

afterAll(async () => {
  await visitor.close();
  await full.close();
});

describe('seats', () => {
  test('the question at the top is answered, with what expires, and who waits is named', async () => {
    const { page } = visitor;
    await visitor.go('/licenses');
    await page
      .getByText(
        /^instantclient-sdk has no free seat\. 2 jobs wait for one\. msvc-2015 \(site\) expires in 1[23] days\. The licence server of reserve/,
      )
      .waitFor();
    await page.getByText(/In \w+ \d{4} jobs found no free seat of instantclient-sdk 14 times\./).waitFor();
    const waiting = page.getByRole('region', { name: 'Jobs that wait for a seat' });
    expect(await waiting.innerText()).toMatch(
      /2 jobs wait for instantclient-sdk[\s\S]*3\.12 · DJANGO=5\.1\s+django-lmdb[\s\S]*no seat of instantclient-sdk/,
    );
    expect(await waiting.getByRole('link').getAttribute('href')).toBe('/jobs/12005');
  });

  test('a pool says who has its seats, its terms, its keys and how it stands at its licence server', async () => {
    const { page } = visitor;
    await visitor.go('/licenses');
    const site = page.getByRole('region', { name: 'Licence pool site' });
    await site.getByText('2 of 8 seats taken; 2 more are used outside of here; 1 cannot be used: its licence server has fewer').waitFor();
    expect(await site.locator('.squares i').count()).toBe(8);
    await site.getByText(/flexnet, feature MSVC_ENT:\s+7 seats there, 2 of them used outside of here/).waitFor();
    await site.getByText(/2 seats kept until/).waitFor();
    const oracle = page.getByRole('region', { name: 'Licence pool oracle' });
    await oracle.getByText('the group open-source; changes of people who are trusted, not even approved ones of others').waitFor();
    await oracle.getByText('versions 12.1 - 19, any machine').waitFor();
    await oracle.getByText(/one for each seat, as a file whose place is in ORACLE_LICENSE_FILE/).waitFor();
    await page.getByText('vh-lic.example: no answer for 10 s.').waitFor();
  });

  test('a pool is drawn over the chosen time, told in words, and read stretch by stretch', async () => {
    const { page } = visitor;
    await visitor.go('/licenses');
    const pool = page.getByRole('region', { name: 'Licence pool site' });
    const figure = pool.getByRole('figure', {
      name: /^site over time\. At most 7 seats at once, .* all were taken at some moment in \d+ of the 96 stretches/,
    });
    await figure.waitFor();
    expect(await figure.locator('path').count()).toBe(3);
    expect(await figure.locator('rect.mark').count()).toBeGreaterThan(0);
    const times = pool.getByLabel('Time of site');
    await times.focus();
    const said = (): Promise<string | null> => times.getAttribute('aria-valuetext');
    const last = await said();
    expect(last).toMatch(/^\d\d:\d\d: at most \d of 8 seats, [\d.]+ on average$/);
    for (let i = 0; i < 80; i += 1) await page.keyboard.press('ArrowLeft');
    await expect.poll(said).toMatch(/of 4 seats/);
    expect(await pool.locator('.readout').innerText()).toBe(await said());
    await times.blur();
    const asked = page.waitForRequest(/licenses\/use\?hours=8760/);
    await page.getByRole('button', { name: '1 year' }).click();
    await asked;
    await pool
      .locator('text.time', { hasText: /^\s*\d+ [A-Z][a-z]{2}\s*$/ })
      .first()
      .waitFor();
    expect(await page.getByRole('region', { name: 'Licence pool qnx' }).locator('svg').count()).toBe(0);
  });

  test('months are in a table, of all products or one; an admin exports every use', async () => {
    const { page } = visitor;
    await visitor.go('/licenses');
    const months = page.getByRole('region', { name: 'By month' });
    const rows = months.locator('tbody tr');
    await expect.poll(() => rows.count()).toBe(6);
    expect(await rows.first().innerText()).toMatch(/^\w{3} \d{4}\s+instantclient-sdk\s+all 2\s+827\s+174\s+14$/);
    await months.getByRole('button', { name: 'Show 9 months before' }).click();
    await expect.poll(() => rows.count()).toBe(24);
    await months.getByLabel('Product').selectOption('msvc-2015');
    await expect.poll(() => rows.count()).toBe(12);
    const exported = page.getByRole('region', { name: 'Export' });
    await exported.getByLabel('From').fill('2026-11-01');
    await exported.getByLabel('Until').fill('2026-10-31');
    await exported.getByText('The last day is not before the first.').waitFor();
    expect(await exported.getByRole('link').count()).toBe(0);
    await exported.getByLabel('Until').fill('2026-11-30');
    expect(await exported.getByRole('link', { name: 'Export CSV' }).getAttribute('href')).toBe(
      '/api/licenses/uses.csv?from=2026-11-01&until=2026-11-30',
    );
  });

  test('a quarantine is ended, seats are reserved and no longer', async () => {
    const { page } = visitor;
    await visitor.go('/licenses');
    const oracle = page.getByRole('region', { name: 'Licence pool oracle' });
    await oracle.getByText(/in quarantine, free in \d+ min/).waitFor();
    await oracle.getByRole('button', { name: 'Release now' }).click();
    await oracle.getByText('1 of 2 seats taken').waitFor();
    await oracle.getByRole('button', { name: 'Reserve seats' }).click();
    const form = oracle.getByRole('form', { name: 'Reserve seats of oracle' });
    await form.getByRole('button', { name: 'Reserve' }).click();
    await form.getByText('Choose a project.').waitFor();
    await form.getByLabel('Project').selectOption({ index: 1 });
    await form.getByLabel('Until').fill('2020-01-01T10:00');
    await form.getByRole('button', { name: 'Reserve' }).click();
    await form.getByText('it ends after it begins').waitFor();
    await form.getByLabel('Until').fill('2099-01-01T10:00');
    await form.getByRole('button', { name: 'Reserve' }).click();
    await oracle.getByText(/1 seat kept until 1 Jan/).waitFor();
    await oracle.getByRole('button', { name: /^Remove the reservation of/ }).click();
    await oracle.getByText(/1 seat kept until/).waitFor({ state: 'detached' });
  });

  test('all that is said of a pool can be changed; keys go in and are never shown', async () => {
    const { page } = visitor;
    await visitor.go('/licenses');
    const pool = page.getByRole('region', { name: 'Licence pool qnx' });
    await pool.getByRole('button', { name: 'Change' }).click();
    const form = pool.getByRole('form', { name: 'Change qnx' });
    await form.getByText('Whom it is for').first().click();
    await form.getByRole('radio', { name: /Some projects/ }).check();
    await form.getByText('Versions and machines').click();
    await form.getByLabel('Versions').fill('newest');
    await form.getByText('Keys').first().click();
    await form.getByRole('radio', { name: /One for all/ }).check();
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('Name a project or a group').waitFor();
    await form.getByText('a version or a range of versions').waitFor();
    await visitor.expectAccessible();
    await visitor.expectNarrow();
    await form.getByLabel('Projects', { exact: true }).fill('acme-*');
    await form.getByLabel('Versions').fill('8 - ');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('the variable by which jobs get the key').waitFor();
    await form.getByLabel('Variable', { exact: true }).fill('QNX_LICENSE');
    const keys = pool.getByRole('region', { name: 'Keys of qnx' });
    await keys.getByLabel("Key's name").fill('site');
    await keys.getByLabel('Key, or the text of a licence file').fill('never-to-be-shown');
    await keys.getByRole('button', { name: 'Add the key' }).click();
    await keys.getByRole('button', { name: 'Remove the key site of qnx' }).waitFor();
    expect(await keys.getByLabel('Key, or the text of a licence file').inputValue()).toBe('');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.waitFor({ state: 'detached' });
    await pool.getByText('projects acme-*; trusted changes').waitFor();
    await pool.getByText(/^versions 8 - ?, any machine$/).waitFor();
    expect(await pool.getByText(/the first one for every seat, in QNX_LICENSE/).innerText()).toContain('site');
    await pool.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Remove qnx' }).click();
    await pool.waitFor({ state: 'detached' });
  }, 120_000);

  test('the page is whole for assistive tools and on a telephone', async () => {
    await visitor.go('/licenses');
    const site = visitor.page.getByRole('region', { name: 'Licence pool site' });
    await site.getByRole('button', { name: 'Reserve seats' }).click();
    await visitor.page.getByRole('region', { name: 'By month' }).waitFor();
    await visitor.expectAccessible();
    await visitor.expectNarrow();
  }, 120_000);
});

describe('bundles', () => {
  test('each says whom it is for, how a job asks for it, and who was given it', async () => {
    const { page } = visitor;
    await visitor.go('/licenses');
    await page.getByRole('link', { name: 'Bundles' }).click();
    await page.getByText('No job is given qnx-sdp-8.0 before somebody says whom it is for.').waitFor();
    const sdk = page.getByRole('region', { name: 'Bundle instantclient-sdk-12.1' });
    expect(await sdk.innerText()).toMatch(
      /For the group open-source[\s\S]*bundles: \[instantclient-sdk-12\.1\][\s\S]*TERRARIUM_BUNDLE_INSTANTCLIENT_SDK[\s\S]*68\.3 MB, zip[\s\S]*given to 412 jobs/,
    );
    await sdk.getByText('Last uses').click();
    await sdk.getByRole('link', { name: '3.9 · DJANGO=4.2' }).waitFor();
    await visitor.expectAccessible();
    await visitor.expectNarrow();
  }, 120_000);

  test('one is uploaded, is for nobody until that is said, and is removed', async () => {
    const { page } = visitor;
    await visitor.go('/bundles');
    const form = page.getByRole('form', { name: 'New bundle' });
    await form.getByRole('button', { name: 'Upload' }).click();
    await form.getByText('Choose an archive.').waitFor();
    const archive = (name: string): { name: string; mimeType: string; buffer: Buffer } => ({ name, mimeType: '', buffer: Buffer.alloc(300_000, 7) });
    await form.getByLabel('Archive').setInputFiles(archive('msvc-redist-14.0.tgz'));
    await form.getByRole('button', { name: 'Upload' }).click();
    await form.getByText('There is that version already').waitFor();
    await form.getByLabel('Version').fill('');
    await form.getByLabel('Archive').setInputFiles(archive('msvc-redist-14.2.zip'));
    expect(await form.getByLabel('Format').inputValue()).toBe('zip');
    await form.getByText('Jobs name it msvc-redist-14.2').waitFor();
    await form.getByRole('button', { name: 'Upload' }).click();
    const bundle = page.getByRole('region', { name: 'Bundle msvc-redist-14.2' });
    await bundle.getByText('For nobody yet').waitFor();
    expect(await bundle.innerText()).toContain('300 kB, zip');
    const terms = bundle.getByRole('form', { name: 'Terms of msvc-redist-14.2' });
    expect(await terms.getByRole('radio', { name: /Nobody yet/ }).isChecked()).toBe(true);
    await terms.getByRole('radio', { name: /All projects/ }).check();
    await terms.getByLabel('Needs a seat of').fill('msvc-2015');
    await visitor.expectAccessible();
    await visitor.expectNarrow();
    await terms.getByRole('button', { name: 'Save the terms' }).click();
    await bundle.getByText('For all projects').waitFor();
    await bundle.getByRole('link', { name: 'msvc-2015' }).waitFor();
    await bundle.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Remove msvc-redist-14.2' }).click();
    await bundle.waitFor({ state: 'detached' });
  }, 120_000);
});

test('who may only look sees how seats stand, and nothing to change', async () => {
  const demo = await startDemo({ pages, longLines: 100, isViewer: true });
  const stranger = await Visitor.at(demo.url);
  await stranger.go('/licenses');
  await stranger.page.getByRole('region', { name: 'By month' }).waitFor();
  expect(
    await stranger.page
      .getByRole('main')
      .getByRole('button', { name: /Change|Remove|Release|Reserve|Add/ })
      .count(),
  ).toBe(0);
  expect(await stranger.page.getByRole('link', { name: 'Export CSV' }).count()).toBe(0);
  await stranger.go('/bundles');
  await stranger.page.getByText('until an admin says whom it is for').waitFor();
  expect(
    await stranger.page
      .getByRole('main')
      .getByRole('button', { name: /Change|Remove|Upload/ })
      .count(),
  ).toBe(0);
  await stranger.close();
  await demo.close();
});

test('without any, both pages teach what they are about', async () => {
  const demo = await startDemo({ pages, isEmpty: true });
  const stranger = await Visitor.at(demo.url);
  await stranger.go('/bundles');
  await stranger.page.getByRole('heading', { name: 'No bundles yet' }).waitFor();
  await stranger.expectAccessible();
  await stranger.expectNarrow();
  await stranger.page.getByRole('link', { name: 'Seats' }).click();
  await stranger.page.getByRole('heading', { name: 'No licences yet' }).waitFor();
  await stranger.expectAccessible();
  await stranger.expectNarrow();
  await stranger.close();
  await demo.close();
}, 120_000);
