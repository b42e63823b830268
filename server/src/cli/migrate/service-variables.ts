import type { CommandShell, JobSpec, Variable } from '#plugins/api';

/** What other services set for each job, by its name. */
const NAMES = /^(?:TRAVIS|APPVEYOR|GITHUB|RUNNER)(?:_[A-Z0-9_]+)?$/;
/** And what they set besides: what the machine has anyhow, or says in its own way. */
const BESIDES: ReadonlySet<string> = new Set([
  'CI',
  'CI_LINUX',
  'CI_WINDOWS',
  'CONFIGURATION',
  'CONTINUOUS_INTEGRATION',
  'DEBIAN_FRONTEND',
  'HAS_JOSH_K_SEAL_OF_APPROVAL',
  'LANG',
  'LC_ALL',
  'PAGER',
  'PIP_DISABLE_PIP_VERSION_CHECK',
  'PIP_PROGRESS_BAR',
  'PLATFORM',
  'Python3_ROOT_DIR',
  'Python_ROOT_DIR',
  'pythonLocation',
]);
/** What is of the commit that is built, and what ours is called: `agentJob` sets it. */
const OURS: ReadonlyMap<string, string> = new Map([
  ['APPVEYOR_PULL_REQUEST_NUMBER', 'TERRARIUM_PULL_REQUEST'],
  ['APPVEYOR_REPO_BRANCH', 'TERRARIUM_BRANCH'],
  ['APPVEYOR_REPO_COMMIT', 'TERRARIUM_COMMIT'],
  ['APPVEYOR_REPO_NAME', 'TERRARIUM_REPOSITORY'],
  ['APPVEYOR_REPO_TAG_NAME', 'TERRARIUM_TAG'],
  ['GITHUB_REF_NAME', 'TERRARIUM_BRANCH'],
  ['GITHUB_REPOSITORY', 'TERRARIUM_REPOSITORY'],
  ['GITHUB_SHA', 'TERRARIUM_COMMIT'],
  ['GITHUB_WORKSPACE', 'TERRARIUM_BUILD_DIR'],
  ['TRAVIS_BRANCH', 'TERRARIUM_BRANCH'],
  ['TRAVIS_COMMIT', 'TERRARIUM_COMMIT'],
  ['TRAVIS_PULL_REQUEST', 'TERRARIUM_PULL_REQUEST'],
  ['TRAVIS_REPO_SLUG', 'TERRARIUM_REPOSITORY'],
  ['TRAVIS_TAG', 'TERRARIUM_TAG'],
]);
/** Also of the commit, or of the run, and nothing of ours. */
const OF_A_BUILD = /_(?:ACTOR|BASE|BUILD|COMMIT|EVENT|FORCED|HEAD|PULL|REF|REPO|RUN|SCHEDULED|SHA|TRIGGERING|WORKFLOW)/;

/** The variables of a job as a file for every commit says them, and what a person has to look at, in words. */
export interface LastingVariables {
  readonly variables: readonly Variable[];
  readonly notes: readonly string[];
}

/**
 * Leaves out what another service sets and the job's own commands do not read: a file is for every commit, and says nothing of one. What they read of the commit comes from our own
 * variables, in words of the shell that runs its commands. Pure.
 */
export function lastingVariables(job: JobSpec, shell: CommandShell): LastingVariables {
  const [given, own] = [job.variables.filter(isGiven), job.variables.filter((variable) => !isGiven(variable))];
  const texts = [...job.program.phases.flatMap(({ commands }) => commands.map(({ run }) => run)), ...own.map(({ value }) => value)];
  const read = given.filter(({ name }) => isIn(texts, name));
  const lost = read.filter(({ name }) => !OURS.has(name) && OF_A_BUILD.test(name)).map(({ name }) => name);
  const kept = read.filter(({ name }) => !lost.includes(name));
  return {
    variables: [...kept.map((variable) => ourOwn(variable, shell)), ...own],
    notes: lost
      .filter((name) => isIn(ownTexts(job), name))
      .map((name) => `${name} is a variable of the other service, of one commit: say it otherwise`),
  };
}

/** What sets up the steps of another service names all that it sets. */
function ownTexts({ program }: JobSpec): string[] {
  return program.phases.flatMap(({ name, commands }) => (name === 'setup' ? [] : commands.map(({ run }) => run)));
}

function isIn(texts: readonly string[], name: string): boolean {
  const word = new RegExp(String.raw`\b${name}\b`);
  return texts.some((text) => word.test(text));
}

function isGiven({ name }: Variable): boolean {
  return NAMES.test(name) || BESIDES.has(name);
}

function ourOwn(variable: Variable, shell: CommandShell): Variable {
  const ours = OURS.get(variable.name);
  if (ours === undefined) return variable;
  return { name: variable.name, value: readingOf(ours, variable.name, shell), expand: true };
}

/** Travis says `false` of what is no pull request. */
function readingOf(ours: string, name: string, shell: CommandShell): string {
  if (shell === 'cmd') return `%${ours}%`;
  if (shell !== 'sh' && shell !== 'bash') return `$env:${ours}`;
  return name === 'TRAVIS_PULL_REQUEST' ? `"\${${ours}:-false}"` : `"$${ours}"`;
}
