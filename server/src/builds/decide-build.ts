import { type BuildState, type JobState, isVerdict } from '#server/api';

/** How many jobs of a build stand alike. */
export interface JobOutcome {
  readonly stage: number;
  readonly state: JobState;
  readonly allowFailure: boolean;
  readonly count: number;
}

/** What follows for the build from how its jobs stand. */
export interface BuildDecision {
  readonly state: BuildState;
  readonly finished: boolean;
  /** A stage whose waiting jobs are to be queued. */
  readonly beginStage: number | null;
  /** Why all jobs that still wait are to be skipped. */
  readonly skipReason: string | null;
}

/** Worst first: what a required job's verdict makes of its build. */
const SEVERITY = ['canceled', 'errored', 'failed'] as const;

/**
 * Stages run in order; a stage whose required jobs did not all pass ends the build: later ones are skipped. The build's state comes from its
 * required jobs alone, canceled > errored > failed > passed; none required: passed. With `fastFinish` it is known as soon as all required jobs
 * have ended or one has failed, though others still run.
 */
export function decideBuild(outcomes: readonly JobOutcome[], fastFinish: boolean): BuildDecision {
  const open = outcomes.filter((outcome) => !isVerdict(outcome.state));
  const verdict = worstVerdict(outcomes);
  const current = Math.min(...open.map((outcome) => outcome.stage));
  const waiting = open.filter((outcome) => outcome.state === 'waiting');
  const stageBegun = open.some((outcome) => outcome.stage === current && outcome.state !== 'waiting');
  if (waiting.length > 0 && waiting.length === open.length && verdict !== 'passed') {
    return { state: verdict, finished: true, beginStage: null, skipReason: `an earlier stage ended ${verdict}` };
  }
  const beginStage = waiting.length > 0 && !stageBegun ? current : null;
  const openRequired = open.some((outcome) => !outcome.allowFailure);
  const finished = open.length === 0 || (fastFinish && (!openRequired || verdict !== 'passed'));
  return { state: finished ? verdict : liveState(outcomes), finished, beginStage, skipReason: null };
}

function worstVerdict(outcomes: readonly JobOutcome[]): (typeof SEVERITY)[number] | 'passed' {
  const required = outcomes.filter((outcome) => !outcome.allowFailure);
  return SEVERITY.find((verdict) => required.some((outcome) => outcome.state === verdict)) ?? 'passed';
}

function liveState(outcomes: readonly JobOutcome[]): BuildState {
  const begun = outcomes.some((outcome) => !['held', 'waiting', 'queued'].includes(outcome.state));
  return begun ? 'running' : 'queued';
}
