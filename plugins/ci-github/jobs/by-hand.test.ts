import { describe, expect, it } from 'vitest';
import { only, plan, steps } from '../test-support.ts';

/** What a person would write for the steps of a job, and for what sets them up; undefined: nothing else than what is run. */
function written(text: string, system = 'ubuntu'): (string | undefined)[] {
  const { phases } = only(plan(steps(text).replace('ubuntu', system))).program;
  return phases.flatMap(({ commands }) => commands.map((command) => command.written?.run));
}

describe('what a person would write for the steps of a job', () => {
  it('is their own text, without what sets them up', () => {
    expect(written('- run: pip install .\n- run: pytest')).toEqual(['', 'pip install .', 'pytest']);
  });

  it('ends at the first failure, and keeps folder and variables to itself', () => {
    expect(written('- run: |\n    one\n    two\n- run: pytest')).toEqual(['', '(\nset -e\none\ntwo\n)', 'pytest']);
    expect(written(`- { run: pytest, working-directory: "it's", env: { A: "b c" } }`)).toEqual([
      '',
      "(\nset -e\ncd 'it'\\''s'\nexport A='b c'\npytest\n)",
    ]);
  });

  it('installs a tool in one line', () => {
    expect(written('- uses: astral-sh/setup-uv@v6\n- run: uv run pytest')).toEqual(['', 'pip install uv', 'uv run pytest']);
  });

  it('takes values of variables where they stand', () => {
    expect(written("- { run: 'pytest ${{ secrets.KEY }}', env: { A: '${{ secrets.B }}' } }")).toEqual([
      '',
      '(\nset -e\nexport A="${B-}"\npytest ${KEY-}\n)',
    ]);
  });

  it('says the shell of a step on Windows', () => {
    const { phases } = only(plan(steps('- { run: pytest, shell: cmd }').replace('ubuntu', 'windows'))).program;
    expect(phases.flatMap(({ commands }) => commands.map((command) => command.written))).toEqual([
      { run: '', unneeded: [] },
      { run: 'pytest', unneeded: [], shell: 'cmd' },
    ]);
    expect(written('- { run: pytest, env: { A: b } }', 'windows')).toEqual(['', "$env:A = 'b'\npytest"]);
    expect(written('- { run: pytest, shell: bash, env: { A: b } }', 'windows')).toEqual(['', "(\nset -e\nexport A='b'\npytest\n)"]);
    expect(written('- { run: pytest, working-directory: a }', 'windows')).toEqual([undefined, undefined]);
  });

  it.each([
    ['something that a step says to others', '- run: echo A=b >> "$GITHUB_ENV"\n- run: pytest'],
    ['what is decided while the job runs', '- { id: x, run: one }\n- { if: "steps.x.outcome == \'failure\'", run: two }\n- run: pytest'],
    ['another shell', '- { run: print(1), shell: python }\n- run: pytest'],
  ])('is what is run for all of them, where there is %s', (_, text) => {
    expect(new Set(written(text))).toEqual(new Set([undefined]));
  });
});
