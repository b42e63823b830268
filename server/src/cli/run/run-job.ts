import type { Change, Interpreter, JobSpec, Repository, ScmProvider } from '#plugins/api';
import type { Verdict } from '#server/api';
import { type Limits, agentJob } from '../../execution/agent-job.ts';
import { explainEnd } from '../../execution/end-reason.ts';
import type { SpoolSink } from '../../execution/follow-spool.ts';
import { NO_PROVISIONS } from '../../execution/provisions.ts';
import { readAnswer } from '../../execution/read-answer.ts';
import { runOnMachine } from '../../execution/run-on-machine.ts';
import { InlinePlanner } from '../../planning/planner.ts';
import { newMachineId } from '../../machines/machine.ts';
import { matchInterpreter } from '../../scheduling/match-interpreter.ts';
import type { Workshop } from './workshop.ts';

/** Where the jobs' sources come from. */
export interface JobSource {
  readonly scm: ScmProvider;
  readonly repository: Repository;
  readonly change: Change;
}

/** How a job ended; `reason` in words where the verdict does not say it all. */
export interface JobResult {
  readonly verdict: Verdict;
  readonly reason: string | null;
  /** The jobs that it has found out, where it asks what there is to run. */
  readonly planned?: readonly JobSpec[];
}

/** What of this computer says which jobs it can run. */
type Offer = { readonly image: Pick<Workshop['image'], 'system' | 'architecture' | 'interpreters'> };

/** Why no machine here can run the job, in words; null if one can. */
export function unfit(spec: Pick<JobSpec, 'requirements'>, { image }: Offer): string | null {
  const { system, architecture, interpreter } = spec.requirements;
  if (system !== image.system) return `it wants ${system}, and this computer is ${image.system}`;
  if (architecture !== null && architecture !== image.architecture) return `it wants ${architecture}, and this computer is ${image.architecture}`;
  if (interpreter === null || matchInterpreter(interpreter, [image])) return null;
  const offered = image.interpreters.map((one) => one.name).join(', ') || 'none';
  return `it wants Python ${interpreter}, and this computer has: ${offered}`;
}

/** Why a job that is only for those who have what it wants is skipped here, in words; null if it is not: it can run, or must, or no other of `all` can either. */
export function whyUnavailable(spec: JobSpec, all: readonly JobSpec[], workshop: Offer): string | null {
  const problem = spec.ifAvailable === true ? unfit(spec, workshop) : null;
  return problem !== null && all.some((other) => unfit(other, workshop) === null) ? problem : null;
}

/** Makes a machine, runs the job on it, destroys the machine. */
export async function runJob(
  workshop: Workshop,
  source: JobSource,
  job: { readonly spec: JobSpec; readonly position: number },
  sink: SpoolSink,
  signal: AbortSignal,
): Promise<JobResult> {
  const problem = unfit(job.spec, workshop);
  if (problem !== null) return { verdict: 'errored', reason: problem };
  const machineId = newMachineId();
  try {
    await workshop.driver.create({ id: machineId, image: workshop.image.image }, signal);
    return await onMachine(workshop, source, job, sink, machineId, signal);
  } catch (error) {
    if (signal.aborted) return { verdict: 'canceled', reason: null };
    return { verdict: 'errored', reason: error instanceof Error ? error.message : String(error) };
  } finally {
    await workshop.machines.destroy(machineId);
  }
}

async function onMachine(
  workshop: Workshop,
  source: JobSource,
  { spec, position }: { readonly spec: JobSpec; readonly position: number },
  sink: SpoolSink,
  machineId: string,
  signal: AbortSignal,
): Promise<JobResult> {
  const { scm, repository, change } = source;
  const checkout = spec.checkout === null ? null : await scm.checkout(repository, change, spec.checkout, signal);
  let planned: readonly JobSpec[] | undefined;
  const end = await runOnMachine({
    driver: workshop.driver,
    machineId,
    job: ({ folder, system }) =>
      agentJob(spec, {
        folder,
        system,
        interpreter: interpreterOf(spec, workshop),
        checkout,
        change,
        buildId: 1,
        buildNumber: 1,
        jobId: position,
        position,
        provisions: NO_PROVISIONS,
        compiler: null,
        packages: null,
        limits: limitsOf(workshop),
      }),
    files: (checkout?.files ?? []).map(({ from, name }) => ({ path: name, content: { file: from }, mode: 0o600 })),
    sink,
    startedAt: Date.now(),
    resumed: false,
    started: () => Promise.resolve(),
    collect: async (session, until) => {
      const planner = new InlinePlanner(workshop.registry.all('ci').map(({ extension }) => extension));
      planned = (await readAnswer(spec, session, planner, false, until))?.jobs;
    },
    cancel: signal,
    signal: new AbortController().signal,
  });
  return { ...explainEnd(end), ...(planned === undefined ? {} : { planned }) };
}

function interpreterOf(spec: JobSpec, { image }: Workshop): Interpreter | null {
  const wanted = spec.requirements.interpreter;
  return wanted === null ? null : (matchInterpreter(wanted, [image])?.interpreter ?? null);
}

function limitsOf({ config: { limits } }: Workshop): Limits {
  return { timeSeconds: limits.timeMinutes * 60, silenceSeconds: limits.silenceMinutes * 60, outputBytes: limits.logMegabytes * 1_000_000 };
}
