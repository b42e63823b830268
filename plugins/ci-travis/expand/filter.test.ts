import { describe, expect, it } from 'vitest';
import type { Change } from '#plugins/api';
import { emptyChange, plan, push } from '../test-support.ts';

const tag = (name: string): Change => push('', { kind: 'tag', tag: name });
const pullRequest = (branch: string): Change => ({
  ...push(branch),
  kind: 'pull-request',
  pullRequest: {
    number: 1,
    title: 'Say why',
    headBranch: 'topic',
    headCommit: '1a2b3c',
    headRepository: 'bob/engine',
    author: null,
    baseCommit: null,
    headRef: null,
    headUrl: null,
  },
});
const manual = (branch: string): Change => push(branch, { kind: 'manual' });

/** What is said of the build of a change; null: it is built. */
function skipped(branches: string, change: Change): string | null {
  const { jobs, messages, isSilent } = plan(`os: linux\ndist: focal\nlanguage: python\npython: 3.6\n${branches}\n`, change);
  expect(isSilent).toBeUndefined();
  expect(jobs).toHaveLength(messages.some(({ text }) => text.startsWith('skipping')) ? 0 : 1);
  return messages.map(({ path, text }) => `${path}: ${text}`).join('\n') || null;
}

describe('branches', () => {
  const ONLY = 'branches: {only: [master, /^v\\d/, 1.10]}';
  const EXCEPT = 'branches: {except: [legacy, /^wip-/]}';

  it.each([
    [ONLY, push('master')],
    [ONLY, push('v1.x')],
    [ONLY, push('1.10')],
    [ONLY, tag('v1.0')],
    [ONLY, pullRequest('master')],
    [ONLY, manual('topic')],
    [ONLY, push('topic', { kind: 'schedule' })],
    [ONLY, push('')],
    [ONLY, emptyChange()],
    [EXCEPT, push('master')],
    [EXCEPT, push('my-wip-1')],
    ['branches: master', push('master')],
    ['branches: {only: [legacy], except: [legacy]}', push('legacy')],
    ['branches: {only: }', push('topic')],
    ['branches: {only: [gh-pages, /.*/]}', push('gh-pages')],
    ['branches: {only: /^(?i:deploy)-.*$/}', push('Deploy-2014-06-01')],
    ['', push('topic')],
  ])('%s: a change that is built', (branches, change) => {
    expect(skipped(branches, change)).toBeNull();
  });

  it.each([
    [ONLY, push('topic'), 'the branch topic because it is not among branches.only'],
    [ONLY, push('master2'), 'the branch master2 because it is not among branches.only'],
    [ONLY, tag('1.0'), 'the tag 1.0 because it is not among branches.only'],
    [ONLY, pullRequest('next'), 'the branch next because it is not among branches.only'],
    ['branches: [master]', push('topic'), 'the branch topic because it is not among branches.only'],
    ['branches: master', push('topic'), 'the branch topic because it is not among branches.only'],
    ['branches: {only: [master], except: [legacy]}', push('topic'), 'the branch topic because it is not among branches.only'],
    [EXCEPT, push('wip-1'), 'the branch wip-1 because it is among branches.except'],
    [EXCEPT, pullRequest('legacy'), 'the branch legacy because it is among branches.except'],
    ['', push('gh-pages'), 'the branch gh-pages because gh-pages is built only where it is among branches.only'],
  ])('%s: a change that is not', (branches, change, why) => {
    expect(skipped(branches, change)).toBe(`branches: skipping the build of ${why}`);
  });

  it.each([
    ['/(/', 'topic', 'the pattern /(/ cannot be read'],
    ['/^(a+)+$/', `${'a'.repeat(40)}!`, 'the pattern /^(a+)+$/ takes too long'],
  ])('with the pattern %s, which matches nothing, say so', (pattern, branch, problem) => {
    expect(skipped(`branches: {except: [${JSON.stringify(pattern)}]}`, push(branch))).toBe(
      `branches: ${problem}: it is taken for one that matches nothing`,
    );
  });
});

describe('a command in the commit message', () => {
  it.each(['[skip ci]', 'Words\n\n[ci skip] more', '[Skip Travis]', '[travis skip]', '[travis ci skip]', '[skip travis-ci]', '[travisci skip]'])(
    'keeps it from being built: %j',
    (message) => {
      const command = /\[.*\]/.exec(message)?.[0];
      expect(skipped('', push('master', { message }))).toBe(`: skipping the build because the commit message says ${command}`);
      expect(skipped('', { ...pullRequest('master'), message })).toContain('skipping the build');
      expect(skipped('', { ...tag('v1'), message })).toContain('skipping the build');
    },
  );

  it.each([
    push('master', { message: 'skip ci' }),
    push('master', { message: '[skip appveyor]' }),
    push('master', { message: '[skip ci]', kind: 'manual' }),
    push('master', { message: '[skip ci]', kind: 'schedule' }),
  ])('does not, of $kind with $message', (change) => {
    expect(skipped('', change)).toBeNull();
  });
});
