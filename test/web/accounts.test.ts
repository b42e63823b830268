import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Scenario } from '../scenarios/support.ts';
import { PASSWORD } from '../scenarios/people.ts';
import { Visitor } from './support/browser.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

let scenario: Scenario;
let admin: Visitor;
let anna: Visitor;

beforeAll(async () => {
  scenario = await Scenario.open();
  await scenario.project('open', '{"test": "true"}');
  admin = await Visitor.open(scenario);
  anna = await Visitor.open(scenario, 'anonymous');
});

afterAll(async () => {
  // Whoever is not signed in, and what he may not, is answered with an error: that is how it is tested.
  anna.complaints.splice(0);
  await admin.close();
  await anna.close();
  await scenario.close();
});

test('an admin adds an account and is given a link for its owner, who sets a password with it', async () => {
  const { page } = admin;
  await admin.go('/admin');
  await page.getByText('So far you are alone.').waitFor();
  await page.getByLabel('New account').fill('not a name');
  await page.getByRole('button', { name: 'Add and invite' }).click();
  await page.locator('[aria-invalid="true"]').waitFor();
  await page.getByLabel('New account').fill('anna');
  await page.getByLabel('Full name').fill('Anna Ångström');
  await page.getByRole('form', { name: 'Add an account' }).getByLabel('Role', { exact: true }).selectOption({ label: 'only on projects' });
  await page.getByRole('button', { name: 'Add and invite' }).click();
  const link = await page.getByLabel('Copy the link').first().innerText();
  await admin.expectAccessible();
  await admin.expectNarrow();
  const hers = anna.page;
  await hers.goto(link);
  await hers.getByRole('heading', { name: 'Welcome to Terrarium, Anna Ångström' }).waitFor();
  await hers.getByLabel('Password', { exact: true }).fill('too short');
  await hers.getByRole('button', { name: 'Set it and sign in' }).click();
  await hers.getByText('A password has 12 characters or more').waitFor();
  await anna.expectAccessible();
  await anna.expectNarrow();
  await hers.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await hers.getByRole('button', { name: 'Set it and sign in' }).click();
  await hers.getByRole('heading', { name: 'No project that you may see' }).waitFor();
  expect(await hers.getByRole('link', { name: 'Admin' }).count()).toBe(0);
  await hers.goto(link);
  await hers.getByRole('alert').getByText('used already').waitFor();
});

test('on a project she is given a role, and then sees it, and what she may there', async () => {
  const { page } = admin;
  await admin.go('/projects/1/people');
  await page.getByText('Only those may something here').waitFor();
  await page.getByLabel('Account').fill('nobody');
  await page.getByRole('button', { name: 'Give the role' }).click();
  await page.getByRole('alert').getByText('There is no account nobody').waitFor();
  expect(admin.complaints.splice(0).join()).toContain('404');
  await page.getByLabel('Account').fill('Anna');
  await page.getByLabel('Role', { exact: true }).selectOption('developer');
  await page.getByRole('button', { name: 'Give the role' }).click();
  await page.getByText('developer given here').waitFor();
  await admin.expectAccessible();
  await admin.expectNarrow();
  const hers = anna.page;
  await anna.go('/');
  await hers.getByRole('link', { name: 'open', exact: true }).first().click();
  await hers.getByRole('button', { name: 'Build now' }).waitFor();
  expect(await hers.getByRole('link', { name: 'Settings' }).count()).toBe(0);
  await page.getByRole('button', { name: 'Take back what anna was given' }).click();
  await page.getByText('developer given here').waitFor({ state: 'detached' });
  await anna.go('/projects/1');
  await hers.getByRole('alert').getByText('There is no project 1').waitFor();
});

test('she signs in with name and password, and looks after her account', async () => {
  const { page } = anna;
  await anna.go('/profile');
  await page.getByRole('button', { name: 'Sign out' }).first().click();
  await page.getByLabel('Name', { exact: true }).fill('anna');
  await page.getByLabel('Password', { exact: true }).fill('something else');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('alert').getByText('do not fit together').waitFor();
  await anna.expectAccessible();
  await anna.expectNarrow();
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.waitForURL(`${anna.url}/`);
  await anna.go('/profile');
  await page.getByText('this one').waitFor();
  await page.getByLabel('Current password').fill(PASSWORD);
  await page.getByLabel('New password').fill('another long password');
  await page.getByRole('button', { name: 'Change it', exact: true }).click();
  await page.getByText('everywhere else you are signed out').waitFor();
  await page.getByLabel('Your name').fill('Anna Å.');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('navigation').getByText('Anna Å.').waitFor();
  await anna.expectAccessible();
  await anna.expectNarrow();
});

test('disabled, she is out, and is told to sign in', async () => {
  const { page } = admin;
  await admin.go('/admin');
  await page.getByRole('button', { name: 'Disable anna' }).click();
  await page.getByRole('button', { name: 'Disable', exact: true }).click();
  await page.getByRole('button', { name: 'Let in again' }).waitFor();
  await admin.expectAccessible();
  await anna.go('/');
  await anna.page.waitForURL(/\/login/);
});
