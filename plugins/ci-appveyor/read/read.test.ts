import { describe, expect, it } from 'vitest';
import { plan, said } from '../test-support.ts';

/** What is said of a description that would be all right but for `lines`. */
function of(lines: string): string {
  return said(`test_script: a\nbuild: off\n${lines}\n`).join('\n');
}

describe('what does not fit has a message', () => {
  it.each([
    ['tets_script: b', 'warning 3:1 tets_script: "tets_script" is not known here, and is left out. Did you mean "test_script"?'],
    ['constructor: b', 'warning 3:1 constructor: "constructor" is not known here, and is left out.'],
    ['environment: [A]', 'error 3:1 environment: This must be a map of variables, as {DB: sqlite}, with the rows under "matrix", but is a list.'],
    ['environment: {matrix: [A]}', 'error 3:24 environment.matrix[0]: This must be a map of variables, as {DB: sqlite}, but is a text.'],
    ['environment: {A: [1]}', 'error 3:15 environment.A: This must be a text, but is a list.'],
    ['environment: {"A(x86)": 1}', 'warning 3:15 environment.A(x86): The variable "A(x86)" is left out: letters'],
    ['environment: {A: "\\0"}', 'error 3:15 environment.A: The value of A holds a NUL character'],
    ['install: [[a]]', 'error 3:11 install[0]: This must be a command, but is a list.'],
    [
      'install: [cinst: nodejs]',
      'warning 3:11 install[0].cinst: "cinst" is nothing that runs commands: there are cmd, ps, pwsh and sh. This entry is left out, as AppVeyor ignores it, too. ' +
        "If it is a command, put it in quotes: 'cinst: nodejs'.",
    ],
    ['install:\n- echo "it\'s a: b" >> f', `put it in quotes: 'echo "it''s a: b" >> f'.`],
    ['install: [cinst: [nodejs]]', 'This entry is left out, as AppVeyor ignores it, too.'],
    ['install: [ps: [a]]', 'error 3:11 install[0].ps: This must be a text, but is a list.'],
    ['install: ["a\\0"]', 'error 3:11 install[0]: This holds a NUL character, which no shell reads.'],
    ['install: true', 'warning 3:1 install: "true" is no command, and is not run.'],
    ['platform: {a: b}', 'error 3:1 platform: This must be a text, but is a map.'],
    ['matrix: fast', 'error 3:1 matrix: This must be a map with keys like fast_finish, allow_failures and exclude, but is a text.'],
    [
      'matrix: {exclude: [x86]}',
      'error 3:20 matrix.exclude[0]: This must be a map that says which jobs are meant, as {platform: x86}, but is a text.',
    ],
    ['matrix: {fast_finish: perhaps}', 'warning 3:10 matrix.fast_finish: This must be true or false; it is taken as if it were not there.'],
    ['clone_depth: all', 'warning 3:1 clone_depth: "all" is no number of commits: all are fetched.'],
    ['for: [a]', 'error 3:7 for[0]: This must be a map of settings, but is a text.'],
    ['for: [{for: [], version: 1}]', 'warning 3:8 for[0].for: "for" has no effect within "for": AppVeyor ignores it, too.'],
    ['for: [{deplyo: 1}]', 'warning 3:8 for[0].deplyo: "deplyo" is not known here, and is left out. Did you mean "deploy"?'],
    ['skip_commits: {fils: a}', 'warning 3:16 skip_commits.fils: "fils" is not known here: there are message, author and files.'],
    ['install: *nothing', 'error 3:10 : "*nothing" stands for nothing'],
    ['test_script: b', 'error 3:1 test_script: "test_script" stands here twice; the first is in line 1.'],
    ['install:\n\t- a', 'error 4:1 : This is no valid YAML'],
  ])('%s', (lines, expected) => {
    expect(of(lines)).toContain(expected);
  });

  it('also where the file is no map', () => {
    expect(said('pytest')).toEqual(['error 1:1 : This must be a map of settings, as {test_script: [pytest]}, but is a text.']);
    expect(said('- a')).toEqual(['error 1:3 [0]: This must be a map of settings, as {test_script: [pytest]}, but is a text.']);
  });
});

describe('what is not done here is said once', () => {
  it.each([
    ['max_jobs: 1', 'info 3:1 max_jobs: How many jobs run at once is a matter of pools'],
    ['clone_folder: c:\\x', 'info 3:1 clone_folder: The sources lie where Terrarium puts them'],
    ['clone_script: [a]', 'info 3:1 clone_script: Terrarium lays out the sources itself'],
    ['skip_branch_with_pr: true', 'info 3:1 skip_branch_with_pr: Whether a branch has a pull request'],
    ['only_commits: {files: [a/]}', 'info 3:16 only_commits.files: Which files a change touches is not known here'],
    ['artifacts: [{path: a}]', 'info 3:1 artifacts: There is no store for artefacts yet'],
    ['deploy: {provider: S3}\nafter_deploy: a', 'info 3:1 deploy: Terrarium does not deploy'],
    ['cache: a', 'info 3:1 cache: There is no cache'],
    ['services: [mysql]', 'info 3:1 services: Services are not started'],
    ['hosts: {a: 127.0.0.1}', 'info 3:1 hosts: Names of hosts'],
    ['notifications: [{provider: Email}]', 'info 3:1 notifications: Who is told'],
    ['nuget: {account_feed: true}\nassembly_info: {patch: true}', 'info 3:1 nuget: This is for .NET projects'],
    [
      'install: appveyor  PushArtifact a\ninit: [ps: Start-FileDownload b; appveyor pushartifact c]',
      "warning 4:8 init[0].ps: What belongs to AppVeyor's build agent",
    ],
    ['install: curl https://ci.appveyor.com/api/projects', "warning 3:1 install: This asks AppVeyor's own server"],
  ])('%s', (lines, expected) => {
    expect(of(lines).split('\n')).toEqual([expect.stringContaining(expected)]);
  });

  it('of MSBuild where it would be called', () => {
    const msBuild =
      'info -:- : AppVeyor would look for a Visual Studio solution and build that, as there is neither "build: off" nor "build_script"; Terrarium does not.';
    expect(said('test_script: a\n')).toEqual([msBuild]);
    expect(said('test_script: a\nbuild_script: b\n')).toEqual([]);
    expect(said('test_script: a\nbuild: {project: a.sln}\n')).toEqual([
      'info 2:1 build: This is for MSBuild, which Terrarium does not call: commands that build stand under "build_script".',
    ]);
  });

  it.each(['deploy: off', 'cache: none', 'test: off', 'services:', 'build: No', 'build: FALSE', 'build: none'])('not of what is off: %s', (line) => {
    expect(said(`test_script: a\nbuild_script: b\n${line}\n`)).toEqual([]);
  });
});

describe('an entry for a shell that there is not', () => {
  it('leaves the others as they are', () => {
    const { jobs } = plan('build: off\ninstall:\n- echo before\n- foo: bar\n- echo after\ntest_script: a\n');
    expect(jobs[0]?.program.phases[0]?.commands.map(({ run }) => run)).toEqual(['echo before', 'echo after']);
  });
});

describe('YAML', () => {
  it('may have an apostrophe behind a backslash between double quotes, as YamlDotNet takes it', () => {
    const text = String.raw`test_script: "echo \'a\\' \"b\""
build: off
environment: {A: "\'x\'", "B\'": 1}
install: ['\''', C:\'x]
`;
    const [job] = plan(text).jobs;
    expect(job?.program.phases.map(({ commands }) => commands.map(({ run }) => run))).toEqual([["\\'", "C:\\'x"], [String.raw`echo 'a\' "b"`]]);
    expect(job?.config['environment']).toEqual({ A: "'x'" });
    expect(said(text)).toEqual([expect.stringContaining(`warning 3:27 environment.B'`)]);
    expect(said('test_script: "\\q"\n')).toEqual([expect.stringContaining('error 1:15 : This is no valid YAML')]);
  });

  it('may have a byte order mark, carriage returns, a document between marks, anchors and merges', () => {
    const text =
      '\uFEFF---\r\n# c\r\nbuild: off\r\nenvironment:\r\n  matrix:\r\n  - &a {A: 1, B: 2}\r\n  - {<<: *a, B: 3}\r\ntest_script:\r\n- cmd: |\r\n    a\r\n    b\r\n...\r\n';
    const found = plan(text);
    expect(found.messages).toEqual([]);
    expect(found.jobs.map(({ name }) => name)).toEqual(['A=1 B=2', 'B=3 A=1']);
    expect(found.jobs[0]?.program.phases[0]?.commands.map(({ run }) => run)).toEqual(['a', 'b']);
  });

  it('is read as it is written: versions, switches and numbers as values of variables', () => {
    const [job] = plan('test_script: a\nenvironment: {A: 3.10, B: yes, C: 010, D: , E: off, F: ~}\n').jobs;
    expect(job?.config['environment']).toEqual({ A: '3.10', B: 'yes', C: '010', D: '', E: 'off', F: '' });
  });
});
