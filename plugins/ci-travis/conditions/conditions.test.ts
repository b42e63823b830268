import { describe, expect, it } from 'vitest';
import { decide, type Facts } from './evaluate.ts';
import { checkSyntax } from './parser.ts';

const known: Facts = {
  facts: { branch: 'master', type: 'push', fork: false, commit_message: 'Fix\nskip this', repo: 'ada/engine' },
  env: { FOO: 'bar', QUOTED: '"two words"', YES: 'true' },
};

describe('decide', () => {
  it.each([
    'branch = master',
    'branch == "master"',
    'branch != dev',
    'NOT branch = dev',
    '! (branch = dev)',
    'branch =~ ^mas',
    'branch =~ /^mas.*r$/',
    'branch !~ ^dev',
    'commit_message =~ /^skip/',
    'branch IN (dev, master)',
    'branch NOT IN (dev, "next")',
    'tag IS blank AND branch IS present',
    'tag IS NOT present',
    'fork = false',
    'fork IS false',
    'env(FOO) = bar',
    'env(QUOTED) = "two words"',
    'env(YES)',
    'concat("x", env(FOO)) = xbar',
    'repo =~ concat("^", "ada")',
    'branch = dev OR type = push AND branch = master',
    'branch = dev || type IN (push, api)',
    'branch =~ \\Amaster\\z',
    'branch =~ /^(?i:MAS)ter$/',
    'branch =~ /^(?-mix:mas)(?i)TER$/',
    'commit_message =~ /(?m)Fix.*this/',
  ])('%s holds', (condition) => {
    expect(decide(condition, known)).toEqual({ holds: true, problem: null });
  });

  it.each([
    'branch = dev',
    'branch =~ /(?-mix:MAS)/',
    'tag',
    'tag =~ ^v',
    'branch =~',
    'env(NOPE) IS present',
    'false',
    '(branch = dev OR tag = x) AND type = push',
  ])('%s does not hold', (condition) => {
    expect(decide(condition, known)).toEqual({ holds: false, problem: null });
  });

  it('does not hold, with the reason, where a pattern is broken or never ends', () => {
    expect(decide('branch =~ /(/', known).problem).toContain('cannot be read');
    const slow: Facts = { facts: { branch: `${'a'.repeat(40)}!` }, env: {} };
    expect(decide('branch =~ ^(a+)+$', slow)).toMatchObject({ holds: false, problem: expect.stringContaining('takes too long') });
  });
});

describe('checkSyntax', () => {
  it.each(['branch = ', '(branch = x', 'branch = "x', '$FOO = 1', 'branch = master type = push', '', 'branch IN ()', '('.repeat(500)])(
    'refuses %s',
    (text) => {
      expect(checkSyntax(text)).not.toBeNull();
    },
  );
});
