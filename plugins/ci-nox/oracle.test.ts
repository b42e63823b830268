import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COMPUTED, READABLE } from './fixtures/noxfiles.ts';
import { planOf } from './test-support.ts';

/** Another Python than the system's, to compare with another nox: a program's path. */
const PYTHON = process.env['TERRARIUM_NOX_PYTHON'] ?? '/usr/bin/python3';
const SCRIPT = readFileSync(new URL('fixtures/ask_nox.py', import.meta.url), 'utf8');
const { status, stdout: found } = spawnSync(PYTHON, ['-m', 'nox', '--version'], { encoding: 'utf8' });
const isMissing = status !== 0;

type Answers = readonly (readonly (readonly [string, (string | null)?])[] | null)[];

function ask(texts: readonly string[]): Answers {
  const { stdout, stderr } = spawnSync(PYTHON, ['-c', SCRIPT], { input: JSON.stringify(texts), encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  const answers: Answers = JSON.parse(stdout);
  return answers;
}

describe.skipIf(isMissing)(`nox ${found}`, () => {
  const readable = READABLE.map((text) => `import nox\n${text}`);
  const computed = COMPUTED.map((text) => `import nox\n${text}`);
  const answers = isMissing ? [] : ask([...readable, ...computed]);

  it.each(readable.map((text, index) => ({ text, index })))('runs the same sessions with the same Pythons: $index', ({ text, index }) => {
    const theirs = answers[index];
    // One that is too old for what is in there refuses.
    if (theirs == null) return expect(text).toMatch(/tags=\[\[|default=/);
    const ours = new Map(planOf(text).jobs.map(({ config }) => [config['session'], config['python']]));
    expect(new Set(ours.keys())).toEqual(new Set(theirs.map(([name]) => name)));
    for (const [name, python] of theirs) expect(python ?? ours.get(name)).toBe(ours.get(name));
  });

  it.each(computed.map((text, index) => ({ text, index })))('runs what is part of one of our jobs: $index', ({ text, index }) => {
    const names = planOf(text).jobs.map(({ config }) => config['session']);
    const theirs = answers[readable.length + index] ?? [];
    expect(theirs.length).toBeGreaterThan(0);
    const isRun = (session: string): boolean => names.some((name) => name === null || (typeof name === 'string' && session.startsWith(name)));
    expect(theirs.filter(([session]) => !isRun(session))).toEqual([]);
    expect(planOf(text).messages).toContainEqual(expect.objectContaining({ level: 'warning', text: expect.stringContaining('only nox can tell') }));
  });
});
