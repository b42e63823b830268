import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runCli } from './run-cli.ts';

const OURS = 'python: [3.9, 3.10]\nenv: [{DB: sqlite}, {DB: postgres}]\ntest: pytest\nallow-failures: [{python: 3.9}]\n';
const Line = z.object({
  file: z.string(),
  jobs: z.array(z.strictObject({ name: z.string(), stage: z.string(), allowFailure: z.boolean(), config: z.record(z.string(), z.unknown()) })),
  stages: z.array(z.unknown()),
  messages: z.array(z.object({ level: z.string(), text: z.string(), line: z.number().nullable() })),
});

let cwd: string;

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'terrarium-cli-'));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function terrarium(args: readonly string[], terminal: { colors?: boolean; width?: number } = {}): Promise<Result> {
  let out = '';
  let err = '';
  const io = {
    out: async (text: string) => void (out += text),
    err: async (text: string) => void (err += text),
    colors: terminal.colors ?? false,
    width: terminal.width ?? null,
    cwd,
    env: {},
  };
  return { code: await runCli(args, io), out, err };
}

async function linesOf(args: readonly string[]): Promise<{ code: number; lines: z.output<typeof Line>[] }> {
  const { code, out } = await terrarium(['plan', '--json', ...args]);
  expect(out.endsWith('\n')).toBe(true);
  return {
    code,
    lines: out
      .trimEnd()
      .split('\n')
      .map((line) => Line.parse(JSON.parse(line))),
  };
}

describe('the command', () => {
  it('helps', async () => {
    const help = await terrarium(['--help']);
    expect(help).toMatchObject({ code: 0, err: '' });
    expect(help.out).toContain('plan');
    expect(await terrarium(['-h'])).toEqual(help);
    expect(await terrarium(['help'])).toEqual(help);
    expect(await terrarium([])).toEqual({ code: 2, out: '', err: help.out });
  });

  it('helps with each verb', async () => {
    const help = await terrarium(['plan', '--help']);
    expect(help).toMatchObject({ code: 0, err: '' });
    expect(help.out).toMatch(/--json .*one line of JSON/);
    expect(help.out).toContain('Examples:');
    expect(await terrarium(['help', 'plan'])).toEqual(help);
  });

  it('has a version', async () => {
    const { code, out } = await terrarium(['--version']);
    expect(code).toBe(0);
    expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    [['plam'], 'There is no verb plam. Did you mean "plan"?'],
    [['--vresion'], 'There is no option --vresion. Did you mean "--version"?'],
    [['constructor'], 'There is no verb constructor.'],
    [['help', 'plam'], 'There is no verb plam.'],
    [['plan', '--jsno', '.'], 'There is no option --jsno. Did you mean "--json"?'],
    [['plan', '-x', '.'], 'There is no option -x.'],
    [['plan', '--json=yes', '.'], 'The option --json takes no value.'],
    [['plan', '--format'], 'The option --format needs a value: --format NAME.'],
    [['plan', '--format', 'make', '.'], 'There is no format make; known are terrarium and travis and appveyor'],
    [['plan'], 'Say which file or folder'],
  ])('answers %j with a sentence and 2', async (args, sentence) => {
    const { code, out, err } = await terrarium(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(sentence);
  });
});

describe('plan --json', () => {
  it('gives a line for each argument, in order', async () => {
    await writeFile(join(cwd, 'a.terrarium.yml'), OURS);
    await writeFile(join(cwd, 'b.yml'), 'tset: pytest\n');
    await mkdir(join(cwd, 'folder'));
    await writeFile(join(cwd, 'folder', '.terrarium.yml'), 'stages: [one]\ntest: x\n');
    await mkdir(join(cwd, 'empty'));
    const { code, lines } = await linesOf(['--format', 'terrarium', 'folder', 'b.yml', 'nowhere.yml', 'a.terrarium.yml', 'empty']);
    expect(code).toBe(1);
    expect(lines.map(({ file, jobs }) => [file, jobs.length])).toEqual([
      ['folder/.terrarium.yml', 1],
      ['b.yml', 0],
      ['nowhere.yml', 0],
      ['a.terrarium.yml', 4],
      ['empty', 0],
    ]);
    expect(lines.map(({ messages }) => messages.filter(({ level }) => level === 'error').length)).toEqual([0, 1, 1, 0, 1]);
    expect(lines[0]?.stages).toEqual(['one']);
    expect(lines[3]?.jobs[0]).toMatchObject({
      name: '3.9 · DB=sqlite',
      stage: 'test',
      allowFailure: true,
      config: { python: '3.9', env: { DB: 'sqlite' } },
    });
  });

  it('chooses among several descriptions as a server does', async () => {
    await writeFile(join(cwd, 'appveyor.yml'), 'environment:\n  matrix:\n    - PYTHON: C:\\Python39\ntest_script: pytest\nwrong: x\n');
    await writeFile(join(cwd, '.travis.yml'), 'language: python\npython: 3.9\nscript: pytest\n');
    await writeFile(join(cwd, 'noxfile.py'), '');
    await writeFile(join(cwd, 'tox.ini'), '[tox]\nenvlist = py39\n');
    const { code, lines } = await linesOf(['.']);
    expect([code, lines[0]?.file, lines[0]?.jobs.length]).toEqual([0, '.travis.yml + appveyor.yml', 2]);
    const { out } = await terrarium(['lint', cwd]);
    expect(out).toContain(`${join(cwd, 'appveyor.yml')}:5:1: `);
    await rm(join(cwd, '.travis.yml'));
    await rm(join(cwd, 'appveyor.yml'));
    expect((await linesOf(['.'])).lines[0]?.file).toBe('tox.ini');
  });

  it('ends with 0 where nothing is wrong', async () => {
    await writeFile(join(cwd, '.terrarium.yml'), OURS);
    const { code, lines } = await linesOf(['.', '.terrarium.yml']);
    expect(code).toBe(0);
    expect(lines.map(({ file }) => file)).toEqual(['.terrarium.yml', '.terrarium.yml']);
  });

  it('takes names that look like options behind --', async () => {
    await writeFile(join(cwd, '-x.terrarium.yml'), OURS);
    const { code, lines } = await linesOf(['--', '-x.terrarium.yml']);
    expect([code, lines.length]).toEqual([0, 1]);
  });

  it('tells of what cannot be read', async () => {
    const { code, lines } = await linesOf(['a\0b', 'nowhere/.terrarium.yml']);
    expect(code).toBe(1);
    expect(lines.map(({ messages }) => messages[0]?.text)).toEqual([
      expect.stringContaining('This cannot be read: '),
      'This cannot be read: there is no such file or folder.',
    ]);
  });

  it.skipIf(process.getuid?.() === 0)('tells of what may not be read', async () => {
    await writeFile(join(cwd, '.terrarium.yml'), OURS);
    await chmod(join(cwd, '.terrarium.yml'), 0);
    const { code, lines } = await linesOf(['.']);
    expect([code, lines[0]?.messages[0]?.text]).toEqual([1, 'This cannot be read: permission denied.']);
  });

  it('takes thousands of files', async () => {
    await writeFile(join(cwd, '.terrarium.yml'), OURS);
    const { lines } = await linesOf(Array.from({ length: 3000 }, () => '.terrarium.yml'));
    expect(lines.map(({ jobs }) => jobs.length)).toEqual(Array.from({ length: 3000 }, () => 4));
  });
});

describe('plan for people', () => {
  it('draws the matrix', async () => {
    await writeFile(join(cwd, '.terrarium.yml'), OURS);
    expect(await terrarium(['plan', '.'])).toEqual({
      code: 0,
      err: '',
      out: `.terrarium.yml  Terrarium  4 jobs

               3.9  3.10
  DB=sqlite    ○    ●
  DB=postgres  ○    ●

  ○ may fail

`.replaceAll(/^ {2}/gm, ''),
    });
  });

  it('lists the jobs where the terminal is too narrow, and groups them by stage', async () => {
    await writeFile(join(cwd, '.terrarium.yml'), `${OURS}jobs: [{name: lint, stage: check, test: ruff check}]\n`);
    const { out } = await terrarium(['plan', '.'], { width: 20 });
    expect(out).toBe(
      [
        '.terrarium.yml  Terrarium  5 jobs',
        '',
        'test',
        '  ○ 3.9 · DB=sqlite',
        '  ○ 3.9 · DB=postgres',
        '  ● 3.10 · DB=sqlite',
        '  ● 3.10 · DB=postgres',
        '',
        'check',
        '  ○ lint',
        '',
        '○ may fail',
        '',
        '',
      ].join('\n'),
    );
  });

  it('says where something is wrong', async () => {
    await writeFile(join(cwd, 'x.terrarium.yml'), 'tset: pytest\n');
    const { code, out } = await terrarium(['plan', 'x.terrarium.yml']);
    expect(code).toBe(1);
    expect(out).toContain('\nx.terrarium.yml:1:1: error: tset: "tset" is not known here. Did you mean "test"?\n');
  });

  it('uses colours on a terminal that has them, and obeys no file', async () => {
    await writeFile(join(cwd, '.terrarium.yml'), 'test: x\nname: "\\e[2J"\n"\\e[31mred": 1\n');
    const colored = await terrarium(['plan', '.'], { colors: true, width: 80 });
    expect(colored.out).toContain('\u001b[31merror\u001b[39m');
    const { out } = await terrarium(['plan', '.']);
    expect(out).not.toContain('\u001b');
    expect(out).toContain('[31mred');
  });
});
