import { itemsOf, partOf, type Part } from '#plugins/kit/yaml/part';
import { actionName, treatmentOf } from '../jobs/actions.ts';

/** What a job is for. */
export type Purpose = 'tests' | 'publishes' | 'other';

/** Programs by which Python packages are tried; `make` and its like call them. */
const PYTHON =
  /(?:^|[\s"'`;&|(=/])(?:python[\d.]*|pypy[\d.]*|py|pip[\d.]*|pipx|pipenv|pytest|py\.test|tox|nox|uvx?|poetry|pdm|hatch|rye|pixi|conda|mamba|micromamba|pre-commit|prek|coverage|mypy|ruff|make|just|invoke|inv|setup\.py|cibuildwheel)(?=$|[\s"'`;&|)=])/m;
const TRIES = /pytest|py\.test|\btox\b|\bnox\b|unittest|\btests?\b|doctest|trial|mypy|pre-commit|nose/i;
/** Words of what runs tests, and targets that stand for them by custom. */
const TESTS = /pytest|py\.test|\btox\b|\bnox\b|unittest|(?<![a-z])(?:run)?tests?(?![a-z])|doctest|trial|nose|(?<![a-z${])(?<!npm )ci(?![a-z])/i;
const TARGETS = /(?:^|[\s;&|])(?:make|just|invoke|inv)\s+(?:-\S+\s+(?:\d+\s+)?){0,9}(?:all|check|qa|verify)(?=$|[\s;&|])/m;
/** Installs what others run. Repetitions are bounded, as somebody may write a line of 200,000 characters. */
const INSTALLS = /\b(?:pip[\d.]*|uv pip|uv|conda|mamba|poetry|pdm|apt-get|apt|brew|choco|pipx)\s+(?:-\S+\s+){0,9}(?:install|sync)\b[^\n;&|]*/g;
/** Lists sessions, or is called after that; runs one whose name says that it is for something else. */
const LISTS = /\b(?:tox|nox)\b(?=[^\n;&|]{0,200}\s(?:-l|-a|--list\S*)(?=$|[\s;&|)"'`]))[^\n;&|]*|^[^\w\n]{0,9}list\b.*/gim;
const OTHER_SESSIONS =
  /\b(?:tox|nox)\b[^\n;&|]{0,200}?\s(?:-e|-s|--session)[\s=]*(?:black|build\w*|docs?|flake8|format\w*|lint\w*|mypy|package|pkg|pre-commit|ruff|sdist|style|typ(?:es?|ing))(?=$|[\s;&|)"'`])[^\n;&|]*/gm;
/** What makes a release public; what belongs together is not far apart, and a line may be long. */
const PUBLISHES =
  /\btwine\s+upload|\bsetup\.py\b.{0,500}\bupload\b|\b(?:flit|poetry|uv|hatch|pdm|rye|maturin|npm|cargo)\s+publish\b|\bgh-deploy\b|\bgit\s+push\b|\bgh\s+release\s+(?:create|upload)|\bsemantic-release\b|\banaconda\b.{0,500}\bupload\b|\bdocker\s+push\b|\bghp-import\b.{0,500}-p/;
/** Names of called workflows that are for something else than tests. */
const OTHER_WORKFLOWS = /publish|release|deploy|upload|pages|label|stale|draft|changelog|codeql|scorecard|(?<![a-z])(?:docs?|lint\w*)(?![a-z])/i;

/** Names of steps that tell of tests which another has run. */
const TELLS = /report|result|summary|upload|comment|annotat/i;

/**
 * What a job is for, as its steps say: it tests if it sets up a Python or runs what Python packages are tried with. One that publishes or deploys, and tries nothing, is for that. Pure.
 */
export function purposeOf(job: Part): Purpose {
  const steps = stepsOf(job);
  const texts = steps.flatMap((step) => textOf(step, 'run'));
  const treatments = steps.flatMap((step) => textOf(step, 'uses')).map((uses) => treatmentOf(actionName(uses)));
  const publishes = treatments.some((one) => one?.kind === 'publishes') || texts.some((text) => PUBLISHES.test(text));
  if (publishes && !texts.some((text) => TRIES.test(text))) return 'publishes';
  const isPython = treatments.some((one) => one?.kind === 'python') || texts.some((text) => PYTHON.test(text));
  return isPython ? 'tests' : 'other';
}

type Job = Part & { readonly key: string };

/** Whether a job would really run tests, as its names and steps say: `purposeOf` takes jobs for documentation and packages for tests as well. Pure. */
export function runsTests(job: Job): boolean {
  const words = stepsOf(job).flatMap((step) => [...textOf(step, 'name'), ...textOf(step, 'run')]);
  return purposeOf(job) === 'tests' && [...namesOf(job), ...words].some(saysTests);
}

/** Whether an action that is not known here may run a job's tests, as its own name or that of its step says. Pure. */
export function leavesTestsToAction(job: Job): boolean {
  return stepsOf(job).some((step) => {
    const unknown = textOf(step, 'uses').filter((uses) => treatmentOf(actionName(uses)) === null);
    const names = [...textOf(step, 'name'), ...unknown.map(lastOf)];
    return unknown.length > 0 && names.some(saysTests) && !names.some((name) => TELLS.test(name));
  });
}

/** What a called workflow is for, as its names say: nobody looks into it. Null: they do not. Pure. */
export function purposeOfCall(job: Job): 'tests' | 'other' | null {
  const names = [...namesOf(job), ...textOf(job, 'uses').map(lastOf)];
  if (names.some(saysTests)) return 'tests';
  return names.some((name) => OTHER_WORKFLOWS.test(name)) ? 'other' : null;
}

/** What a job is called, as it is written. */
export function namesOf(job: Job): string[] {
  return [job.key, ...textOf(job, 'name')];
}

/** The last part of the path of a workflow or an action: that before may be called after anything. */
function lastOf(uses: string): string {
  return actionName(uses).split('/').at(-1) ?? '';
}

/** Whether commands, or the name of a job or a step, are of tests: not of documentation, style or packages, nor of what is installed before. */
export function saysTests(words: string): boolean {
  const rest = words.replaceAll(INSTALLS, '').replaceAll(LISTS, '').replaceAll(OTHER_SESSIONS, '');
  return TESTS.test(rest) || TARGETS.test(rest);
}

/** Whether a command publishes something. */
export function doesPublish(run: string): boolean {
  return PUBLISHES.test(run);
}

/** Whether a command tries something, rather than preparing for it. */
export function doesTry(run: string): boolean {
  return TRIES.test(run.replaceAll(INSTALLS, ''));
}

/** The steps of a job. */
export function stepsOf(job: Part): Part[] {
  const steps = partOf(job, 'steps');
  return steps === null || steps.tree.kind !== 'list' ? [] : itemsOf(steps);
}

function textOf(step: Part, key: string): string[] {
  const tree = partOf(step, key)?.tree;
  return tree?.kind === 'text' ? [tree.text] : [];
}
