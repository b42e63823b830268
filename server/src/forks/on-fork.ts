import type { CiPlan, JobSpec, Message, Requirements } from '#plugins/api';

/** A published revision of a fork, as jobs ask for it, and what it is compared with. */
export interface ForkRevision {
  readonly name: string;
  readonly upstream: string;
  readonly revision: string;
}

/** The image that both sides of a pair run on; null: none that is known has the fork. */
export type ImageFor = (requirements: Requirements, sides: { readonly upstream: string; readonly fork: string }) => string | null;

const STAGE = 'fork';

/**
 * A package's plan made one that tries it on a fork: of each job on the fork's upstream two, the first on the upstream, the second on the fork. Where no job is on that very version,
 * those of one other CPython are taken, for what they run. Both of a pair on one image, or they would differ by more than their Python. All in one stage: nothing waits for the outcome of
 * another. Pure.
 */
export function onFork(plan: CiPlan, fork: ForkRevision, imageFor: ImageFor): CiPlan {
  const failed = plan.messages.some(({ level }) => level === 'error');
  const jobs = failed ? [] : jobsFor(plan.jobs, fork.upstream);
  const sides = { upstream: fork.upstream, fork: `${fork.name}@${fork.revision}` };
  const pairs = jobs.flatMap((job) => {
    const image = job.requirements.image ?? imageFor(job.requirements, sides);
    return [onto(job, { interpreter: sides.upstream, image }, fork.upstream), onto(job, { interpreter: sides.fork, image }, fork.name)];
  });
  return {
    ...plan,
    jobs: pairs,
    stages: [STAGE],
    declaredStages: [],
    fastFinish: false,
    messages: [...plan.messages, say(fork, pairs.length, whyNone(plan, failed))],
  };
}

/** The jobs that are to be tried: those on Linux that allow no failure first of all, as one that may fail proves nothing. */
function jobsFor(jobs: readonly JobSpec[], upstream: string): JobSpec[] {
  const usable = jobs.filter(
    ({ requirements, plans }) => plans === undefined && requirements.system === 'linux' && versionOf(requirements.interpreter) !== null,
  );
  const same = usable.filter(({ requirements }) => versionOf(requirements.interpreter) === upstream);
  if (same.length > 0) return same;
  const required = usable.filter(({ allowFailure }) => !allowFailure);
  const [first] = required.length > 0 ? required : usable;
  return first === undefined ? [] : usable.filter(({ requirements }) => requirements.interpreter === first.requirements.interpreter);
}

/** `3.8` of `3.8`, `3.8.1`, `cpython-3.8`; null for what is no released CPython. */
function versionOf(interpreter: string | null): string | null {
  return /^(?:c?python-?)?(\d+\.\d+t?)(?:\.\d+)?$/i.exec(interpreter ?? '')?.[1] ?? null;
}

function onto(job: JobSpec, side: Pick<Requirements, 'interpreter' | 'image'>, label: string): JobSpec {
  return {
    ...job,
    name: `${job.name} · on ${label}`,
    stage: STAGE,
    allowFailure: false,
    cell: { column: label, row: job.cell.row },
    requirements: { ...job.requirements, ...side },
    // On both or not at all: one side alone says nothing.
    ifAvailable: false,
  };
}

function whyNone({ jobs }: CiPlan, failed: boolean): string {
  if (failed) return 'its CI description cannot be read';
  return jobs.some(({ plans }) => plans !== undefined)
    ? 'which jobs it has is only known once its tool has been asked in a machine, which is not done here'
    : 'none of its jobs runs a CPython on Linux';
}

function say({ name, upstream, revision }: ForkRevision, count: number, why: string): Message {
  const rest = { path: '', line: null, column: null };
  if (count > 0)
    return { level: 'info', text: `This build tries the package on ${name} at ${revision}, each job beside one on ${upstream}.`, ...rest };
  return { level: 'error', text: `The package cannot be tried on ${name}: ${why}.`, ...rest };
}
