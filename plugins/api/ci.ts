import type { Change } from './change.ts';
import type { JobSpec } from './job.ts';
import type { Message } from './message.ts';

/** What a CI description is read from. */
export interface CiInput {
  /** The file found, one of the provider's `files`; of a path with a star the first that it stands for. */
  readonly file: string;
  readonly text: string;
  /** The texts of all of the provider's `files` and `alsoReads` that there are, `file` among them, by path. */
  readonly texts: ReadonlyMap<string, string>;
  /** What is being built: conditions may ask for it. */
  readonly change: Change;
}

/** What a CI description says. With a message of level `error` there may be no jobs. */
export interface CiPlan {
  readonly jobs: readonly JobSpec[];
  /** The stages in the order they run; a job names one of them. One entry where the description knows no stages. */
  readonly stages: readonly string[];
  /** The stages as the description's own format lists them (Travis: those with more than a default); what `plan --json` prints. */
  readonly declaredStages: readonly unknown[];
  readonly messages: readonly Message[];
  /** The build's verdict is known as soon as all required jobs have ended or one has failed. */
  readonly fastFinish: boolean;
  /**
   * It says nothing of what is to be tested, so that whatever else describes the project is asked: a workflow that only publishes, a pyproject.toml without metadata. Its messages are told
   * only if nothing else says anything. Absent: what it says counts, be it that nothing is to run.
   */
  readonly isSilent?: boolean;
  /** Which of the texts the jobs come from, where that is not `CiInput.file` alone: some workflows of several. */
  readonly files?: readonly string[];
}

/**
 * What kind of description it is, the most wanted first. `own`: written for us; it counts alone. `service`: written for another CI service. `tool`: says how a tool runs the tests.
 * `metadata`: says what the project is; how it is tested is inferred.
 */
export type CiKind = 'own' | 'service' | 'tool' | 'metadata';

/**
 * Turns a project's own CI description into jobs.
 *
 * Pure: no I/O, no clock, the same input gives the same plan. Never throws on bad input, however bad: it returns messages
 * with line and column. Never drops a job silently.
 */
export interface CiProvider {
  readonly kind: CiKind;
  /** What it reads, most wanted first: names at the repository's root, or paths as `ScmProvider.readFiles` takes them, `.github/workflows/*.yml`. Without one of these it says nothing. */
  readonly files: readonly string[];
  /** What else it looks into, where it finds one of `files`. */
  readonly alsoReads?: readonly string[];
  /** Its jobs are added to those of a more wanted description, where they are on systems on which that has none: AppVeyor's beside Travis's. */
  readonly completes?: boolean;
  /** A short name for people: `Travis`. */
  readonly title: string;
  parse(input: CiInput): CiPlan;
  /**
   * The jobs that one of its own, `asking`, has found out in a machine; `answer` is what it left there (`JobSpec.plans`), of which nothing may be believed. All of them run in the stage
   * that is named there. As `parse`: pure, never throws. Absent: none of its jobs asks.
   */
  planned?(answer: string, asking: JobSpec): CiPlan;
}
