import type { Job } from './jobs.ts';
import type { Matcher } from './values.ts';

/** Whether everything that `matcher` says applies to the job. `name` and `stage` are what they are in the end. Pure. */
export function matches(matcher: Matcher, job: Job, name: string, stage: string): boolean {
  return (
    holds(matcher.python, job.python ?? 'none') &&
    holds(matcher.os, job.system) &&
    holds(matcher.architecture, job.architecture) &&
    holds(matcher.name, name, job.group.name) &&
    holds(matcher.stage, stage) &&
    holdsRow(matcher.env, job)
  );
}

function holds(wanted: readonly string[] | undefined, ...actual: readonly (string | null)[]): boolean {
  return wanted === undefined || actual.some((value) => value !== null && wanted.includes(value));
}

function holdsRow(wanted: ReadonlyMap<string, string> | undefined, { group, row }: Job): boolean {
  return wanted === undefined || [...wanted].every(([name, value]) => (row.get(name) ?? group.variables.get(name)) === value);
}
