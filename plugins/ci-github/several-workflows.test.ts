import { describe, expect, it } from 'vitest';
import type { CiPlan } from '#plugins/api';
import { plan, push, steps, tag } from './test-support.ts';

const TESTS = steps('- run: pytest');
const DOCS = steps('- uses: actions/setup-python@v5\n- run: sphinx-build docs out').replace('  test:', '  docs:');
const WHEELS = steps('- uses: actions/setup-python@v5\n- run: python -m build').replace('  test:', '  wheels:');
const RELEASE = 'on: release\njobs: {upload: {runs-on: ubuntu-latest, steps: [{run: twine upload dist/*}]}}\n';
const CALL = 'on: push\njobs: {tests: {uses: org/workflows/.github/workflows/tox.yml@v1}}\n';
const TOO_MANY = steps('- run: pytest', `strategy: { matrix: { a: [${Array.from({ length: 257 }, (_, index) => index).join(', ')}] } }`);
const OTHER_BRANCH = TESTS.replace('on: push', "on: { push: { branches: ['v*'] }, schedule: [{ cron: '0 0 * * *' }] }");

/** What becomes of a plan, in a word: a test without jobs must know why there are none. */
function fate({ jobs, messages, isSilent }: CiPlan): string {
  if (messages.some(({ level }) => level === 'error')) return jobs.length === 0 ? 'fails' : 'fails, with jobs';
  if (isSilent === true) return jobs.length === 0 ? 'asks others' : 'asks others, with jobs';
  return jobs.map(({ name }) => name).join(', ') || 'runs nothing';
}

describe('a workflow that is wrong', () => {
  it.each([
    ['no YAML', 'on: ['],
    ['empty', ''],
    ['comments', '# soon\n'],
    ['without jobs', 'on: push\n'],
    ['a job that is none', 'on: push\njobs: {a: b}\n'],
    ['needs that are not there', 'on: push\njobs: {a: {needs: b, steps: [{run: pytest}]}}\n'],
    ['a matrix that is too large', TOO_MANY],
    ['a step that is none', steps('- run: pytest\n- tox')],
  ])('keeps no other from running: %s', (_, wrong) => {
    const { jobs, files, messages } = plan({ 'a.yml': wrong, 'ci.yml': TESTS });
    expect(jobs).toHaveLength(1);
    expect(files).toEqual(['.github/workflows/ci.yml']);
    expect(messages.map(({ level, file }) => `${level} ${file}`)).toEqual(messages.map(() => 'warning .github/workflows/a.yml'));
    expect(messages.map(({ text }) => text)).toContainEqual(expect.stringContaining('None of this workflow is run'));
    expect(messages).toContainEqual(expect.objectContaining({ line: expect.any(Number), column: expect.any(Number) }));
  });

  it.each([
    ['it is alone', { 'ci.yml': 'on: [' }, 'fails'],
    ['all are wrong', { 'a.yml': '', 'b.yml': 'on: [' }, 'fails'],
    ['its tests are refused, and nothing else tests', { 'ci.yml': TOO_MANY, 'docs.yml': DOCS }, 'fails'],
    ['its tests are refused, and others are for another branch', { 'ci.yml': TOO_MANY, 'cron.yml': OTHER_BRANCH }, 'fails'],
    ['nobody knows what it was for, and nothing else tests', { 'ci.yml': 'on: [', 'docs.yml': DOCS }, 'asks others'],
    ['nobody knows what it was for, and nothing else is run', { 'ci.yml': 'on: [', 'release.yml': RELEASE }, 'asks others'],
    ['nobody knows what it was for, and the tests are for another branch', { 'a.yml': 'on: [', 'ci.yml': OTHER_BRANCH }, 'runs nothing'],
  ])('where %s: %j', (_, texts, what) => {
    expect(fate(plan(texts))).toBe(what);
  });

  it('counts for all where they ask for too much together', () => {
    const many = (count: number): string =>
      steps('- run: pytest', `strategy: { matrix: { a: [${Array.from({ length: count }, (_, index) => index).join(', ')}] } }`);
    expect(fate(plan(Object.fromEntries(['a.yml', 'b.yml', 'c.yml', 'd.yml', 'e.yml'].map((name) => [name, many(250)]))))).toBe('fails');
  });
});

describe('others are asked what to test', () => {
  it.each([
    ['tests are in a workflow that is called', { 'ci.yml': CALL }],
    ['the same, and others are for another branch', { 'ci.yml': CALL, 'cron.yml': OTHER_BRANCH }],
    ['the same, and documentation is left', { 'ci.yml': CALL, 'docs.yml': DOCS }],
    ['nobody knows what a called workflow does', { 'ci.yml': CALL.replaceAll(/tests|tox/g, 'main'), 'docs.yml': DOCS }],
    ['tests are in a container, and a package is left', { 'ci.yml': steps('- run: pytest', 'container: debian'), 'wheels.yml': WHEELS }],
    ['tests are in an action of the repository', { 'ci.yml': steps('- run: pip install .\n- uses: ./.github/actions/pytest') }],
    ['only tags start what tests', { 'release.yml': TESTS.replace('on: push', 'on: { push: { tags: [v*] } }') }],
  ])('where %s', (_, texts) => {
    expect(fate(plan(texts))).toBe('asks others');
  });

  it.each([
    ['a filter', { 'ci.yml': OTHER_BRANCH }, 'runs nothing'],
    ['the same, and a call that may be anything', { 'a.yml': CALL.replaceAll(/tests|tox/g, 'main'), 'ci.yml': OTHER_BRANCH }, 'runs nothing'],
    ['a condition', { 'ci.yml': steps('- run: pytest', 'if: false') }, 'runs nothing'],
    ['tests that are left', { 'a.yml': CALL, 'b.yml': TESTS }, 'test'],
    ['a call that publishes', { 'a.yml': CALL.replace('tests', 'publish').replace('tox', 'publish'), 'b.yml': DOCS }, 'docs'],
    [
      'an action that tells of tests',
      { 'ci.yml': steps('- run: ./all.sh\n- uses: a/publish-test-results@v1\n- uses: actions/setup-python@v5') },
      'test',
    ],
    ['nothing that is lost', { 'docs.yml': DOCS }, 'docs'],
  ])('not with %s', (_, texts, what) => {
    expect(fate(plan(texts))).toBe(what);
  });

  it('has a message that names what could have been run', () => {
    const { messages } = plan({ 'ci.yml': CALL, 'docs.yml': DOCS });
    expect(messages.filter(({ level }) => level === 'warning').map(({ file, text }) => `${file} ${text}`)).toEqual([
      '.github/workflows/ci.yml Workflows that others call are not run here: org/workflows/.github/workflows/tox.yml@v1.',
      '.github/workflows/docs.yml Not run either: docs. No tests are among them, as those that there are cannot be run here, or not be read.',
    ]);
  });
});

describe('a commit that asks for nothing to be started', () => {
  const asked = (message: string): string => fate(plan({ 'ci.yml': TESTS, 'release.yml': RELEASE }, push({ message })));

  it.each([
    'Words [skip ci]',
    '[ci skip] Words',
    'Words\n\nand [no ci]',
    '[skip actions]',
    'a [actions skip] b',
    'Words\n\n\nskip-checks: true\n',
    'Words\n\nSigned-off-by: Ada\nskip-checks:true',
  ])('starts nothing: %j', (message) => {
    expect(asked(message)).toBe('runs nothing');
  });

  it.each(['skip ci', '[skip-ci]', 'skip-checks: true', 'Words\nskip-checks: true', 'Words\n\nskip-checks: true\nSigned-off-by: Ada'])(
    'is none: %j',
    (message) => {
      expect(asked(message)).toBe('test');
    },
  );

  it('is told, and holds for pushes and pull requests only', () => {
    const message = 'Words [skip ci]';
    expect(plan(TESTS, tag('v1')).jobs).toHaveLength(1);
    expect(plan(TESTS, { ...tag('v1'), message }).messages).toEqual([
      expect.objectContaining({ level: 'info', path: 'on', text: 'This workflow is left out: the message of the commit says [skip ci].' }),
    ]);
    expect(fate(plan(CALL, push({ message })))).toBe('runs nothing');
    for (const kind of ['manual', 'schedule'] as const) expect(fate(plan(TESTS, push({ kind, message })))).toBe('test');
  });
});
