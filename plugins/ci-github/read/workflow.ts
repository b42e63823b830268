import { entriesOf, partOf, type Part, textOf } from '#plugins/kit/yaml/part';
import { readYaml } from '#plugins/kit/yaml/read-yaml';
import type { Report } from '#plugins/kit/yaml/report';
import { didYouMean } from '#plugins/kit/yaml/suggest';
import { kindOf } from '#plugins/kit/yaml/tree';
import { readTriggers, type Trigger } from './triggers.ts';

/** A file below `.github/workflows`. */
export interface Workflow {
  /** Its path in the repository. */
  readonly file: string;
  /** As it calls itself, or its path. */
  readonly name: string;
  readonly triggers: readonly Trigger[];
  readonly on: Part;
  readonly root: Part;
  readonly jobs: readonly (Part & { readonly key: string })[];
}

const KEYS = ['name', 'run-name', 'on', 'permissions', 'env', 'defaults', 'concurrency', 'jobs'];
const ID = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** Reads a workflow; null, with errors, for what GitHub would not run either. */
export function readWorkflow(file: string, text: string, report: Report): Workflow | null {
  const tree = readYaml(text, report);
  if (tree === null || tree.kind !== 'map') {
    if (!report.failed)
      report.error(
        '',
        tree?.at ?? { line: 1, column: 1 },
        `A workflow must be a map with "on" and "jobs", but this is ${tree === null ? 'empty' : kindOf(tree)}.`,
      );
    return null;
  }
  const root = { tree, path: '', at: tree.at };
  for (const { key, path, at } of entriesOf(root)) {
    if (!KEYS.includes(key)) report.warning(path, at, `"${key}" is not known here, and is left out.${didYouMean(key, KEYS)}`);
  }
  const on = required(root, 'on', 'says what starts it, as on: [push, pull_request]', report);
  const jobs = required(root, 'jobs', 'holds its jobs, as jobs: {test: {runs-on: ubuntu-latest, steps: [...]}}', report);
  if (on === null || jobs === null) return null;
  return { file, name: nameOf(root, file, report), on, root, triggers: readTriggers(on, report), jobs: readJobs(jobs, report) };
}

function nameOf(root: Part, file: string, report: Report): string {
  const part = partOf(root, 'name');
  return (part === null ? '' : (textOf(part, report) ?? '').trim()) || file;
}

function required(root: Part, key: string, what: string, report: Report): Part | null {
  const found = partOf(root, key);
  if (found !== null && found.tree.kind !== 'empty') return found;
  report.error(found === null ? '' : key, found?.at ?? root.at, `"${key}" is missing, which ${what}.`);
  return null;
}

function readJobs(jobs: Part, report: Report): (Part & { readonly key: string })[] {
  if (jobs.tree.kind !== 'map') report.error(jobs.path, jobs.at, `This must be a map of jobs by their ids, but is ${kindOf(jobs.tree)}.`);
  return entriesOf(jobs).filter((job) => {
    if (ID.test(job.key) && job.tree.kind === 'map') return true;
    const text = ID.test(job.key)
      ? `This must be a map with "runs-on" and "steps", but is ${kindOf(job.tree)}.`
      : 'The id of a job is letters, digits, "-" and "_", and does not begin with a digit.';
    report.error(job.path, job.at, text);
    return false;
  });
}
