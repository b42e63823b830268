import type { ImageDescription, JobSpec } from '#plugins/api';
import type { BuildState } from '#server/api';
import { duration } from '../duration.ts';
import { paint, type Paint } from '../plan/paint.ts';
import { plain } from '../plan/plain.ts';
import type { Io } from '../verb.ts';
import type { JobResult } from './run-job.ts';
import { matrix } from './matrix.ts';

/** A job of the run, and how it stands. */
export interface RunJob {
  readonly spec: JobSpec;
  /** Counts from 1. */
  readonly position: number;
  result: JobResult | null;
  startedAt: number | null;
  seconds: number | null;
}

/** What a run begins with. `note`: what else is to be said, in words; `network`: whether jobs reach the network. */
export interface RunStart {
  readonly description: string;
  readonly note: string | null;
  readonly image: ImageDescription;
  readonly network: boolean;
}

/** What a run tells its surroundings. */
export interface Reporter {
  began(jobs: readonly RunJob[], start: RunStart): Promise<void>;
  line(job: RunJob, text: string): Promise<void>;
  jobEnded(job: RunJob, jobs: readonly RunJob[]): Promise<void>;
  ended(jobs: readonly RunJob[], state: BuildState, stages: readonly string[]): Promise<void>;
}

/** For programs: a line of JSON for each thing that happens. */
export function jsonReporter(io: Io): Reporter {
  const say = (event: Record<string, unknown>): Promise<void> => io.out(`${JSON.stringify(event)}\n`);
  const ofJob = ({ spec, position, result, seconds }: RunJob): Record<string, unknown> => ({
    job: position,
    name: spec.name,
    stage: spec.stage,
    allowFailure: spec.allowFailure,
    verdict: result?.verdict ?? null,
    reason: result?.reason ?? null,
    seconds,
  });
  return {
    began: (jobs, { description, note, image, network }) =>
      say({ type: 'began', description, note, isolation: image.isolation, network, jobs: jobs.map(ofJob) }),
    line: (job, text) => say({ type: 'line', job: job.position, text }),
    jobEnded: (job) => say({ type: 'job', ...ofJob(job) }),
    ended: (jobs, state) => say({ type: 'ended', state, jobs: jobs.map(ofJob) }),
  };
}

/** For people: each line with its job's name before it, a line for each verdict, the matrix at the end. */
export function textReporter(io: Io): Reporter {
  const color = paint(io.colors);
  const began = Date.now();
  let width = 0;
  return {
    began: async (jobs, { description, note, image, network }) => {
      width = Math.min(40, Math.max(0, ...jobs.map((job) => plain(job.spec.name).length)));
      const count = jobs.length === 1 ? '1 job' : `${jobs.length} jobs`;
      await io.out(
        `${color.bold(plain(description))}  ${count} on single-use machines of this computer, isolation: ${image.isolation}, ${network ? 'with the network' : 'without network (--network lets them out)'}\n`,
      );
      if (image.isolation === 'none') await io.out(`${color.yellow(image.isolationNote)}\n`);
      if (note !== null) await io.out(`${color.dim(note)}\n`);
    },
    line: (job, text) =>
      io.out(
        `${color.dim(`${shorten(plain(job.spec.name), width).padEnd(width)} │`)} ${io.colors ? `${text}\u001b[0m` : text.replaceAll(COLORS, '')}\n`,
      ),
    jobEnded: (job, jobs) => io.out(`${verdictLine(job, color)}${color.dim(progress(jobs, began))}\n`),
    ended: (jobs, state, stages) => io.out(summary(jobs, state, stages, io, color, began)),
  };
}

/** The colours a job prints: only a terminal shows them. */
// oxlint-disable-next-line no-control-regex
const COLORS = /\u001b\[[0-9;:]*m/g;

const MARKS: Readonly<Record<JobResult['verdict'], string>> = { passed: '✔', failed: '✘', errored: '⚡', canceled: '■', skipped: '–' };

function verdictLine(job: RunJob, color: Paint): string {
  const { verdict, reason } = job.result ?? { verdict: 'skipped', reason: null };
  const tint = verdict === 'passed' ? color.green : verdict === 'skipped' ? color.dim : job.spec.allowFailure ? color.yellow : color.red;
  const time = job.seconds === null ? '' : ` in ${duration(job.seconds)}`;
  const allowed = job.spec.allowFailure && verdict !== 'passed' ? ' (may fail)' : '';
  return `${tint(`${MARKS[verdict]} ${plain(job.spec.name)} ${verdict}${time}${allowed}`)}${reason === null ? '' : `: ${plain(reason)}`}`;
}

function progress(jobs: readonly RunJob[], began: number): string {
  const done = jobs.filter((job) => job.result !== null).length;
  const running = jobs.filter((job) => job.result === null && job.startedAt !== null).length;
  return `  ${done} of ${jobs.length} done, ${running} running, ${duration((Date.now() - began) / 1000)}`;
}

function summary(jobs: readonly RunJob[], state: BuildState, stages: readonly string[], io: Io, color: Paint, began: number): string {
  const pictures = stages.flatMap((stage) => {
    const here = jobs.filter((job) => job.spec.stage === stage);
    return here.length === 0 ? [] : ['', ...(stages.length > 1 ? [color.bold(plain(stage))] : []), ...matrix(here, io.width, color)];
  });
  const bad = jobs.filter((job) => job.result !== null && job.result.verdict !== 'passed' && job.result.verdict !== 'skipped');
  const tint = state === 'passed' ? color.green : color.red;
  const words = `${jobs.filter((job) => job.result?.verdict === 'passed').length} of ${jobs.length} passed`;
  return `${[...pictures, '', ...bad.map((job) => verdictLine(job, color)), tint(`${state}: ${words}, ${duration((Date.now() - began) / 1000)}`)].join('\n')}\n`;
}

function shorten(text: string, width: number): string {
  if (text.length <= width) return text;
  const half = Math.floor((width - 1) / 2);
  return `${text.slice(0, width - 1 - half)}…${text.slice(text.length - half)}`;
}
