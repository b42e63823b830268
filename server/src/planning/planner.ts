import type { Change, CiProvider, JobSpec } from '#plugins/api';
import { type BuildPlan, planBuild, type PlannedJobs, plannedJobs, wantedFiles } from '../pipelines/index.ts';

/** What a job has found out, or why there is nothing to run, in words. */
export type Found = PlannedJobs | { readonly problem: string };

/** Makes plans of what changes say: see `planBuild` and `plannedJobs`. Never throws because of what they say. */
export interface Planner {
  /** See `wantedFiles`. */
  readonly wanted: readonly string[];
  plan(files: ReadonlyMap<string, string>, change: Change): Promise<BuildPlan>;
  /** The jobs that the answer of an asking job names. */
  answer(asking: JobSpec, answer: string, isStrangers: boolean): Promise<Found>;
}

/** Plans here and now, for a process that serves nobody else: a strange description may take as long as it likes. */
export class InlinePlanner implements Planner {
  readonly wanted: readonly string[];

  constructor(private readonly providers: readonly CiProvider[]) {
    this.wanted = wantedFiles(providers);
  }

  plan(files: ReadonlyMap<string, string>, change: Change): Promise<BuildPlan> {
    return Promise.resolve(planBuild(files, change, this.providers));
  }

  answer(asking: JobSpec, answer: string, isStrangers: boolean): Promise<Found> {
    return Promise.resolve(plannedJobs(asking, answer, this.providers, isStrangers));
  }
}
