import { entriesOf, type Part } from '#plugins/kit/yaml/part';
import type { Report } from '#plugins/kit/yaml/report';
import { didYouMean } from '#plugins/kit/yaml/suggest';

const JOB_KEYS = [
  'name',
  'permissions',
  'needs',
  'if',
  'runs-on',
  'snapshot',
  'environment',
  'concurrency',
  'outputs',
  'env',
  'defaults',
  'steps',
  'timeout-minutes',
  'strategy',
  'continue-on-error',
  'container',
  'services',
  'uses',
  'with',
  'secrets',
];
const STEP_KEYS = ['id', 'if', 'name', 'uses', 'run', 'working-directory', 'shell', 'with', 'env', 'continue-on-error', 'timeout-minutes'];

/** What a job or a step may say and Terrarium does not do, and what to say of it. */
const NOT_DONE = new Map<string, string>([
  ['services', 'Services are not started: the image must have them running, or the job start them. Meant are'],
  ['environment', 'Environments of GitHub are not known here; those of Terrarium are chosen by its own settings. Meant is'],
]);

/** Says what of a job is not known, or not done here. */
export function sayUnknownJobKeys(job: Part, report: Report): void {
  for (const { key, path, at, tree } of entriesOf(job)) {
    const text = NOT_DONE.get(key);
    if (text !== undefined && tree.kind !== 'empty') report.warning(path, at, `${text} ${named({ tree, path, at })}.`);
    if (!JOB_KEYS.includes(key)) report.warning(path, at, `"${key}" is not known here, and is left out.${didYouMean(key, JOB_KEYS)}`);
  }
}

/** The same of a step. */
export function sayUnknownStepKeys(step: Part, report: Report): void {
  for (const { key, path, at } of entriesOf(step)) {
    if (!STEP_KEYS.includes(key)) report.warning(path, at, `"${key}" is not known here, and is left out.${didYouMean(key, STEP_KEYS)}`);
  }
}

function named(part: Part): string {
  const { tree } = part;
  if (tree.kind === 'text') return tree.text;
  const entries = entriesOf(part);
  return entries.map(({ key }) => key).join(', ') || 'none';
}
