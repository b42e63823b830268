import { describe, expect, it } from 'vitest';
import type { Change } from '#plugins/api';
import { plan, push, tag } from '../test-support.ts';

/** Why a change is not built; null if it is. */
function why(text: string, change: Change): string | null {
  const { jobs, messages } = plan(`build: off\ntest_script: pytest\n${text}`, change);
  if (jobs.length > 0) return null;
  expect(messages.filter(({ level }) => level === 'error')).toEqual([]);
  return messages.map((message) => message.text).join('\n');
}

const PULL_REQUEST: Partial<Change> = {
  kind: 'pull-request',
  pullRequest: {
    number: 7,
    title: 'Fix',
    headBranch: 'fix',
    headCommit: '4d5e',
    headRepository: 'bob/engine',
    author: null,
    baseCommit: null,
    headRef: null,
    headUrl: null,
  },
};

describe('changes that AppVeyor would not build make no jobs, and a message says why', () => {
  it.each([
    ['branches: {only: [master]}', push(), 'the branch main is not among branches.only'],
    ['branches: {only: [/^v\\d+$/]}', push({ branch: 'v1x' }), 'the branch v1x is not among branches.only'],
    ['branches: {except: [/dev/]}', push({ branch: 'my-dev' }), 'the branch my-dev is among branches.except'],
    ['branches: {only: [main], except: MAIN}', push(), 'the branch main is among branches.except'],
    ['branches: {only: [main]}', tag('v1'), 'the tag v1 is not among branches.only'],
    ['branches: {only: [other]}', push(PULL_REQUEST), 'the branch main is not among branches.only'],
    ['', push({ branch: 'gh-pages' }), 'AppVeyor never builds gh-pages'],
    ['skip_tags: true', tag('v1'), 'skip_tags is set'],
    ['skip_non_tags: on', push(), 'skip_non_tags is set'],
    ['', push({ message: 'Words [skip ci]' }), 'the title of its commit message says [skip ci]'],
    ['', push({ message: 'Words\n[CI SKIP]\n\nmore' }), 'says [CI SKIP]'],
    ['', tag('v1', { message: '[skip appveyor]' }), 'says [skip appveyor]'],
    ['skip_commits:\n  message: /\\[doc/', push({ message: 'Words [doc]' }), 'skip_commits applies'],
    ['skip_commits:\n  message: typo', push({ message: 'Typo' }), 'skip_commits applies'],
    ['skip_commits: {author: /^A/}', push(), 'skip_commits applies'],
    ['for: [{branches: {only: [v1]}, skip_tags: true}]', tag('v1'), 'skip_tags is set'],
    ['skip_commits: {author: Bob}\nfor: [{branches: {only: [main]}, skip_commits: {author: Ada}}]', push(), 'skip_commits applies'],
    ['only_commits: {message: /build/}', push(), 'only_commits does not apply'],
    ['only_commits: {author: [Bob, Eve]}', push(), 'only_commits does not apply'],
  ])('%j', (text, change, expected) => {
    expect(why(text, change)).toContain(`AppVeyor would not build this: `);
    expect(why(text, change)).toContain(expected);
  });
});

describe('changes that nothing keeps from being built', () => {
  it.each([
    ['branches: {only: [MAIN]}', push()],
    ['branches: {only: [/^(?i)MAIN$/, /(?i)MAIN/]}', push()],
    ['branches: {only: [/\\Amain\\z/]}', push()],
    ['branches: {only: [gh-pages]}', push({ branch: 'gh-pages' })],
    ['branches: {only: [main]}', push(PULL_REQUEST)],
    ['branches: {only: [/v\\d/]}', tag('v1')],
    ['for: [{branches: {only: [other]}, skip_commits: {author: Ada}}]', push()],
    ['skip_tags: true', push()],
    ['skip_non_tags: true', tag('v1')],
    ['environment: {APPVEYOR_IGNORE_COMMIT_FILTERING_ON_TAG: True}\nskip_tags: true\nbranches: {only: [a]}', tag('v1')],
    ['', push({ message: 'Words\n\n[skip ci]' })],
    ['', push({ message: 'skip ci' })],
    ['skip_commits: {message: typo}', push({ message: 'Mend a typo' })],
    ['skip_commits: {files: [docs/]}', push()],
    ['branches: {only: [other]}\nskip_commits: {author: Ada}', push({ kind: 'manual' })],
    ['branches: {only: [other]}', push({ kind: 'schedule', message: '[skip ci]' })],
    ['branches: {only: [main]}', push({ kind: 'manual', branch: '' })],
  ])('%j', (text, change) => {
    expect(why(text, change)).toBeNull();
  });

  it('waits for no more than a few patterns without end', () => {
    const text = `build: off\ntest_script: a\nbranches:\n  except: [${Array(100).fill('/^(a+)+$/').join(', ')}]\n`;
    const { jobs, messages } = plan(text, push({ branch: `${'a'.repeat(40)}!` }));
    expect(jobs).toHaveLength(1);
    expect(messages.filter((message) => message.text.includes('takes too long'))).toHaveLength(4);
    expect(messages.filter((message) => message.text.includes('is not tried'))).toHaveLength(96);
  });

  it('has a warning for a pattern that is none, or has no end', () => {
    const texts = (pattern: string, branch: string): string[] =>
      plan(`build: off\ntest_script: a\nbranches:\n  except: [${pattern}]\n`, push({ branch })).messages.map(({ text }) => text);
    expect(texts('"/a(/"', 'a')).toEqual(['/a(/ is no regular expression that can be read here: it matches nothing.']);
    expect(texts('/^(a+)+$/', `${'a'.repeat(40)}!`)).toEqual(['/^(a+)+$/ takes too long, and is taken for something that does not match.']);
  });
});

describe('a list of configurations', () => {
  const LIST =
    '- branches: {only: [main]}\n  test_script: main\n  build: off\n- branches: {except: [/^dev-/]}\n  test_script: except\n  build: off\n- test_script: rest\n  build: off\n';

  it.each([
    ['main', ['main']],
    ['other', ['except']],
    ['dev-1', ['rest']],
  ])('the one for the branch %s counts', (branch, expected) => {
    expect(plan(LIST, push({ branch })).jobs.map(({ config }) => config['test_script'])).toEqual([expected]);
  });

  it('may have none for a branch', () => {
    expect(plan('- branches: {only: [a]}\n  test_script: x\n', push())).toMatchObject({
      jobs: [],
      messages: [{ level: 'info', text: 'None of the configurations is for the branch main: there is nothing to build.' }],
    });
  });
});
