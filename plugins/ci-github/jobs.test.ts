import { describe, expect, it } from 'vitest';
import { JobSpec } from '#plugins/api';
import { only, plan, provider, pullRequest, push, said, steps, tag } from './test-support.ts';

const PYTEST = '- run: pytest';

function phases(yaml: string, job = ''): unknown[] {
  return only(plan(steps(yaml, job)))
    .program.phases.slice(1)
    .map(({ name, when, onFailure, commands }) => [name, when, onFailure, commands.map(({ title }) => title)]);
}

function variables(text: string, change = push()): Record<string, string> {
  return Object.fromEntries(only(plan(text, change)).variables.map(({ name, value }) => [name, value]));
}

describe('the program of a job', () => {
  it('has steps that are alike in one phase, and those for failures each in their own', () => {
    expect(
      phases(`
- run: pip install .
- { name: Say, run: echo hello }
- { name: Run tests, run: pytest }
- { if: always(), run: one }
- { if: always(), run: two }
- { if: failure(), run: three }
- { continue-on-error: true, run: four }
- { continue-on-error: true, run: five }
- { if: "always() && github.event_name == 'schedule'", run: never }`),
    ).toEqual([
      ['install', 'passing', 'fail', ['pip install .', '# Say\necho hello']],
      ['script', 'passing', 'fail', ['# Run tests\npytest']],
      ['install', 'always', 'fail', ['one']],
      ['install', 'always', 'fail', ['two']],
      ['install', 'failing', 'fail', ['three']],
      ['install', 'passing', 'ignore', ['four', 'five']],
    ]);
  });

  it('begins with what the steps expect; an error there is one of the machine', () => {
    const [first] = only(plan(steps(PYTEST))).program.phases;
    expect(first).toMatchObject({ name: 'setup', when: 'always', onFailure: 'error' });
    expect(only(plan(steps(PYTEST))).program.shell).toBe('bash');
  });

  it('quotes all that comes from the workflow', () => {
    const [, phase] = only(plan(steps(`- run: "pytest 'a' $(b) \`c\`"\n  working-directory: "it's"\n  env: { A: "'; exit" }`))).program.phases;
    expect(phase?.commands[0]?.run).toBe(
      [
        '_gh_begin && (',
        `  CDPATH= cd -- "$GITHUB_WORKSPACE" && CDPATH= cd -- 'it'\\''s' || exit 1`,
        `  export A=''\\''; exit'`,
        `  printf '%s\\n' 'pytest '\\''a'\\'' $(b) \`c\`' >"$_gh/step.sh" || exit 1`,
        `  exec 'bash' '-e' "$_gh/step.sh"`,
        ')',
        `_gh_end '' $? no`,
      ].join('\n'),
    );
  });

  it.each([
    ['bash', `exec 'bash' '--noprofile' '--norc' '-eo' 'pipefail' "$_gh/step.sh"`],
    ['sh', `exec 'sh' '-e' "$_gh/step.sh"`],
    ['python', `exec 'python' "$_gh/step.py"`],
    ['pwsh', `exec 'pwsh' '-command' '. '\\'''"$_gh/step.ps1"''\\'''`],
    ['bash -el {0}', `exec 'bash' '-el' "$_gh/step.sh"`],
    ['perl {0} x', `exec 'perl' "$_gh/step.sh" 'x'`],
  ])('runs a step for %s as GitHub does', (shell, line) => {
    const { program } = only(plan(steps(`- run: pytest\n  shell: ${shell}`)));
    expect(program.phases[1]?.commands[0]?.run).toContain(line);
  });

  it('takes shell and folder from the job, or the workflow', () => {
    const text = `defaults: { run: { shell: sh, working-directory: a } }\n${steps(PYTEST, 'defaults: { run: { working-directory: b } }')}`;
    const run = only(plan(text)).program.phases[1]?.commands[0]?.run;
    expect(run).toContain("cd -- 'b'");
    expect(run).toContain("exec 'sh' '-e'");
  });

  it('is for PowerShell on Windows, where each step is a process of its own shell', () => {
    const text = steps(`- { run: 'pytest ’x’', env: { A: '\${{ secrets.B }}' } }\n- { if: "steps.x.outcome == ''", run: b, shell: cmd }`).replace(
      'ubuntu',
      'windows',
    );
    const { program } = only(plan(text));
    const commands = program.phases.flatMap((phase) => phase.commands);
    expect(new Set(commands.map(({ shell }) => shell))).toEqual(new Set(['powershell']));
    expect(commands[1]?.run).toContain(
      `'.ps1' 'pwsh' @('-command', '. ''{0}''') @{ 'A' = (([string][Environment]::GetEnvironmentVariable('B'))) } $false`,
    );
    expect(commands[1]?.run).toContain('FromBase64String');
    expect(commands[2]?.run).toContain(`'.cmd' 'cmd' @('/D', '/E:ON', '/V:OFF', '/S', '/C', 'CALL "{0}"')`);
  });

  it('installs what an action would bring, where it is not there', () => {
    const { program } = only(plan(steps('- uses: astral-sh/setup-uv@v6\n  with: { python-version: "3.12" }\n- run: uv run pytest')));
    const run = program.phases[1]?.commands[0]?.run ?? '';
    expect(run).toContain('"-m", "pip", "install", "uv"');
    expect(run).toContain('"UV_PYTHON=" + "3.12"');
    expect(program.phases[1]?.commands[0]?.title).toBe('astral-sh/setup-uv python-version=3.12');
  });
});

describe('the sources of a job', () => {
  it.each([
    ['', null],
    ['- uses: actions/checkout@v4', { depth: 1, submodules: false }],
    ['- { uses: actions/checkout@v4, with: { fetch-depth: 0, submodules: recursive } }', { depth: null, submodules: true }],
    ['- { uses: actions/checkout@v4, with: { fetch-depth: 50, repository: ada/Engine } }', { depth: 50, submodules: false }],
    ['- { uses: actions/checkout@v4, with: { fetch-depth: many } }', { depth: null, submodules: false }],
    ['- { uses: actions/checkout@v4, with: { repository: other/thing, path: x } }\n- uses: actions/checkout@v4', { depth: 1, submodules: false }],
  ])('%j: %j', (yaml, checkout) => {
    expect(only(plan(steps(`${yaml}\n${PYTEST}`))).checkout).toEqual(checkout);
  });

  it('are told of where they are not as asked for', () => {
    const told = said(
      steps(`- { uses: actions/checkout@v4, with: { path: src, ref: v1 } }\n- { uses: actions/checkout@v4, with: { repository: a/b } }\n${PYTEST}`),
    );
    expect(told).toEqual([
      'warning 6:46 jobs.test.steps[0].with.path: The sources are not put into a folder of their own: they are where the job begins.',
      'warning 6:57 jobs.test.steps[0].with.ref: No other revision is fetched than the one that is built.',
      'warning 7:46 jobs.test.steps[1].with.repository: The sources of a/b are not fetched here: only those of the change itself are.',
    ]);
  });
});

describe('the variables of a job', () => {
  it('are those of GitHub for a push, a tag and a pull request', () => {
    expect(variables(steps(PYTEST))).toMatchObject({
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_EVENT_NAME: 'push',
      GITHUB_JOB: 'test',
      GITHUB_REF: 'refs/heads/main',
      GITHUB_REF_NAME: 'main',
      GITHUB_SHA: '1a2b3c',
      GITHUB_REPOSITORY: 'ada/engine',
      GITHUB_REPOSITORY_OWNER: 'ada',
      GITHUB_WORKFLOW: '.github/workflows/ci.yml',
      GITHUB_WORKSPACE: '"$TERRARIUM_BUILD_DIR"',
      RUNNER_OS: 'Linux',
      RUNNER_ARCH: 'X64',
    });
    expect(variables(steps(PYTEST), tag('v1'))).toMatchObject({ GITHUB_REF: 'refs/tags/v1', GITHUB_REF_TYPE: 'tag', GITHUB_HEAD_REF: '' });
    const pull = variables(steps(PYTEST).replace('on: push', 'on: pull_request'), pullRequest());
    expect(pull).toMatchObject({
      GITHUB_REF: 'refs/pull/7/merge',
      GITHUB_REF_NAME: '7/merge',
      GITHUB_HEAD_REF: 'better',
      GITHUB_BASE_REF: 'main',
      GITHUB_ACTOR: 'bob',
    });
  });

  it('are overlaid, from the workflow to the step, and seen by expressions', () => {
    const text = `env: { A: workflow, B: workflow }\n${steps('- run: pytest ${{ env.A }} ${{ env.B }} ${{ env.C }} ${{ env.D }}\n  env: { C: step }', 'env: { B: "${{ env.A }}-job" }')}`;
    expect(variables(text)).toMatchObject({ A: 'workflow', B: 'workflow-job' });
    expect(only(plan(text)).program.phases[1]?.commands[0]?.title).toBe('pytest workflow workflow-job step');
  });

  it('are what a step has written by then, where one may have', () => {
    const text = steps('- run: echo "A=2" >>$GITHUB_ENV\n- run: pytest ${{ env.A }} ${{ env.B }}', 'env: { A: 1, B: 1 }');
    expect(only(plan(text)).program.phases[2]?.commands[0]?.run).toContain(`'pytest '"\${A-}"' 1'`);
  });

  it('are set when the job begins where only the machine knows them', () => {
    const job = only(plan(steps(PYTEST, 'env: { A: "x ${{ secrets.B }}", C: "${{ secrets.D != \'\' }}" }')));
    expect(job.variables.map(({ name }) => name)).not.toContain('A');
    const set = job.program.phases[0]?.commands[0]?.run ?? '';
    expect(set).toContain(`\nexport A='x '"\${B-}"`);
    expect(set).toContain(`\nexport C="$(if ! { ! { [ -n "\${D-}" ]; }; }; then printf %s 'true'; else printf %s 'false'; fi)"`);
  });

  it('are left out where GitHub would not have them', () => {
    expect(said(steps(PYTEST, 'env: { GITHUB_SHA: 1, a-b: 2 }'))).toEqual([
      'warning 5:12 jobs.test.env.GITHUB_SHA: The variable GITHUB_SHA is left out: GitHub sets it itself.',
      'info 5:27 jobs.test.env.a-b: No shell has a variable called "a-b": only expressions see it.',
    ]);
  });
});

describe('a job', () => {
  it('may fail, and has a limit', () => {
    const job = only(plan(steps(PYTEST, "continue-on-error: ${{ github.ref_name == 'main' }}\ntimeout-minutes: 7")));
    expect(job).toMatchObject({ allowFailure: true, limits: { time: 420, silence: null } });
  });

  it('has its expanded description', () => {
    const job = only(plan(steps(PYTEST, 'env: { A: "${{ matrix.x }}" }\nstrategy: { matrix: { x: [1] } }')));
    expect(job.config).toEqual({
      workflow: '.github/workflows/ci.yml',
      job: 'test',
      'runs-on': 'ubuntu-latest',
      matrix: { x: 1 },
      env: { A: '1' },
      steps: [{ run: 'pytest' }],
    });
    expect(job.cell).toEqual({ column: 'none', row: 'test · 1' });
  });

  it.each([
    ['a step', steps('- { uses: actions/checkout@v4, __proto__: x }\n- run: pytest')],
    ['a row', steps(PYTEST, 'strategy: { matrix: { __proto__: [1] } }')],
    ['the variables', steps(PYTEST, 'env: { __proto__: x }')],
  ])('keeps no prototype that %s names', (_, text) => {
    const job = only(plan(text));
    expect(JSON.stringify(job.config)).not.toContain('__proto__');
    expect(JobSpec.parse(job)).toEqual(job);
  });

  it('is called by its workflow as well, where several make jobs', () => {
    const { jobs, files, messages } = plan({
      'a.yml': `name: One\n${steps(PYTEST)}`,
      'b.yml': steps('- run: tox\n- uses: actions/cache@v4'),
      'c.yml': 'on: release\njobs: {}\n',
    });
    expect(jobs.map(({ name }) => name)).toEqual(['One / test', '.github/workflows/b.yml / test']);
    expect(files).toEqual(['.github/workflows/a.yml', '.github/workflows/b.yml']);
    expect(messages.map(({ file, path }) => [file, path])).toEqual([
      ['.github/workflows/b.yml', 'jobs.test.steps[1].uses'],
      ['.github/workflows/c.yml', 'on'],
    ]);
  });

  it('is built by hand as if it had been pushed, whatever the branch', () => {
    const text = steps(PYTEST).replace('on: push', 'on: { push: { branches: [other] }, workflow_dispatch: }');
    expect(only(plan(text, push({ kind: 'manual', branch: '' }))).name).toBe('test');
    expect(plan(text).jobs).toEqual([]);
  });

  it('counts as silent only if GitHub would not hold it back', () => {
    expect(plan(steps(PYTEST).replace('on: push', 'on: pull_request')).isSilent).toBeUndefined();
    expect(plan(steps(PYTEST, 'if: false')).isSilent).toBeUndefined();
    expect(plan(steps('- run: cargo test')).isSilent).toBe(true);
  });

  it('verdicts early where each matrix wants that', () => {
    const matrix = (more: string): boolean => plan(steps(PYTEST, `strategy: { matrix: { a: [1, 2] }${more} }`)).fastFinish;
    expect([matrix(''), matrix(', fail-fast: true'), matrix(', fail-fast: false')]).toEqual([true, true, false]);
  });

  it('is refused where there are more than are allowed', () => {
    const text = steps(PYTEST, 'strategy: { matrix: { a: [1, 2, 3] } }');
    const { jobs, messages } = provider({ maximumJobs: 2 }).parse({ file: 'ci.yml', text, texts: new Map(), change: push() });
    expect([jobs, messages.map(({ text: words }) => words)]).toEqual([
      [],
      ['This makes 3 jobs or more, but at most 2 are allowed here. Take something out of the matrix.'],
    ]);
  });
});

describe('what is told', () => {
  it('has its place, and is told once for all rows', () => {
    const job = 'strategy: { matrix: { a: [1, 2] }, max-parallel: 1 }\nservices: { db: { image: x } }\nenvironment: pypi\nrun-on: x';
    expect(said(steps(`- { run: pytest, timeout-minutes: 2, wiht: 1 }\n- run: echo \${{ vars.A }} \${{ secrets.B }}`, job))).toEqual([
      'warning 6:5 jobs.test.services: Services are not started: the image must have them running, or the job start them. Meant are db.',
      'warning 7:5 jobs.test.environment: Environments of GitHub are not known here; those of Terrarium are chosen by its own settings. Meant is pypi.',
      'warning 8:5 jobs.test.run-on: "run-on" is not known here, and is left out. Did you mean "runs-on"?',
      'info 5:40 jobs.test.strategy.max-parallel: How many jobs run at once is a matter of pools: this does not count.',
      'info 11:14 : Secrets are those of the project here, by the same names; what it has not is empty: B.',
      'warning 11:14 : Variables of the repository at GitHub are not known here, and count as empty: A.',
      'warning 10:44 jobs.test.steps[0].wiht: "wiht" is not known here, and is left out. Did you mean "with"?',
      "info 10:24 jobs.test.steps[0].timeout-minutes: A step's own limit of time is not kept: that of the job counts.",
    ]);
  });

  it('has its file, be it the only one', () => {
    const { messages } = plan(steps('- { run: pytest, wiht: 1 }'));
    expect(messages).toEqual([expect.objectContaining({ file: '.github/workflows/ci.yml', path: 'jobs.test.steps[0].wiht', line: 6 })]);
  });

  it('says of a condition what of it counts as true', () => {
    const told = said(
      steps(`- { if: "hashFiles('a') != '' && github.ref_name == 'main'", run: pytest }\n- { if: "\${{ true }} && false", run: pytest }`),
    );
    expect(told).toEqual([
      'info 6:11 jobs.test.steps[0].if: This counts as true as far as it is not known here: hashFiles looks at files, which are not there yet.',
      'warning 7:11 jobs.test.steps[1].if: Something stands outside of "${{ }}": that makes a text of the whole, which always counts as true.',
    ]);
  });
});
