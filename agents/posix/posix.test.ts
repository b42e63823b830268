import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentPhase } from '#agents/api';
import { JobFolder, scriptPhase, shells, type Shell } from './fixtures/run-job.ts';

for (const shell of shells()) {
  const title = `posix agent under ${shell.name}${shell.path === null ? ': not installed here' : ''}`;
  describe.skipIf(shell.path === null)(title, () => {
    let job: JobFolder;
    beforeEach(() => {
      job = new JobFolder(shell);
    });
    afterEach(() => job.remove());
    describeShell(() => job);
    describeSpool(() => job);
    describeVariables(() => job);
    describeVerdicts(() => job);
    describeEarlyEnds(() => job, shell);
  });
}

/** What the log holds without our own bold titles. */
function plain(output: string): string {
  return output.replaceAll(/\u001B\[1m\$ [^\u001B]*\u001B\[0m\n/g, '');
}

function describeShell(job: () => JobFolder): void {
  it('runs commands in one shell, in the work tree, shown with their titles', async () => {
    const outcome = await job().run({ phases: scriptPhase('cd /', 'export A=1; f() { echo "in f $A"; }', 'pwd; f', 'echo "$OLDPWD"') });
    expect(outcome).toMatchObject({ verdict: 'passed', reason: 'exit' });
    const tree = `${job().folder}/home/build/owner/name`;
    const wanted = `$ cd /\n$ export A=1; f() { echo "in f $A"; }\n$ pwd; f\n/\nin f 1\n$ echo "$OLDPWD"\n${tree}\n`;
    expect(outcome.output.replaceAll(/\u001B\[\d*m/g, '')).toBe(wanted);
  });

  it('shows a title instead of the command where there is one', async () => {
    const outcome = await job().run({
      phases: [{ name: 'script', when: 'passing', onFailure: 'fail', commands: [{ run: 'true', title: '%s \\n shown' }] }],
    });
    expect(outcome.output).toContain('$ %s \\n shown');
    expect(outcome.output).not.toContain('$ true');
  });

  it('takes commands as they are: quotes, backslashes, several lines, here-documents, no final newline', async () => {
    const command = 'cat <<"END"\n  a\\b "$x" \'y\'\nEND\nprintf "%s|" \\\n  one \\\n  two';
    expect(plain((await job().run({ phases: scriptPhase(command) })).output)).toBe('  a\\b "$x" \'y\'\none|two|');
  });

  it('takes a long command', async () => {
    const long = Array.from({ length: 3000 }, (_, index) => `x=${index}`).join('\n');
    expect(plain((await job().run({ phases: scriptPhase(`${long}\necho "last $x"`) })).output)).toContain('last 2999');
  });

  it('gives commands an empty standard input, and takes interrupts as usual', async () => {
    const outcome = await job().run({ phases: scriptPhase('cat; echo read', "sh -c 'kill -INT $$; echo deaf' || echo heard") });
    expect(plain(outcome.output)).toMatch(/^read\n[^]*heard\n$/);
    expect(outcome.output).not.toContain('deaf\n');
  });

  it.each(['cmd', 'powershell', 'pwsh', 'bash'] as const)('refuses a job of sh that has a command for %s', (wanted) => {
    const commands = [{ run: 'echo a' }, { run: 'echo b', shell: wanted }];
    expect(() => job().upload({ phases: [{ name: 'script', when: 'passing', onFailure: 'fail', commands }] })).toThrow(
      `A command of script is written for ${wanted}, but this job's machine runs sh only.`,
    );
  });

  it('runs a command that names the shell of its program', async () => {
    const commands = [{ run: 'echo named', shell: 'sh' }] as const;
    const outcome = await job().run({ phases: [{ name: 'script', when: 'passing', onFailure: 'fail', commands }] });
    expect(outcome).toMatchObject({ verdict: 'passed', output: expect.stringContaining('named\n') });
  });

  it('runs bash where the program asks for it', async () => {
    const outcome = await job().run({
      shell: 'bash',
      phases: scriptPhase('declare -A map=([k]=v); a=(1 2 3)', 'echo "${map[k]} ${a[2]}"', '[[ x == x ]]'),
    });
    expect(outcome).toMatchObject({ verdict: 'passed' });
    expect(outcome.output).toContain('v 3\n');
  });

  it('survives what commands do to the shell: set -u, set -x, set -f, IFS, shift', async () => {
    const phases = scriptPhase('set -u; set -f; IFS=,', 'set -- a b; shift', 'set -x', 'echo fine', 'set +x; echo "$1"');
    const outcome = await job().run({ phases });
    expect(outcome).toMatchObject({ verdict: 'passed', reason: 'exit' });
    expect(plain(outcome.output)).toMatch(/\+ echo fine\nfine\n[^]*\+ set \+x\nb\n$/);
    expect(outcome.output).not.toContain('_t_');
  });
}

function describeSpool(job: () => JobFolder): void {
  it('writes events whose offsets divide the output', async () => {
    const outcome = await job().run({ phases: scriptPhase('echo one', 'echo two >&2; (exit 3)') });
    expect(outcome.events.map((one) => one.type)).toEqual(['start', 'step', 'done', 'step', 'done', 'end']);
    const second = outcome.events[3];
    expect(outcome.output.slice(0, second?.offset)).toMatch(/\none\n$/);
    expect(plain(outcome.output.slice(second?.offset))).toBe('two\n');
    expect(outcome.events[4]).toMatchObject({ step: 1, exitCode: 3 });
    expect(outcome.events.at(-1)?.offset).toBe(outcome.output.length);
    const times = outcome.events.map((one) => one.at);
    expect(times).toEqual([...times].sort((one, other) => one - other));
    expect(Math.abs(Date.now() - (times[0] ?? 0))).toBeLessThan(3_600_000);
  });

  it('keeps bytes as they are', async () => {
    const script = 'i=0; while [ $i -lt 256 ]; do printf "\\\\$(printf %03o $i)"; i=$((i+1)); done';
    const outcome = await job().run({ phases: scriptPhase(script) });
    expect(plain(outcome.output)).toBe(Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(byte)).join(''));
  });

  it('keeps the log when a script opens /dev/stderr or /dev/stdout anew', async () => {
    const outcome = await job().run({
      phases: scriptPhase('echo one', 'echo two >/dev/stderr', 'echo three | tee /dev/stderr >/dev/null', 'echo four >/dev/stdout'),
    });
    expect(plain(outcome.output)).toBe('one\ntwo\nthree\nfour\n');
  });

  it('starts once, however often it is asked', async () => {
    const bundle = job().upload({ phases: scriptPhase('echo ran') });
    expect(await Promise.all([job().exec(bundle.start), job().exec(bundle.start)])).toEqual([0, 0]);
    expect([job().has(bundle.output), job().has(bundle.events)]).toEqual([true, true]);
    const outcome = await job().ended();
    expect(await job().exec(bundle.start)).toBe(0);
    expect(plain(outcome.output)).toBe('ran\n');
    expect(
      job()
        .events()
        .filter((one) => one.type === 'start'),
    ).toHaveLength(1);
  });
}

function describeVariables(job: () => JobFolder): void {
  it('exports literal values unexpanded', async () => {
    const values = { PLAIN: 'a b', QUOTES: `'"$HOME\`id\`\\`, LINES: '\n one\n\n two\\\n', EMPTY: '', UNICODE: 'ü ☃' };
    const variables = Object.entries(values).map(([name, value]) => ({ name, value, expand: false }));
    const outcome = await job().run({ variables, phases: scriptPhase(`sh -c 'printf "[%s]" "$PLAIN" "$QUOTES" "$LINES" "$EMPTY" "$UNICODE"'`) });
    const wanted = Object.values(values).map((value) => `[${value}]`);
    expect(Buffer.from(plain(outcome.output), 'latin1').toString()).toBe(wanted.join(''));
  });

  it('expands values that are shell source, in order', async () => {
    const variables = [
      { name: 'A', value: 'literal $HOME', expand: false },
      { name: 'B', value: '"$A!" ', expand: true },
      { name: 'C', value: "$HOME/x\\ y'z'", expand: true },
      { name: 'A', value: 'second', expand: false },
    ];
    const outcome = await job().run({ variables, phases: scriptPhase('sh -c \'printf "[%s]" "$A" "$B" "$C"\'') });
    expect(plain(outcome.output)).toBe(`[second][literal $HOME!][${job().folder}/home/x yz]`);
  });

  it('says where it is', async () => {
    const script =
      'echo "$HOME $TRAVIS_BUILD_DIR $APPVEYOR_BUILD_FOLDER $TERRARIUM_BUILD_DIR $TERRARIUM $CI"; test -d "$TMPDIR" && test -w "$HOME" && pwd';
    const outcome = await job().run({ phases: scriptPhase(script) });
    const [home, tree] = [`${job().folder}/home`, `${job().folder}/home/build/owner/name`];
    expect(plain(outcome.output)).toBe(`${home} ${tree} ${tree} ${tree} true true\n${tree}\n`);
  });

  it('refuses what no environment can hold', () => {
    expect(() => job().upload({ variables: [{ name: 'A', value: 'x\0', expand: false }] })).toThrow('NUL');
    expect(() => job().upload({ variables: [{ name: 'A B', value: 'x', expand: false }] })).toThrow('name');
    expect(() => job().upload({ workTree: 'a/../b' })).toThrow('work tree');
  });
}

function phase(name: string, when: AgentPhase['when'], onFailure: AgentPhase['onFailure'], ...commands: string[]): AgentPhase {
  return { name, when, onFailure, commands: commands.map((run) => ({ run })) };
}

function describeVerdicts(job: () => JobFolder): void {
  const tail = [
    phase('after_success', 'passing', 'ignore', 'echo S'),
    phase('after_failure', 'failing', 'ignore', 'echo F'),
    phase('after_script', 'always', 'ignore', 'echo A'),
  ];
  const table: [string, readonly AgentPhase[], string, string, string][] = [
    ['all well', [phase('script', 'passing', 'fail-later', 'echo 1', 'echo 2')], 'passed', 'exit', '1\n2\nS\nA\n'],
    ['fail-later', [phase('script', 'passing', 'fail-later', 'false', 'echo 2')], 'failed', 'exit', '2\nF\nA\n'],
    ['fail', [phase('test', 'passing', 'fail', 'echo 1; false', 'echo 2')], 'failed', 'exit', '1\nF\nA\n'],
    ['error', [phase('install', 'passing', 'error', 'false', 'echo 2')], 'errored', 'setup', ''],
    ['ignore', [phase('after', 'always', 'ignore', 'false', 'echo 2')], 'passed', 'exit', '2\nS\nA\n'],
    ['passing after failing', [phase('a', 'passing', 'fail', 'false'), phase('b', 'passing', 'error', 'echo b')], 'failed', 'exit', 'F\nA\n'],
    ['no commands', [phase('script', 'passing', 'fail')], 'passed', 'exit', 'S\nA\n'],
  ];
  for (const [name, phases, verdict, reason, output] of table) {
    it(`decides: ${name}`, async () => {
      const outcome = await job().run({ phases: [...phases, ...tail] });
      expect({ ...outcome, output: plain(outcome.output) }).toMatchObject({ verdict, reason, output });
    });
  }

  it('tells the result of the script to what comes after', async () => {
    const after = phase('after_script', 'always', 'ignore', 'sh -c \'echo "result $TRAVIS_TEST_RESULT"\'');
    expect((await job().run({ phases: [...scriptPhase('false', 'true'), after] })).output).toContain('result 1\n');
  });
}

function describeEarlyEnds(job: () => JobFolder, shell: Shell): void {
  const after = phase('after_script', 'always', 'ignore', 'echo never');
  const table: [string, readonly AgentPhase[], string, string][] = [
    ['exit 3 in script', scriptPhase('exit 3', 'echo never'), 'failed', 'exit'],
    ['exit 0 in script', scriptPhase('exit 0', 'echo never'), 'passed', 'exit'],
    ['exit 0 after a failure', scriptPhase('false', 'exit 0'), 'failed', 'exit'],
    ['exit in setup', [phase('install', 'passing', 'error', 'exit 0')], 'errored', 'setup'],
    ['exit in what does not count', [phase('after_success', 'passing', 'ignore', 'exit 9')], 'passed', 'exit'],
    ['exec', scriptPhase('exec sh -c "exit 4"', 'echo never'), 'failed', 'exit'],
    ['set -e', scriptPhase('set -e', 'false', 'echo never'), 'failed', 'exit'],
    ['a trap that exits', scriptPhase('trap "exit 5" EXIT', 'exit 0'), 'failed', 'exit'],
    ['its own kill -9', scriptPhase('kill -9 $$', 'echo never'), 'errored', 'lost'],
  ];
  for (const [name, phases, verdict, reason] of table) {
    it(`ends early: ${name}`, async () => {
      const outcome = await job().run({ phases: [...phases, after] });
      expect(outcome).toMatchObject({ verdict, reason });
      expect(outcome.output).not.toContain('never\n');
    });
  }

  it('takes the code of the step that ended the shell', async () => {
    const outcome = await job().run({ phases: scriptPhase('true', 'exit 42') });
    expect(outcome.events.filter((one) => one.type === 'done')).toMatchObject([
      { step: 0, exitCode: 0 },
      { step: 1, exitCode: 42 },
    ]);
  });

  for (const [name, command] of [
    ['a syntax error', 'if then fi )'],
    ['an unterminated quote', 'echo "open'],
  ] as const) {
    it(`fails for ${name}, under ${shell.name}, and says so`, async () => {
      const outcome = await job().run({ phases: scriptPhase(command) });
      expect(outcome).toMatchObject({ verdict: 'failed', reason: 'exit' });
      expect(plain(outcome.output)).toMatch(/syntax|unterminated|unexpected|Unterminated/i);
    });
  }

  it('is errored when a value that is shell source cannot be read', async () => {
    const outcome = await job().run({ variables: [{ name: 'A', value: '"open', expand: true }], phases: scriptPhase('echo never') });
    expect(outcome).toMatchObject({ verdict: 'errored', reason: 'setup' });
  });
}
