import type { JobSpec } from '#plugins/api';
import { partOf } from '#plugins/kit/yaml/part';
import type { Report } from '#plugins/kit/yaml/report';
import type { JobRun } from '../expand/job-run.ts';
import { isList, isMap, textOfValue, type Value } from '../expressions/value.ts';
import { knownIn } from '../read/evaluated.ts';
import type { Python } from './interpreter.ts';
import { interpreterOf } from './python-version.ts';

/** What people call a job: its name as GitHub makes it, with the values of its matrix where its own name says nothing of them. */
export function jobName(run: JobRun, report: Report): string {
  const part = partOf(run.part, 'name');
  const own = knownIn(part, run.scope, report)?.trim() ?? '';
  if (own !== '' && part?.tree.kind === 'text' && part.tree.text.includes('${{')) return own;
  const values = valuesOf(run);
  return `${own || run.id}${values.length === 0 ? '' : ` (${values.join(', ')})`}`;
}

/** Where a job stands in the picture of the matrix: its Python across, all else that tells it apart down. */
export function cellOf(run: JobRun, python: Python | null, prefix: string): JobSpec['cell'] {
  const others = valuesOf(run).filter((value) => python === null || !isImplied(value, python));
  return { column: python?.interpreter ?? 'none', row: [`${prefix}${run.id}`, ...others].join(' · ') };
}

function valuesOf({ row }: JobRun): string[] {
  return [...row.values()].flatMap(textsOf).filter((text) => text !== '');
}

function textsOf(value: Value): string[] {
  if (isList(value)) return value.flatMap(textsOf);
  return isMap(value) ? [...value.values()].flatMap(textsOf) : [textOfValue(value)];
}

function isImplied(value: string, { interpreter }: Python): boolean {
  return interpreterOf(value) === interpreter.replace(/-32$/, '');
}

/** The same name is given once only. */
export function uniqueName(name: string, taken: Set<string>): string {
  let result = name;
  for (let times = 2; taken.has(result); times += 1) result = `${name} (${times})`;
  taken.add(result);
  return result;
}
