import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Visitor } from './support/browser.ts';
import { type DemoServer, DEMO_JOBS, startDemo } from './support/demo-server.ts';

const pages = fileURLToPath(new URL('../../dist/web', import.meta.url));
/** Of the demo's projects one has a history of its tests, another none. */
const [KNOWN, UNKNOWN] = [3, 4];

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

describe("a project's tests", () => {
  test('are one step from the project, and the question at the top is answered', async () => {
    const { page } = visitor;
    await visitor.go(`/projects/${KNOWN}`);
    await page.getByRole('link', { name: 'Tests' }).click();
    await page.getByText('2 tests passed and failed at the same commit in 30 days. 1 test became slower. The slowest takes 1 m 01 s.').waitFor();
    await visitor.expectAccessible();
    await visitor.expectNarrow();
  });

  test('that are flaky come first, with how often, where, and the way to the newest failure', async () => {
    const { page } = visitor;
    await visitor.go(`/projects/${KNOWN}/tests`);
    const first = page.getByRole('region', { name: 'Flaky' }).getByRole('listitem').first();
    expect(await first.innerText()).toMatch(/test_speed\s+3 times, in 3\.11 · DJANGO=5\.1 and pypy3\.10 · DJANGO=4\.2\s+last failure/);
    expect(await first.getByRole('link', { name: 'last failure' }).getAttribute('href')).toBe('/jobs/12004?attempt=1');
    await page.getByText('Of 2 of 124 runs only the first 20,000 tests are known.').waitFor();
  });

  test('that are slow are drawn over their last runs, and told in words', async () => {
    const { page } = visitor;
    await visitor.go(`/projects/${KNOWN}/tests`);
    const slower = page.getByRole('region', { name: 'Became slower' }).getByRole('listitem');
    expect(await slower.innerText()).toMatch(/test_round_trip_of_everything\s+2\.4 s, before 0\.9 s\s+in 3\.13 · DJANGO=5\.1/);
    await slower.getByRole('img', { name: /^40 runs, between 0\.9 s and 2\.6 s, the last of them 2\.5 s$/ }).waitFor();
    expect(await page.getByRole('region', { name: 'Slowest' }).getByRole('listitem').count()).toBe(3);
  });

  test('of which nothing is known teach how it would be', async () => {
    const { page } = visitor;
    await visitor.go(`/projects/${UNKNOWN}/tests`);
    await page.getByRole('heading', { name: 'No tests are known one by one yet' }).waitFor();
    await page.getByText('pytest --junit-xml=junit.xml').waitFor();
    await visitor.expectAccessible();
    await visitor.expectNarrow();
  });
});

describe('a job', () => {
  test('says which of its failures are flaky, where its report lay, and what could not be read', async () => {
    const { page } = visitor;
    await visitor.go(`/jobs/${DEMO_JOBS.failed}`);
    const tests = page.getByRole('list', { name: 'Failed tests' });
    await tests.getByText('flaky: passed and failed at the same commit 3 times in 30 days').waitFor();
    await page.getByText('junit/fast.xml').waitFor();
    expect(await page.getByRole('list', { name: 'Notes on the test reports' }).innerText()).toContain('junit/slow.xml could not be read');
    // One that only the report tells of has no line to go to.
    expect(await tests.getByRole('link').count()).toBe(2);
    await visitor.expectAccessible();
    await visitor.expectNarrow();
  });

  test('says how much of the code its tests ran, in the matrix of its build as well', async () => {
    const { page } = visitor;
    await visitor.go(`/jobs/${DEMO_JOBS.passed}`);
    await page.getByText(/^coverage \d\d\.5%$/).waitFor();
    await visitor.go('/builds/13');
    await page.getByRole('link', { name: /3\.10: passed, .*coverage 88\.5%/ }).waitFor();
    await page.getByText('88.5%').first().waitFor();
    await visitor.expectAccessible();
    await visitor.expectNarrow();
  });
});
