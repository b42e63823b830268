import { createHmac } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type HostEvent, PullRequest } from '#plugins/api';
import { HookSetup, type ProjectView } from '#server/api';
import { machines, Scenario, type TestRepository } from '../scenarios/support.ts';
import { Visitor } from './support/browser.ts';

const PLUGIN = fileURLToPath(new URL('./support/scm-signed', import.meta.url));
const DESCRIPTION = 'test: echo as it was\n';

let scenario: Scenario;
let visitor: Visitor;
let project: ProjectView;
let repository: TestRepository;

beforeAll(async () => {
  const local = { plugin: 'runner-local', name: 'local', config: {} };
  const plugins = [local, { plugin: PLUGIN, name: 'git', config: {} }];
  // Strangers' jobs may run on what there is here.
  scenario = await Scenario.open(machines(1, {}, { plugins, isolation: { pullRequests: 'none' } }));
  visitor = await Visitor.open(scenario);
  repository = await scenario.repository('strangers', { '.terrarium.yml': DESCRIPTION });
  project = await scenario.addProject(repository.folder, 'strangers');
}, 180_000);

afterAll(async () => {
  await visitor.close();
  await scenario.close();
});

/** Has somebody open a pull request, or push to it; its commit is on a branch of the same repository. */
async function push(number: number, files: Record<string, string>, secret: string): Promise<string> {
  const base = await repository.git('rev-parse', 'main');
  await repository.git('switch', '--quiet', '--force-create', `request-${number}`, 'main');
  const commit = await repository.commit(files);
  await repository.git('switch', '--quiet', 'main');
  const pullRequest = PullRequest.parse({
    number,
    title: 'Run faster',
    author: { id: 'mallory', name: 'mallory' },
    baseBranch: 'main',
    baseCommit: base.trim(),
    headBranch: `request-${number}`,
    headCommit: commit,
    headRepository: 'mallory/strangers',
    headRef: `refs/heads/request-${number}`,
    headUrl: null,
    isOpen: true,
    webUrl: null,
  });
  const event: HostEvent = { kind: 'pull-request', repository: repository.folder, action: 'opened', pullRequest };
  const body = JSON.stringify(event);
  const headers = { 'x-signed': createHmac('sha256', secret).update(body).digest('hex'), 'content-type': 'application/json' };
  const answer = await fetch(`${scenario.server.url}/api/hooks/projects/${project.id}`, { method: 'POST', headers, body });
  expect(answer.status).toBe(202);
  return commit;
}

test('a stranger’s pull request waits, is looked at, approved by its commit, and runs; its delivery and whom it was by are kept', async () => {
  const { page } = visitor;
  const { secret } = HookSetup.parse(await scenario.json('POST', `/api/projects/${project.id}/hook`));
  await visitor.go('/');
  await page.getByRole('heading', { name: 'Projects', exact: true }).waitFor();
  const commit = await push(1, { '.terrarium.yml': 'test: echo as the stranger wants it\n' }, secret ?? '');

  const waiting = page.getByRole('region', { name: 'Waiting for an approval' });
  await waiting.getByRole('link', { name: /strangers #1.*Pull request #1 Run faster.*by mallory/s }).click();
  const panel = page.getByRole('region', { name: 'Held for an approval' });
  await panel.getByText('Held because mallory is not trusted here.').waitFor();
  await panel.getByRole('row', { name: /echo as it was/ }).waitFor();
  await panel.getByRole('row', { name: /echo as the stranger wants it/ }).waitFor();
  await panel.getByText('Its jobs then run with the project’s secrets (it has none now)').waitFor();
  await visitor.expectAccessible();

  await panel.getByRole('button', { name: 'Approve this commit' }).click();
  await page.getByText(new RegExp(`^Approved by .+, just now, commit ${commit.slice(0, 8)}\\.$`)).waitFor();
  await page.getByRole('link', { name: /: passed/ }).waitFor();

  await visitor.go(`/projects/${project.id}/settings#code-host`);
  const delivery = page.getByRole('region', { name: 'Deliveries' }).getByRole('listitem').first();
  await delivery.getByText('done', { exact: true }).waitFor();
  await delivery.locator('[aria-expanded]').click();
  await expect.poll(() => delivery.getByRole('region', { name: 'Payload' }).innerText()).toContain('"title": "Run faster"');
  await visitor.go('/admin');
  await page.getByRole('region', { name: 'Audit' }).getByText('approved the change of build').waitFor();
}, 180_000);

test('what is pushed while somebody looks is not approved with what they looked at', async () => {
  const { page } = visitor;
  const { secret } = HookSetup.parse(await scenario.json('POST', `/api/projects/${project.id}/hook`));
  await push(2, { 'setup.py': 'print("harmless")\n' }, secret ?? '');
  await visitor.go('/');
  await page.getByRole('link', { name: /Pull request #2 Run faster/ }).click();
  const panel = page.getByRole('region', { name: 'Held for an approval' });
  await panel.getByText('print("harmless")').waitFor();
  await push(2, { 'setup.py': 'print("malice")\n' }, secret ?? '');

  // The build that was looked at is over; the new commit has one of its own, which waits.
  await page.getByText('Never approved: mallory is not trusted here.').waitFor();
  expect(await panel.count()).toBe(0);
  await visitor.go('/');
  await page.getByRole('link', { name: /Pull request #2 Run faster/ }).click();
  await panel.getByText('print("malice")').waitFor();
  await panel.getByRole('button', { name: 'Refuse' }).click();
  await page.getByText(/^Refused by .+, just now/).waitFor();
  await page.getByRole('link', { name: /: canceled/ }).waitFor();
}, 180_000);

test('somebody is trusted by name from then on', async () => {
  const { page } = visitor;
  await visitor.go(`/projects/${project.id}/settings#pull-requests`);
  const people = page.getByRole('region', { name: 'Trusted contributors' });
  await people.getByLabel('Account at the code host').fill('Mallory');
  await people.getByRole('button', { name: 'Trust' }).click();
  await people.getByRole('listitem').filter({ hasText: 'Mallory' }).waitFor();
  const form = page.getByRole('form', { name: 'Trust', exact: true });
  await form.getByRole('radio', { name: /Do nothing/ }).check();
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByText('Saved').waitFor();
  const { secret } = HookSetup.parse(await scenario.json('POST', `/api/projects/${project.id}/hook`));
  await push(3, { '.terrarium.yml': 'test: echo trusted\n' }, secret ?? '');
  await visitor.go(`/projects/${project.id}`);
  const row = page.getByRole('link', { name: /#3 from mallory\/strangers/ });
  await row.getByText('passed', { exact: true }).waitFor();
}, 180_000);
