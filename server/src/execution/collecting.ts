import type { Pool } from 'pg';
import type { Session } from '#plugins/api';
import { isStrangers } from '../builds/isolation-demand.ts';
import type { InterpreterCache } from '../forks/interpreter-cache.ts';
import { publishInterpreter } from '../forks/publish.ts';
import type { PlannedJobs } from '../pipelines/index.ts';
import type { Planner } from '../planning/planner.ts';
import type { LoadedAttempt } from './load-attempt.ts';
import { readAnswer } from './read-answer.ts';

/** What is to be taken out of a machine once its job has passed, besides its verdict, and what was. */
export interface Collected {
  /** Null: nothing. */
  collect: ((session: Session, signal: AbortSignal) => Promise<void>) | null;
  /** Null: it did not ask what there is to run, or has not answered. */
  planned: PlannedJobs | null;
}

export interface CollectingParts {
  readonly pool: Pool;
  readonly interpreters: InterpreterCache;
  readonly planner: Pick<Planner, 'answer'>;
}

/** Of a job that publishes an interpreter that; of one that asks what there is to run what it has found out. */
export function collecting(attempt: LoadedAttempt, image: string | null, { pool, interpreters, planner }: CollectingParts): Collected {
  const { spec, trust } = attempt;
  const found: Collected = { collect: null, planned: null };
  if (spec.publishes !== undefined) found.collect = (session, signal) => publishInterpreter(attempt, image, session, interpreters, pool, signal);
  if (spec.plans !== undefined)
    found.collect = async (session, signal) => {
      found.planned = await readAnswer(spec, session, planner, isStrangers(trust), signal);
    };
  return found;
}
