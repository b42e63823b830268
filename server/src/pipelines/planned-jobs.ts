import type { CiProvider, JobSpec, Message } from '#plugins/api';

/** What a job has found out that asked what there is to run. */
export interface PlannedJobs {
  readonly jobs: readonly JobSpec[];
  readonly messages: readonly Message[];
}

/** So many jobs a change may add of which nobody has said that it may run: what counts for it is its base's description, and this is said by its own code. */
const MOST_OF_STRANGERS = 100;

/** The jobs that an answer names, as the provider of the asking job reads it; or why there are none, in words. `isStrangers`: nobody has approved the change. Pure. */
export function plannedJobs(
  asking: JobSpec,
  answer: string,
  providers: readonly CiProvider[],
  isStrangers: boolean,
): PlannedJobs | { readonly problem: string } {
  const { plans } = asking;
  const provider = providers.find(({ files }) => plans !== undefined && files.includes(plans.file));
  if (plans === undefined || provider?.planned === undefined)
    return { problem: 'nobody here reads what it has found out: its plugin is configured no longer' };
  const { jobs, messages } = provider.planned(answer, asking);
  const error = messages.find(({ level }) => level === 'error');
  if (error !== undefined) return { problem: error.text };
  if (jobs.length === 0) return { problem: 'it has found nothing to run' };
  if (isStrangers && jobs.length > MOST_OF_STRANGERS)
    return { problem: `it has found ${jobs.length} jobs: a change that nobody has approved may add ${MOST_OF_STRANGERS}` };
  // What was asked does not ask again.
  return { jobs: jobs.map(({ plans: _again, ...job }) => ({ ...job, stage: plans.stage })), messages };
}
