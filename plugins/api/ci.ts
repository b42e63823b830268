import type { Change } from './change.ts';
import type { JobSpec } from './job.ts';
import type { Message } from './message.ts';

/** What a CI description is read from. */
export interface CiInput {
  /** The file found, one of the provider's `files`. */
  readonly file: string;
  readonly text: string;
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
}

/**
 * Turns a project's own CI description into jobs.
 *
 * Pure: no I/O, no clock, the same input gives the same plan. Never throws on bad input, however bad: it returns messages
 * with line and column. Never drops a job silently.
 */
export interface CiProvider {
  /** The names it reads at the repository's root, most wanted first. */
  readonly files: readonly string[];
  /** A short name for people: `Travis`. */
  readonly title: string;
  parse(input: CiInput): CiPlan;
}
