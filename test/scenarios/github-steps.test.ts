import { afterEach, describe, expect, it } from 'vitest';
import { JobFolder, type Outcome, shells } from '../../agents/posix/fixtures/run-job.ts';
import { plan, push, steps } from '../../plugins/ci-github/test-support.ts';
import { agentJob } from '../../server/src/execution/agent-job.ts';

/** Jobs of GitHub Actions in the agent that runs them, for what only shows there: steps are processes, and their files are obeyed. */
const SHELLS = shells().filter(({ path }) => path !== null);

describe.each(SHELLS)('a job of GitHub Actions on a machine whose sh is $name', (shell) => {
  let folder: JobFolder | null = null;
  afterEach(() => {
    folder?.remove();
    folder = null;
  });

  async function run(yaml: string, job = ''): Promise<Outcome> {
    const [spec] = plan(steps(`- run: 'true # pytest'\n${yaml}`, job)).jobs;
    if (spec === undefined) throw new Error('There is no job.');
    folder = new JobFolder(shell);
    const context = {
      folder: folder.folder,
      interpreter: null,
      checkout: null,
      change: push(),
      buildId: 7,
      buildNumber: 3,
      jobId: 1,
      position: 1,
      provisions: { secrets: { TOKEN: "it's $HOME" }, files: [], bundles: [], masked: [] },
      compiler: null,
      packages: null,
      system: 'posix' as const,
      limits: { timeSeconds: 60, silenceSeconds: 60, outputBytes: 1_000_000 },
    };
    return folder.run(agentJob(spec, context));
  }

  it('keeps nothing of a step but what it writes into its files', async () => {
    const { verdict, output } = await run(`
- run: |
    export KEPT=no PATH=/nowhere:$PATH
    cd /
    echo "NEXT=one = two" >>"$GITHUB_ENV"
    { echo 'LINES<<END'; echo "it's"; echo 'NAME=no'; echo END; } >>$GITHUB_ENV
    mkdir -p "$RUNNER_TEMP/bin" && echo "$RUNNER_TEMP/bin" >>$GITHUB_PATH
    printf '#!/bin/sh\\necho found\\n' >"$RUNNER_TEMP/bin/tool" && chmod +x "$RUNNER_TEMP/bin/tool"
    echo "in the step: [\${NEXT-}]"
- run: |
    echo "after: [\${KEPT-}] [$NEXT] [$LINES] [\${NAME-}]"
    case $PATH in */nowhere*) echo lost;; esac
    test "$PWD" = "$GITHUB_WORKSPACE" && echo home
    tool`);
    expect(output).toContain('in the step: []');
    expect(output).toContain("after: [] [one = two] [it's\nNAME=no] []");
    expect(output).toMatch(/\nhome\nfound\n/);
    expect(output).not.toContain('\nlost\n');
    expect(verdict).toBe('passed');
  });

  it('fails by the first command that fails, in a pipe only where bash is named', async () => {
    expect((await run('- run: |\n    false | true\n    echo reached')).output).toContain('\nreached\n');
    folder?.remove();
    const strict = await run('- shell: bash\n  run: |\n    false | true\n    echo reached');
    expect(strict.output).not.toContain('\nreached\n');
    expect(strict.verdict).toBe('failed');
    folder?.remove();
    const plain = await run('- run: |\n    false\n    echo reached');
    expect(plain.output).not.toContain('\nreached\n');
  });

  it('runs after a failure what is to run then', async () => {
    const { verdict, output } = await run(`
- { id: tried, run: exit 3, continue-on-error: true }
- run: echo "\${{ steps.tried.outcome }} \${{ steps.tried.conclusion }} \${{ job.status }}"
- { id: failed, run: exit 4 }
- run: echo not this
- { if: always(), run: 'echo always \${{ job.status }}; exit 5' }
- { if: failure(), run: echo failure }
- { if: "failure() && steps.failed.outcome == 'failure' && steps.tried.outcome == 'success'", run: echo nor this }
- { if: "!cancelled() && steps.failed.conclusion == 'FAILURE'", run: echo and this }`);
    expect(output).toContain('\nfailure success success\n');
    expect(output).toContain('\nalways failure\n');
    expect(output).toContain('\nfailure\n');
    expect(output).toContain('\nand this\n');
    expect(output).not.toMatch(/\nn(?:ot|or) this\n/);
    expect(output).toContain('This step is left out: its condition does not hold.');
    expect(verdict).toBe('failed');
  });

  it('passes outputs on, into texts and conditions, as they are', async () => {
    const { verdict, output } = await run(`
- id: set
  run: |
    echo "Word=Hello \\$HOME 'there'" >>$GITHUB_OUTPUT
    { echo 'several<<E'; echo a; echo b; echo E; } >>$GITHUB_OUTPUT
- run: |
    cat <<'X'
    [\${{ steps.set.outputs.word }}] [\${{ steps.set.outputs.several }}] [\${{ steps.set.outputs.none }}]
    X
- run: echo "<$WORD|$ELSE>"
  env: { WORD: '\${{ steps.set.outputs.word }}', ELSE: "\${{ steps.set.outputs.none || 'otherwise' }}" }
- { if: "startsWith(steps.set.outputs.word, 'HELLO') && contains(steps.set.outputs.several, 'b')", run: echo first }
- { if: "steps.set.outputs.none != '' || steps.set.outputs.word == 'x'", run: echo second }
- { if: "!steps.set.outputs.none", run: echo third }`);
    expect(output).toContain("[Hello $HOME 'there'] [a\nb] []");
    expect(output).toContain("<Hello $HOME 'there'|otherwise>");
    expect(output).toMatch(/\nfirst\n/);
    expect(output).not.toMatch(/\nsecond\n/);
    expect(output).toMatch(/\nthird\n/);
    expect(verdict).toBe('passed');
  });

  it('has variables of three levels, secrets of the project, and those of GitHub', async () => {
    const { output } = await run(
      `
- run: echo "$LEVEL [$SECRET] $CI $GITHUB_ACTIONS $GITHUB_REF_NAME $RUNNER_OS $GITHUB_RUN_ID $GITHUB_RUN_NUMBER $GITHUB_REPOSITORY"
- { run: 'echo "$LEVEL [$SECRET]"', env: { LEVEL: step, SECRET: '<\${{ secrets.TOKEN }}>' } }
- run: echo "$LEVEL"
- { run: 'pwd; ls ..', working-directory: deep/er }
- { run: 'import os; print("python", os.environ["LEVEL"])', shell: python }
- { run: 'echo "$0" "$1"', shell: 'sh -e {0} argument' }`,
      `env: { LEVEL: "it's job", SECRET: '\${{ secrets.TOKEN }}', MISSING: '\${{ secrets.NONE }}' }\ntimeout-minutes: 3`,
    );
    expect(output).toContain("\nit's job [it's $HOME] true true main Linux 7 3 ada/engine\n");
    expect(output).toContain("\nstep [<it's $HOME>]\n");
    expect(output).toContain("\nit's job\n");
    expect(output).toContain('er');
  });

  it('does not obey what is malformed, or not allowed', async () => {
    const { verdict, output } = await run(`
- run: printf 'GITHUB_SHA=forged\\nNODE_OPTIONS=x\\n1A=x\\nGOOD=yes\\r\\n' >>$GITHUB_ENV
- run: echo "[$GITHUB_SHA] [\${NODE_OPTIONS-}] [$GOOD]"
- run: echo nonsense >>$GITHUB_ENV
- { if: failure(), run: 'printf "A<<E\\nb\\n" >>$GITHUB_ENV' }`);
    expect(output).toContain('\n[1a2b3c] [] [yes]\n');
    expect(output).toContain('GITHUB_SHA is left out');
    expect(output).toContain('1A is left out');
    expect(output).toContain('This is neither NAME=VALUE nor NAME<<END: nonsense');
    expect(output).toContain('The value of A has no end');
    expect(verdict).toBe('failed');
  });
});
