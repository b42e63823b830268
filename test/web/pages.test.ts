import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Scenario } from '../scenarios/support.ts';
import { loginCode, Visitor } from './support/browser.ts';

let scenario: Scenario;
let visitor: Visitor;

beforeAll(async () => {
  scenario = await Scenario.open();
  visitor = await Visitor.open(scenario);
}, 180_000);

afterAll(async () => {
  await visitor.close();
  await scenario.close();
});

describe('an installation just started', () => {
  test('the projects page teaches what a project is, and leads to adding one', async () => {
    const { page } = visitor;
    await visitor.go('/');
    await page.getByRole('heading', { name: 'No project yet' }).waitFor();
    await visitor.expectAccessible();
    await visitor.expectNarrow();
    await page.getByRole('link', { name: 'Add a project' }).click();
    await page.getByRole('heading', { name: 'Add a project' }).waitFor();
  });

  test('the queue says that nothing waits', async () => {
    await visitor.go('/queue');
    await visitor.page.getByRole('heading', { name: 'Nothing waits' }).waitFor();
    await visitor.expectAccessible();
  });

  test('an address that leads nowhere says so', async () => {
    await visitor.go('/no/such/page');
    await visitor.page.getByText('There is no page at this address').waitFor();
    await visitor.expectAccessible();
  });

  test('a build that is not there is a sentence with an id for the log', async () => {
    await visitor.go('/builds/99999');
    const notice = visitor.page.getByRole('alert');
    await notice.waitFor();
    expect(await notice.innerText()).toMatch(/In the server's log: \S+/);
    expect(visitor.complaints.splice(0).join()).toContain('404');
  });
});

describe('machines', () => {
  test('each pool says in words how well its machines are kept apart, and which Pythons they have', async () => {
    await visitor.go('/machines');
    const pool = visitor.page.getByRole('region', { name: 'Pool local' });
    await pool.waitFor();
    expect(await pool.innerText()).toMatch(/Isolation\s+\S.{20}/);
    expect(await pool.innerText()).toMatch(/2 at most/);
    await visitor.expectAccessible();
    await visitor.expectNarrow();
  });
});

describe('licences', () => {
  test('the page teaches what a pool is; one is added, changed and removed', async () => {
    const { page } = visitor;
    await visitor.go('/licenses');
    await page.getByRole('heading', { name: 'No licences yet' }).waitFor();
    await visitor.expectAccessible();
    await visitor.expectNarrow();
    const form = page.getByRole('form', { name: 'New licence pool' });
    await form.getByLabel('Name', { exact: true }).fill('Site licence');
    await form.getByLabel('Product', { exact: true }).fill('msvc-2015');
    await form.getByLabel('Seats', { exact: true }).fill('2');
    await form.getByRole('button', { name: 'Add' }).click();
    await form.locator('[aria-invalid="true"]').waitFor();
    await form.getByLabel('Name', { exact: true }).fill('site');
    await form.getByText('Limits and days').click();
    await form.getByLabel('Valid until').fill('2020-01-31');
    await form.getByRole('button', { name: 'Add' }).click();
    const pool = page.getByRole('region', { name: 'Licence pool site' });
    await pool.getByText('0 of 2 seats taken').waitFor();
    await pool.getByText('Expired: its last day was 2020-01-31').waitFor();
    await pool.getByRole('button', { name: 'Change' }).click();
    const change = pool.getByRole('form', { name: 'Change site' });
    await visitor.expectAccessible();
    await visitor.expectNarrow();
    await change.getByText('Limits and days').click();
    await change.getByLabel('Valid until').fill('');
    await change.getByLabel('Seats', { exact: true }).fill('3');
    await change.getByRole('button', { name: 'Save' }).click();
    await pool.getByText('0 of 3 seats taken').waitFor();
    await page.getByRole('region', { name: 'By month' }).getByText('0 of 3').waitFor();
    await pool.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Remove site' }).click();
    await page.getByRole('heading', { name: 'No licences yet' }).waitFor();
  });

  test('a bundle is uploaded to the server itself, which says what is no archive', async () => {
    const { page } = visitor;
    await visitor.go('/bundles');
    const form = page.getByRole('form', { name: 'New bundle' });
    await form.getByLabel('Archive').setInputFiles({ name: 'sdk-1.0.zip', mimeType: '', buffer: Buffer.from('this is no archive') });
    await form.getByRole('button', { name: 'Upload' }).click();
    await form.getByText('This is no archive of the format zip.').waitFor();
    visitor.complaints.splice(0);
    const empty = Buffer.concat([Buffer.from('PK\u0005\u0006'), Buffer.alloc(18)]);
    await form.getByLabel('Archive').setInputFiles({ name: 'sdk-1.0.zip', mimeType: '', buffer: empty });
    await form.getByRole('button', { name: 'Upload' }).click();
    const bundle = page.getByRole('region', { name: 'Bundle sdk-1.0' });
    await bundle.getByText('For nobody yet').waitFor();
    await bundle.getByRole('radio', { name: /All projects/ }).check();
    await bundle.getByRole('button', { name: 'Save the terms' }).click();
    await bundle.getByText('For all projects').waitFor();
    await bundle.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Remove sdk-1.0' }).click();
    await page.getByRole('heading', { name: 'No bundles yet' }).waitFor();
  });
});

describe('projects', () => {
  test('a form says at the field what is wrong, and loses nothing', async () => {
    const { page } = visitor;
    await visitor.go('/projects/new');
    await page.getByLabel('Repository').fill('https://example.org/a.git');
    await page.getByLabel('Look for changes every').fill('2');
    await page.getByRole('button', { name: 'Add the project' }).click();
    await page.locator('[aria-invalid="true"]').waitFor();
    expect(await page.getByLabel('Look for changes every').getAttribute('aria-invalid')).toBe('true');
    expect(await page.getByLabel('Repository').inputValue()).toBe('https://example.org/a.git');
    await visitor.expectAccessible();
    await visitor.expectNarrow();
  });

  test('one is added, built, set up and deleted by hand', async () => {
    const { page } = visitor;
    const repository = await scenario.repository('by-hand', { '.terrarium.yml': 'test: echo hello\n' });
    await visitor.go('/projects/new');
    await page.getByLabel('Repository').fill(repository.folder);
    await page.getByLabel('Name').fill('by-hand');
    await page.getByLabel('Look for changes every').fill('');
    await page.getByRole('button', { name: 'Add the project' }).click();
    await page.getByRole('heading', { name: 'No build yet' }).waitFor();

    await page.getByRole('button', { name: 'Build now' }).click();
    await page.getByRole('button', { name: 'Build', exact: true }).click();
    await page.getByText('All 1 job done, none failed.').waitFor();

    await page.getByRole('link', { name: 'by-hand' }).click();
    await page.getByRole('link', { name: /passed/ }).waitFor();
    await visitor.expectAccessible();
    await visitor.expectNarrow();

    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByLabel("Secret's name").fill('PYPI_TOKEN');
    await page.getByLabel('Value').fill('never shown');
    await page.getByRole('form', { name: 'Add a secret' }).getByRole('button', { name: 'Add' }).click();
    await page.getByRole('button', { name: 'Remove PYPI_TOKEN' }).waitFor();
    await visitor.expectAccessible();
    await visitor.expectNarrow();

    const machines = page.getByRole('form', { name: 'Machines' });
    await machines.getByRole('radio', { name: /A sandbox/ }).check();
    await machines.getByRole('button', { name: 'Save' }).click();
    await machines.getByText('Saved').waitFor();
    await page.reload();
    await expect.poll(() => machines.getByRole('radio', { name: /A sandbox/ }).isChecked()).toBe(true);

    await page.getByRole('button', { name: 'Delete the project' }).click();
    await page.getByRole('button', { name: 'Delete by-hand' }).click();
    await page.waitForURL(`${visitor.url}/`);
    await page.getByRole('heading', { name: 'No project yet' }).waitFor();
  }, 120_000);
});

describe('going around', () => {
  test('the palette leads to a page by typing, the help lists the keys', async () => {
    const { page } = visitor;
    await visitor.go('/');
    await page.getByRole('heading', { name: 'No project yet' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('mach');
    await page.getByRole('option', { name: /Machines/ }).waitFor();
    await visitor.expectAccessible();
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/machines$/);
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await visitor.expectAccessible();
    await page.keyboard.press('Escape');
    await page.keyboard.press('g');
    await page.keyboard.press('q');
    await page.waitForURL(/\/queue$/);
  });

  test('a chosen theme is kept', async () => {
    const { page } = visitor;
    await visitor.go('/');
    await page.getByRole('button', { name: /^Theme: system/ }).click();
    await page.getByRole('button', { name: /^Theme: light/ }).click();
    await page.reload();
    await page.getByRole('button', { name: /^Theme: dark/ }).waitFor();
    expect(await page.evaluate('getComputedStyle(document.documentElement).colorScheme')).toBe('dark');
    await page.getByRole('button', { name: /^Theme: dark/ }).click();
  });
});

describe('tokens and signing in', () => {
  test('a token is shown once, works, and is taken back', async () => {
    const { page } = visitor;
    await visitor.go('/profile');
    await page.getByLabel('New token for').fill('a script');
    await page.getByRole('button', { name: 'Make a token' }).click();
    const token = await page.getByLabel('Copy the token').first().innerText();
    const asked = (): Promise<number> =>
      fetch(`${visitor.url}/api/projects`, { headers: { authorization: `Bearer ${token}` } }).then(({ status }) => status);
    expect(await asked()).toBe(200);
    await visitor.expectAccessible();
    await visitor.expectNarrow();
    await page.getByRole('button', { name: 'Take token a script back' }).click();
    await page.getByRole('button', { name: 'Take it back' }).click();
    await page.getByRole('button', { name: 'Take token a script back' }).waitFor({ state: 'detached' });
    expect(await asked()).toBe(401);
    await visitor.go('/admin');
    await page.getByRole('region', { name: 'Audit' }).getByText('admin took back a token of account admin').waitFor();
  });

  test('who is not signed in is asked to, and then goes on to where they were going', async () => {
    await scenario.server.restart();
    const stranger = await Visitor.open(scenario, 'anonymous');
    const { page } = stranger;
    await stranger.go('/machines');
    await page.getByText('By the link that the server printed').click();
    await page.getByLabel('Link or code').waitFor();
    await stranger.expectAccessible();
    await stranger.expectNarrow();
    await page.getByLabel('Link or code').fill('wrong');
    await page.getByRole('button', { name: 'Sign in by the link' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByLabel('Link or code').fill(`${stranger.url}/login?code=${await loginCode(scenario)}`);
    await page.getByRole('button', { name: 'Sign in by the link' }).click();
    await page.waitForURL(/\/machines$/);
    await page.getByRole('region', { name: 'Pool local' }).waitFor();
    expect(stranger.complaints.splice(0).every((complaint) => complaint.includes('401'))).toBe(true);
    await stranger.close();
    // The restart cut the other browser's connection, which it may say.
    visitor.complaints.splice(0);
  }, 120_000);
});
