import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Visitor } from './support/browser.ts';
import { DEMO_HOSTS } from './support/demo-hosts.ts';
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

const region = (name: string) => visitor.page.getByRole('region', { name, exact: true });

/** Takes out what the browser says of answers that are no success: these are wanted here. */
function expectComplaint(status: number): void {
  expect(visitor.complaints.splice(0)).toEqual([expect.stringContaining(`status of ${status}`)]);
}

test('the sections of the settings have addresses', async () => {
  const { page } = visitor;
  await visitor.go(`/projects/${DEMO_HOSTS.full}/settings#notifications`);
  await region('Notifications').waitFor();
  await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('notifications');
  await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Code host' }).click();
  await page.waitForURL(/#code-host$/);
  await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('code-host');
  await visitor.expectAccessible();
  await visitor.expectNarrow();
}, 120_000);

describe('trust', () => {
  test('is set by rules, which are kept; a group that is none is told at its field', async () => {
    const { page } = visitor;
    await visitor.go(`/projects/${DEMO_HOSTS.full}/settings`);
    const form = page.getByRole('form', { name: 'Trust', exact: true });
    expect(await form.getByRole('radio', { name: /Wait for an approval/ }).isChecked()).toBe(true);
    await form.getByRole('radio', { name: /Run without secrets/ }).check();
    await form.getByRole('checkbox', { name: /had a pull request merged/ }).check();
    await form.getByLabel('Members of').fill('pypa-friends/maintainers\nno group!');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('ORGANISATION or ORGANISATION/TEAM', { exact: true }).waitFor();
    expect(await form.getByLabel('Members of').getAttribute('aria-invalid')).toBe('true');
    await form.getByLabel('Members of').fill('pypa-friends/maintainers\n\npypa\n');
    await form.getByRole('button', { name: 'Save' }).click();
    await form.getByText('Saved').waitFor();
    await page.reload();
    await form.getByRole('radio', { name: /Run without secrets/ }).waitFor();
    expect(await form.getByRole('radio', { name: /Run without secrets/ }).isChecked()).toBe(true);
    expect(await form.getByLabel('Members of').inputValue()).toBe('pypa-friends/maintainers\npypa');
  });

  test('by comment: the commands are there to be copied, while they are obeyed', async () => {
    const { page } = visitor;
    await visitor.go(`/projects/${DEMO_HOSTS.full}/settings`);
    const commands = page.getByRole('list', { name: 'What a comment can say' });
    await commands.waitFor();
    expect(await commands.getByRole('listitem').count()).toBe(4);
    await commands.getByRole('listitem').nth(1).getByRole('button').click();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('terrarium: trust this contributor');
    await page.getByRole('checkbox', { name: /decide by a comment/ }).uncheck();
    await commands.waitFor({ state: 'detached' });
  });

  test('is given to people by name, and taken back', async () => {
    const { page } = visitor;
    await visitor.go(`/projects/${DEMO_HOSTS.untouched}/settings`);
    const people = region('Trusted contributors');
    await people.getByText('Nobody is trusted by name yet.').waitFor();
    await people.getByLabel('Account at the code host').fill('nobody');
    await people.getByRole('button', { name: 'Trust' }).click();
    await people.getByText('The code host knows nobody called nobody.').waitFor();
    expectComplaint(404);
    await people.getByLabel('Account at the code host').fill(' ada ');
    await people.getByRole('button', { name: 'Trust' }).click();
    const ada = people.getByRole('listitem').filter({ hasText: 'ada' });
    expect(await ada.innerText()).toMatch(/ada\s+by admin, just now/);
    await visitor.expectAccessible();
    await people.getByRole('button', { name: 'Trust ada no longer' }).click();
    await people.getByText('Nobody is trusted by name yet.').waitFor();
    await page.reload();
    await people.getByText('Nobody is trusted by name yet.').waitFor();
  }, 120_000);
});

describe('the hook', () => {
  test('is set up by a button where the code host lets us', async () => {
    await visitor.go(`/projects/${DEMO_HOSTS.full}/settings`);
    const hook = region('Hook');
    await hook.getByText('https://ci.example.org/api/hooks/projects/1').waitFor();
    await hook.getByRole('button', { name: 'Set up the hook' }).click();
    await hook.getByText('The hook is set up: the code host calls here from now on.').waitFor();
    expect(await hook.getByLabel('Copy the hook’s secret').count()).toBe(0);
  });

  test('is entered by hand elsewhere: its secret is shown until the page is left', async () => {
    const { page } = visitor;
    await visitor.go(`/projects/${DEMO_HOSTS.byHand}/settings`);
    const hook = region('Hook');
    await hook.getByRole('button', { name: 'Show the secret' }).click();
    expect(await hook.getByLabel('Copy the hook’s secret').innerText()).toBe('5c1d'.repeat(16));
    await visitor.expectAccessible();
    await visitor.expectNarrow();
    await page.reload();
    await hook.getByRole('button', { name: 'Make another secret' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Make another' }).click();
    await hook.getByText('what is signed with the old one is refused').waitFor();
    expect(await hook.getByLabel('Copy the hook’s secret').innerText()).toBe('77aa'.repeat(16));
  }, 120_000);

  test('is lines to copy where nothing is signed; what such a host cannot do is said once and not offered', async () => {
    const { page } = visitor;
    await visitor.go(`/projects/${DEMO_HOSTS.plain}/settings`);
    await region('Hook').getByText('post-receive').waitFor();
    await region('Pull requests').getByText('This code host tells of no pull requests').waitFor();
    await region('Code host').getByText('This code host takes no statuses').waitFor();
    for (const name of ['Trust', 'Statuses']) expect(await page.getByRole('form', { name, exact: true }).count()).toBe(0);
    expect(await region('Deliveries').count()).toBe(0);
    await visitor.expectAccessible();
    await visitor.expectNarrow();
  }, 120_000);
});

test('the code host is told as much as is wished', async () => {
  const { page } = visitor;
  await visitor.go(`/projects/${DEMO_HOSTS.byHand}/settings`);
  const form = page.getByRole('form', { name: 'Statuses' });
  await form.getByRole('radio', { name: /each of its jobs/ }).check();
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByText('Saved').waitFor();
  await page.reload();
  await form.waitFor();
  expect(await form.getByRole('radio', { name: /each of its jobs/ }).isChecked()).toBe(true);
});

describe('deliveries', () => {
  test('are listed with what became of them, older ones on demand', async () => {
    await visitor.go(`/projects/${DEMO_HOSTS.full}/settings`);
    const entries = region('Deliveries').locator('.delivery');
    await entries.first().waitFor();
    const texts = await entries.allInnerTexts();
    for (const word of ['waiting', 'done', 'ignored', 'failed']) expect(texts.some((text) => text.startsWith(word))).toBe(true);
    const older = region('Deliveries').getByRole('button', { name: 'Older deliveries' });
    await older.click();
    await expect.poll(() => entries.count()).toBe(40);
    await older.click();
    await expect.poll(() => entries.count()).toBe(47);
    await older.waitFor({ state: 'detached' });
  }, 120_000);

  test('unfold to what was sent, and are replayed', async () => {
    await visitor.go(`/projects/${DEMO_HOSTS.full}/settings`);
    const failed = region('Deliveries').locator('.delivery').filter({ hasText: 'EAI_AGAIN' }).first();
    await failed.locator('[aria-expanded]').click();
    await failed.getByText('x-github-hook-id').waitFor();
    expect(await failed.getByRole('region', { name: 'Payload' }).innerText()).toContain('"full_name": "pypa-friends/cryptography",\n');
    await visitor.expectAccessible();
    await visitor.expectNarrow();
    const id = /delivery (\d+)$/.exec((await failed.getByRole('button', { name: /^Replay/ }).getAttribute('aria-label')) ?? '')?.[1];
    await failed.getByRole('button', { name: /^Replay/ }).click();
    // It waits, then is done: the list looks again by itself.
    const replayed = region('Deliveries')
      .locator('.delivery')
      .filter({ has: visitor.page.getByRole('button', { name: new RegExp(`delivery ${id}$`) }) });
    await replayed.getByText('build #873').waitFor();
    expect(await replayed.innerText()).toMatch(/^done/);
  }, 120_000);

  test('teach where there are none', async () => {
    await visitor.go(`/projects/${DEMO_HOSTS.untouched}/settings`);
    await region('Deliveries').getByText('Nothing has come yet.').waitFor();
    await region('What was told').getByText('Nothing yet.').waitFor();
    await region('Notifications').getByText('Nobody is told yet.').waitFor();
    await visitor.expectAccessible();
    await visitor.expectNarrow();
  }, 120_000);
});

describe('notifications', () => {
  test('are subscribed to, with what a notifier says against it', async () => {
    const { page } = visitor;
    await visitor.go(`/projects/${DEMO_HOSTS.full}/settings`);
    const form = page.getByRole('form', { name: 'Tell somebody' });
    await form.getByLabel('Address').fill('ada');
    await form.getByLabel('Tell', { exact: true }).selectOption('always');
    await form.getByText('Every build as it ends').waitFor();
    await form.getByRole('button', { name: 'Add' }).click();
    await form.getByText('ada is no address of mail.').waitFor();
    expectComplaint(400);
    await form.getByLabel('Address').fill('ada@example.org');
    await form.getByRole('button', { name: 'Add' }).click();
    const ada = region('Notifications').getByRole('listitem').filter({ hasText: 'ada@example.org' });
    expect(await ada.innerText()).toMatch(/ada@example\.org\s+always\s+by mail/);
    await region('Notifications').getByRole('button', { name: 'Tell ada@example.org no longer' }).click();
    await ada.waitFor({ state: 'detached' });
  });

  test('name their targets as each notifier calls them', async () => {
    const { page } = visitor;
    await visitor.go(`/projects/${DEMO_HOSTS.full}/settings`);
    const form = page.getByRole('form', { name: 'Tell somebody' });
    await form.getByLabel('By', { exact: true }).selectOption('chat');
    await form.getByLabel('URL of the room’s incoming webhook').waitFor();
  });

  test('that did not arrive are first, with why, and are sent again', async () => {
    await visitor.go(`/projects/${DEMO_HOSTS.full}/settings`);
    const told = region('What was told');
    const entries = told.getByRole('listitem');
    await entries.first().waitFor();
    expect(await entries.first().innerText()).toMatch(
      /^failed\s+Status at the code host of build #872\s+commit 4f4f4f4f, as it was pushed\s+The code host refuses the token/,
    );
    expect(await entries.nth(1).innerText()).toMatch(
      /^waiting\s+Notice to https:\/\/chat\.example\.org\/… \(chat\) of build #872\s+The chat answers 502\.\s+tried 3 times, next in/,
    );
    expect(await entries.nth(3).innerText()).toMatch(/^sent\s+Notice to maintainers@lists\.example\.org \(mail\)/);
    await visitor.expectAccessible();
    await visitor.expectNarrow();
    await told.getByRole('button', { name: 'Send again: Status at the code host of build #872' }).click();
    await entries.filter({ hasText: '4f4f4f4f' }).getByText('sent', { exact: true }).waitFor();
  }, 120_000);
});
