import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Change, JobSpec } from '#plugins/api';
import { plan, pullRequest, push, tag } from './test-support.ts';

/**
 * Each fixture is a workflow in the style of what projects have. Its comments say what it makes: `#@` of which change (a push to main where that is not said), `#=` a job with its machine and
 * Python, `#!` something that is told, `#silent` that it has nothing to say of tests, `#file` that there is a `.python-version`.
 */
const FIXTURES = join(import.meta.dirname, 'fixtures');
const VERSION_FILE = '# the one\n3.12.4\n';

const CHANGES: Readonly<Record<string, Change>> = { 'pull-request': pullRequest(), 'tag v1.2': tag('v1.2') };

function commentsOf(text: string, sign: string): string[] {
  return text.split('\n').flatMap((line) => (line.startsWith(sign) ? [line.slice(sign.length).trim()] : []));
}

function described({ name, requirements, allowFailure, stage }: JobSpec): string {
  const machine = [requirements.system, requirements.architecture].filter((one) => one !== null).join(' ');
  const more = [...(allowFailure ? ['may fail'] : []), ...(stage === 'test' ? [] : [`stage ${stage}`])];
  return [name, machine, requirements.interpreter ?? 'none', ...more].join(' | ');
}

describe('a workflow', () => {
  it.each(readdirSync(FIXTURES))('%s makes the jobs that it says', (file) => {
    const text = readFileSync(join(FIXTURES, file), 'utf8');
    const change = CHANGES[commentsOf(text, '#@')[0] ?? ''] ?? push();
    const { jobs, messages, isSilent } = plan({ [file]: text, ...(text.includes('#file') ? { '.python-version': VERSION_FILE } : {}) }, change);
    expect(jobs.map(described)).toEqual(commentsOf(text, '#='));
    expect(isSilent ?? false).toBe(text.includes('#silent'));
    expect(messages.filter(({ level }) => level === 'error')).toEqual([]);
    const told = messages.map(({ level, text: words }) => `${level} ${words}`);
    for (const words of commentsOf(text, '#!')) {
      const [level = '', ...rest] = words.split(' ');
      // Where it is not told, the test shows what is.
      expect(told.map((one) => (one.startsWith(level) && one.includes(rest.join(' ')) ? words : one))).toContain(words);
    }
  });
});
