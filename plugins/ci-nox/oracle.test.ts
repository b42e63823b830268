import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMPUTED, READABLE } from './fixtures/noxfiles.ts';
import { planOf, provider } from './test-support.ts';

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

  it.each(computed.map((text, index) => ({ text, index })))('is asked, and its answer becomes its sessions: $index', async ({ text, index }) => {
    const [asking] = planOf(text).jobs;
    const theirs = answers[readable.length + index] ?? [];
    expect(theirs.length).toBeGreaterThan(0);
    if (asking?.plans === undefined) throw new Error('nobody asks');
    const folder = await mkdtemp(join(tmpdir(), 'terrarium-nox-'));
    try {
      await writeFile(join(folder, 'noxfile.py'), text);
      const command = asking.program.phases.at(-1)?.commands[0]?.run ?? '';
      spawnSync('/bin/sh', ['-c', command], { cwd: folder, env: { PATH: '/usr/bin:/bin', HOME: folder, TERRARIUM_TOOL_PYTHON: PYTHON } });
      const { jobs, messages } = provider().planned(await readFile(join(folder, 'nox-sessions'), 'utf8'), asking);
      expect(messages).toEqual([]);
      const pythons = new Map(jobs.map(({ config }) => [config['session'], config['python']]));
      expect([...pythons.keys()]).toEqual(theirs.map(([name]) => name));
      for (const [name, python] of theirs) expect(python ?? pythons.get(name)).toBe(pythons.get(name));
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
