import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { BuildSummary, type BuildView, type ProjectView } from '#server/api';
import { Courier } from '../../plugins/scm-bitbucket/testing/courier.ts';
import type { FakeBitbucket } from '../../plugins/scm-bitbucket/testing/fake-bitbucket.ts';
import { startFakeBitbucket } from '../../plugins/scm-bitbucket/testing/start-fake-bitbucket.ts';
import { TOKEN } from '../../plugins/scm-bitbucket/testing/subject.ts';
import { machines, Scenario, until } from '../scenarios/support.ts';
import { Visitor } from './support/browser.ts';
import { hostile, hostileRef, hostileWord, Watch } from './support/hostile.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const BRANCH = hostileRef('branch');
const AUTHOR = hostileWord('author').replaceAll(/[<>]/g, '');
/** What a job prints: colours and a link of the terminal around markup, the name of a file, and what is taken for the error. */
const LOG = [
  `\u001B[31m${hostile('red')}\u001B[0m`,
  `\u001B]8;;javascript:alert(1)\u0007${hostile('link')}\u001B]8;;\u0007`,
  `E   AssertionError: ${hostile('error')}`,
  // What is taken for a failed test: its name, its place, its reason.
  '=== FAILURES ===',
  `_____ ${hostileWord('test_name')} _____`,
  `${hostileRef('test_file')}.py:7: in test`,
  `E   ${hostile('reason')}`,
  '=== 1 failed in 0.1s ===',
];
/** The same as a report file has it. */
const REPORT = `<testsuite><testcase name="${escaped(hostileWord('reported_name'))}"><failure>${escaped(`${hostileRef('reported_file')}.py:7: in test\nE   ${hostile('reported_reason')}`)}</failure>
</testcase><testcase name="${escaped(hostileWord('slow_test'))}" time="5"/></testsuite>`;
/** A report that is none: what is wrong with it is told. */
const BROKEN = `<testsuite><testcase name="a"></${hostileWord('broken').replaceAll(/["'<>/=\u202E]/g, '-')}>`;
const DESCRIPTION = {
  stages: [hostileWord('stage'), hostileWord('later'), hostileWord('unused')],
  env: [{ ROW: hostile('row') }],
  test: ['cat log.txt', 'find . -name "onerror=*"', 'false'],
  jobs: [
    { name: 'report', test: ['cp report.txt junit.xml', 'cp broken.txt report.xml', 'false'] },
    { name: hostileWord('job'), test: [`: '${hostile('command')}'`, 'sleep 3600'] },
    { name: 'last', stage: hostileWord('later'), test: 'true' },
  ],
};

let host: FakeBitbucket;
let scenario: Scenario;
let visitor: Visitor;
let watch: Watch;
let project: ProjectView;
let build: BuildView;
let waiting: BuildView;
let broken: BuildView;
let held: { project: ProjectView; build: BuildView };

beforeAll(async () => {
  host = await startFakeBitbucket('data-center');
  host.acceptToken(TOKEN);
  const plugins = [
    { plugin: 'runner-local', name: 'local' },
    { plugin: 'scm-bitbucket', name: 'bitbucket', config: { ...host.config, token: TOKEN } },
  ];
  scenario = await Scenario.open(machines(1, {}, { plugins, isolation: { pullRequests: 'none' } }));
  await addLocalProject();
  held = await addHeldPullRequest();
  visitor = await Visitor.open(scenario);
  watch = new Watch(visitor.page, visitor.url);
});

afterAll(async () => {
  await visitor?.close();
  // Jobs outlive a server that stops.
  for (const { id } of [waiting, build]) await scenario.json('POST', `/api/builds/${id}/cancel`);
  for (const { id } of [waiting, build]) await scenario.ended(id);
  await scenario?.close();
  await host?.close();
});

/** A project whose repository is hostile in all it can be; one build of it runs and waits, one has a description that is wrong. */
async function addLocalProject(): Promise<void> {
  const repository = await scenario.repository('hostile', { '.terrarium.yml': JSON.stringify({ [hostile('key')]: 1, test: 'true' }) });
  project = await scenario.addProject(repository.folder, 'hostile');
  await scenario.json('PATCH', `/api/projects/${project.id}`, { secrets: { A_SECRET: hostile('value') } });
  await scenario.json('PUT', `/api/projects/${project.id}/environments/release`, { branches: [hostileWord('pattern')] });
  broken = await scenario.start(project.id);
  await repository.git('checkout', '--quiet', '-b', BRANCH);
  await repository.commit({
    '.terrarium.yml': JSON.stringify(DESCRIPTION),
    'log.txt': `${LOG.join('\n')}\n`,
    'report.txt': REPORT,
    'broken.txt': BROKEN,
    [hostileRef('file')]: '',
  });
  await repository.git('commit', '--amend', '--quiet', '--author', `${AUTHOR} <eve@example.org>`, '--message', hostile('message'));
  build = await scenario.start(project.id, BRANCH);
  await until('one job to have failed, and the other to run', async () => {
    const { jobs } = await scenario.getBuild(build.id);
    return jobs.some(({ state }) => state === 'failed') && jobs.some(({ state }) => state === 'running') ? jobs : null;
  });
  waiting = await scenario.start(project.id, BRANCH);
}

/** A pull request whose author, title, branch and files are hostile, and that waits for an approval. */
async function addHeldPullRequest(): Promise<typeof held> {
  const eve = host.createUser(hostileWord('eve'));
  const repository = await host.createRepository('OWN', 'pulled');
  await repository.commit('main', { '.terrarium.yml': 'test: "true"\n' });
  const added = await scenario.addProject(host.cloneUrl(repository), 'pulled');
  await scenario.json('POST', `/api/projects/${added.id}/hook`);
  await scenario.json('POST', `/api/projects/${added.id}/contributors`, { name: host.createUser(hostileWord('friend')).name });
  const fork = await host.fork(repository, 'EVE');
  await fork.commit(BRANCH, { '.terrarium.yml': `test: "true" # ${hostile('patch')}\n` }, hostile('message'));
  const wish = { title: hostile('title'), author: eve, from: fork, branch: BRANCH, to: repository, base: 'main' };
  const [sent] = await new Courier(host).about(await host.openPullRequest(wish), 'opened', eve);
  expect(sent?.status).toBe(202);
  const first = await until('the pull request to be held', async () => {
    return (
      z
        .array(BuildSummary)
        .parse(await scenario.json('GET', `/api/projects/${added.id}/builds`))
        .at(0) ?? null
    );
  });
  return { project: added, build: await scenario.getBuild(first.id) };
}

/** As XML has it between tags and in values. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

function jobId(state: string): number {
  return build.jobs.find((job) => job.state === state)?.id ?? 0;
}

/** Goes to a page, waits until all these texts are on it as text, and looks that they have become nothing else. */
async function expectText(path: string, ...texts: string[]): Promise<void> {
  const response = await visitor.page.goto(visitor.url + path);
  expect(response?.headers()['content-security-policy']).toMatch(/(?=.*default-src 'self')(?=.*script-src 'self'(;|$))/);
  await expectShown(...texts);
}

async function expectShown(...texts: string[]): Promise<void> {
  for (const text of texts) await expect.poll(() => visitor.page.locator('body').textContent(), { timeout: 15_000 }).toContain(text);
  expect(await watch.strangers()).toEqual([]);
  expect(await watch.isBreached()).toBe(false);
  expect([watch.dialogs, watch.elsewhere]).toEqual([[], []]);
}

test('lists of projects and builds show it as text', async () => {
  await expectText('/', hostile('message'));
  await expectText(`/projects/${project.id}`, BRANCH, AUTHOR, hostile('message'));
  await expectText(`/projects/${held.project.id}`, hostile('message'));
});

test('a build shows it as text: its change, stages, rows, jobs, and what is wrong with its description', async () => {
  await expectText(
    `/builds/${build.id}`,
    BRANCH,
    AUTHOR,
    hostile('message'),
    hostileWord('stage'),
    hostileWord('later'),
    hostile('row'),
    hostileWord('job'),
  );
  await expectText(`/builds/${build.id}`, hostileWord('unused'));
  await expectText(`/builds/${broken.id}`, hostile('key'));
});

test('a held build shows the pull request and its review as text', async () => {
  const visible = hostile('patch').replace('\u202E', 'U+202E');
  await expectText(`/builds/${held.build.id}`, hostile('title'), hostileWord('eve'), visible);
});

test('a job and its log show it as text: output, names of files, the error, commands', async () => {
  build = await scenario.getBuild(build.id);
  await expectText(`/jobs/${jobId('failed')}`, hostile('red'), hostile('link'), `AssertionError: ${hostile('error')}`, `/onerror=`);
  const tests = visitor.page.getByRole('list', { name: 'Failed tests' });
  for (const text of [hostileWord('test_name'), hostileRef('test_file'), hostile('reason')]) expect(await tests.textContent()).toContain(text);
  await expectText(`/jobs/${jobId('running')}`, hostileWord('job'), hostile('command'));
});

test('names of tests show as text: of a report file, where they failed, and among the slow ones', async () => {
  const job = build.jobs.find(({ name }) => name === 'report');
  await expectText(
    `/jobs/${job?.id}`,
    hostileWord('reported_name'),
    hostileRef('reported_file'),
    hostile('reported_reason'),
    'report.xml could not be read',
  );
  await expectText(`/projects/${project.id}/tests`, hostileWord('slow_test'));
});

test('the queue and the machines show it as text', async () => {
  await expectText('/queue', hostile('row'));
  await expectText('/machines', 'local · local');
});

test('settings show it as text: patterns, contributors, deliveries', async () => {
  await expectText(`/projects/${project.id}/settings`, hostileWord('pattern'), 'A_SECRET');
  await expectText(`/projects/${held.project.id}/settings`, hostileWord('friend').toLowerCase());
  await visitor.page
    .getByRole('button', { name: /pr:opened/ })
    .first()
    .click();
  await expectShown(hostileWord('eve').replaceAll('"', '\\"'));
});

test('the audit shows it as text', async () => {
  await expectText('/admin', hostileWord('friend'));
});

test('names of secrets, environments and projects are not taken at all if they are more than names', async () => {
  const secrets = { [hostileWord('SECRET')]: 'x' };
  const answers = [
    await scenario.request('PATCH', `/api/projects/${project.id}`, { secrets }),
    await scenario.request('PATCH', `/api/projects/${project.id}`, { name: hostileWord('project') }),
    await scenario.request('PUT', `/api/projects/${project.id}/environments/release`, { secrets }),
    await scenario.request('PUT', `/api/projects/${project.id}/environments/${encodeURIComponent(hostileWord('environment'))}`, {}),
  ];
  expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400]);
  for (const answer of answers) expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
});

test('were it ever taken for markup, this test would see it, and the policy would let none of it run', async () => {
  // A page of its own: what it complains of is meant to be, and comes when it likes.
  const page = await visitor.context.newPage();
  const ownWatch = new Watch(page, visitor.url);
  await page.goto(`${visitor.url}/queue`);
  const refused = page.evaluate(
    `new Promise((resolve) => document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective), { once: true }))`,
  );
  await page.evaluate(`document.body.insertAdjacentHTML('beforeend', ${JSON.stringify(hostile('probe'))})`);
  expect(await refused).toMatch(/^(script-src|img-src)/);
  expect((await ownWatch.strangers()).length).toBeGreaterThanOrEqual(3);
  expect(await ownWatch.isBreached()).toBe(false);
});
