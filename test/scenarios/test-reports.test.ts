import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { FlakyTests, type JobView, type ProjectView, SlowTests } from '#server/api';
import { machines, Scenario, type TestRepository } from './support.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

/** Whatever it is called here: Debian's Python 3 has it under a name of its own. */
const PYTEST = '$(command -v pytest pytest-3 | head -n 1)';
const TESTS = `import os, time
import pytest

class TestShop:
    def test_good(self):
        pass

    def test_bad(self):
        total = 1
        assert total == 2

def test_touchy():
    mood = os.environ['MOOD']
    assert not mood.startswith('cloudy'), 'it is ' + mood

def test_slow():
    time.sleep(0.15)

@pytest.mark.skip(reason='later')
def test_later():
    pass
`;
/** Of a run long ago, committed with the sources. */
const OLD = '<testsuite><testcase classname="old" name="test_old"><failure message="long ago"/></testcase></testsuite>';
const FILES = {
  '.terrarium.yml': JSON.stringify({ test: `${PYTEST} -q -p no:cacheprovider --junit-xml=junit.xml tests` }),
  'tests/test_shop.py': TESTS,
  'report.xml': OLD,
};

let scenario: Scenario;
let repository: TestRepository;
let project: ProjectView;

beforeAll(async () => {
  scenario = await Scenario.open(machines(1));
  repository = await scenario.repository('shop', FILES);
  project = await scenario.addProject(repository.folder, 'shop');
});

afterAll(async () => {
  await scenario?.close();
});

async function mood(name: 'sunny-mood' | 'cloudy-mood'): Promise<void> {
  await scenario.json('PATCH', `/api/projects/${project.id}`, { secrets: { MOOD: name } });
}

async function jobOf(buildId: number): Promise<JobView> {
  const build = await scenario.ended(buildId);
  return await scenario.getJob(build.jobs[0]?.id ?? 0);
}

async function run(description: Record<string, unknown>, name: string): Promise<JobView> {
  return await jobOf((await scenario.build(name, JSON.stringify(description))).id);
}

test("pytest's report is read from the machine, and is right about names, files and lines; a restart finds what is flaky", async () => {
  await mood('cloudy-mood');
  const first = await jobOf((await scenario.start(project.id)).id);
  expect(first.attempts[0]?.tests).toMatchObject({ passed: 2, failed: 2, errored: 0, skipped: 1, files: ['junit.xml'] });
  const failures = first.attempts[0]?.tests?.failures ?? [];
  expect(failures.map(({ name, file, line }) => [name, file, line])).toEqual([
    ['tests.test_shop.TestShop.test_bad', 'tests/test_shop.py', 10],
    ['tests.test_shop.test_touchy', 'tests/test_shop.py', 14],
  ]);
  const log = (await scenario.log(first.id)).toString().split('\n');
  expect(failures.map(({ logLine }) => log[logLine ?? -1])).toEqual([
    expect.stringContaining('TestShop.test_bad'),
    expect.stringContaining('test_touchy'),
  ]);
  expect([first.flaky, first.attempts[0]?.testNotes]).toEqual([[], []]);
  // The report holds it, as the log does.
  expect(JSON.stringify(first)).not.toContain('cloudy-mood');
  expect(failures[1]?.message).toContain('[secure]');

  await mood('sunny-mood');
  await scenario.json('POST', `/api/jobs/${first.id}/restart`);
  const second = await jobOf(first.buildId);
  expect(second.attempts[1]?.tests).toMatchObject({ passed: 3, failed: 1, files: ['junit.xml'] });
  expect(second.flaky).toEqual([{ name: 'tests.test_shop.test_touchy', times: 1, days: 30 }]);
  const flaky = FlakyTests.parse(await scenario.json('GET', `/api/projects/${project.id}/tests/flaky`));
  expect(flaky).toMatchObject({ runs: 2, tests: [{ name: 'tests.test_shop.test_touchy', times: 1, last: { jobId: first.id, attempt: 1 } }] });
  const slow = SlowTests.parse(await scenario.json('GET', `/api/projects/${project.id}/tests/slow`));
  expect(slow.slowest.map(({ name, samples }) => [name, samples.length])).toEqual([['tests.test_shop.test_slow', 2]]);
});

test('reports lie where the description says, coverage is a number of the job, and of the build', async () => {
  const report = '<testsuite><testcase classname="t" name="a" time="0.2"/></testsuite>';
  const job = await run(
    {
      reports: 'out/**/*.xml',
      test: [
        'mkdir -p out/deep reports',
        `echo '${report}' >out/deep/a.xml`,
        "echo '<nonsense' >out/b.xml",
        `echo '${report}' >reports/not-asked.xml`,
        `echo '<coverage line-rate="0.875"/>' >coverage.xml`,
      ],
    },
    'places',
  );
  expect(job.attempts[0]).toMatchObject({ tests: { passed: 1, failed: 0, files: ['out/deep/a.xml'] }, coverage: 87.5 });
  expect(job.attempts[0]?.testNotes).toEqual([expect.stringMatching(/^The report out\/b\.xml could not be read: /)]);
  expect((await scenario.getBuild(job.buildId)).jobs[0]?.coverage).toBe(87.5);
});

test('without a report a verbose log says which tests passed, and how much of the code ran', async () => {
  const lines = ['test_a (t.T.test_a) ... ok', 'Name      Stmts   Miss  Cover', '---', 'TOTAL        10      2    80%'];
  const job = await run({ checkout: false, test: lines.map((line) => `echo '${line}'`) }, 'verbose');
  expect(job.attempts[0]).toMatchObject({ tests: null, coverage: 80, testNotes: [] });
  const flaky = FlakyTests.parse(await scenario.json('GET', `/api/projects/${job.projectId}/tests/flaky`));
  expect(flaky).toMatchObject({ runs: 1, tests: [] });
});

test('a report of nothing but malice is a note, and the job is no worse for it', async () => {
  const bomb = '<!DOCTYPE a [<!ENTITY b "cccccccccc"><!ENTITY d "&b;&b;&b;&b;&b;&b;">]><testsuite><testcase name="&d;"/></testsuite>';
  const job = await run({ test: [`echo '${bomb}' >junit.xml`, 'ln -s /etc/passwd report.xml', 'mkdir -p reports; mkfifo reports/a.xml'] }, 'malice');
  expect(job.state).toBe('passed');
  expect(job.attempts[0]).toMatchObject({ tests: null, coverage: null });
  expect(job.attempts[0]?.testNotes).toEqual([expect.stringMatching(/^The report junit\.xml could not be read: it has a document type/)]);
});
