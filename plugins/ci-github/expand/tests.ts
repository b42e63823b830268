import { itemsOf, partOf, type Part } from '#plugins/kit/yaml/part';
import { actionName, treatmentOf } from '../jobs/actions.ts';

/** What a job is for. */
export type Purpose = 'tests' | 'publishes' | 'other';

/** Programs by which Python packages are tried; `make` and its like call them. */
const PYTHON =
  /(?:^|[\s"'`;&|(=/])(?:python[\d.]*|pypy[\d.]*|py|pip[\d.]*|pipx|pipenv|pytest|py\.test|tox|nox|uvx?|poetry|pdm|hatch|rye|pixi|conda|mamba|micromamba|pre-commit|prek|coverage|mypy|ruff|make|just|invoke|inv|setup\.py|cibuildwheel)(?=$|[\s"'`;&|)=])/m;
const TRIES = /pytest|py\.test|\btox\b|\bnox\b|unittest|\btests?\b|doctest|trial|mypy|pre-commit|nose/i;
/** What makes a release public. */
const PUBLISHES =
  /\btwine\s+upload|\bsetup\.py\b.*\bupload\b|\b(?:flit|poetry|uv|hatch|pdm|rye|maturin|npm|cargo)\s+publish\b|\bgh-deploy\b|\bgit\s+push\b|\bgh\s+release\s+(?:create|upload)|\bsemantic-release\b|\banaconda\b.*\bupload\b|\bdocker\s+push\b|\bghp-import\b.*-p/;

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

/** Whether a command publishes something. */
export function doesPublish(run: string): boolean {
  return PUBLISHES.test(run);
}

/** Whether a command tries something, rather than preparing for it. */
export function doesTry(run: string): boolean {
  return TRIES.test(run.replaceAll(/\b(?:pip[\d.]*|uv pip|conda|mamba|poetry|apt-get|apt|brew|choco|pipx)\s+(?:-\S+\s+)*install\b[^\n;&|]*/g, ''));
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
