import type { Pool } from 'pg';
import type { Logger } from '#plugins/api';
import type { StepView } from '#server/api';
import { Batcher } from '../common/batcher.ts';
import { isDatabaseAway } from '../database/index.ts';

/** A step of an attempt with how far the spool had come at its last event. */
export interface StepRecord extends StepView {
  readonly attemptId: number;
  readonly spoolOffset: number;
}

/** Writes the steps of all running attempts, many in one statement. */
export class StepBook {
  private readonly batches: Batcher<StepRecord, null>;

  constructor(
    private readonly pool: Pool,
    private readonly logger: Logger,
  ) {
    this.batches = new Batcher(async (steps) => {
      await this.write(steps);
      return steps.map(() => null);
    });
  }

  /**
   * Notes how a step stands now; resolves once that is written. Rejects only if the database is away. A step that the database refuses is dropped and
   * logged: what a job makes of its own steps must hold up nobody's verdict.
   */
  async note(step: StepRecord): Promise<void> {
    await this.batches.add(step);
  }

  private async write(steps: readonly StepRecord[]): Promise<void> {
    // Of a step noted twice the later counts; PostgreSQL touches no row twice in one statement.
    const newest = [...new Map(steps.map((step) => [`${step.attemptId}/${step.index}`, step])).values()];
    try {
      await upsertSteps(this.pool, newest);
    } catch (error) {
      if (isDatabaseAway(error)) throw error;
      for (const step of newest) await this.writeAlone(step);
    }
  }

  private async writeAlone(step: StepRecord): Promise<void> {
    try {
      await upsertSteps(this.pool, [step]);
    } catch (error) {
      if (isDatabaseAway(error)) throw error;
      this.logger.warn('a step could not be recorded', { attempt: step.attemptId, step: step.index, error });
    }
  }
}

/** Where a step began is never written twice: after a resume its event comes again, but the place in the log is then less exactly known. */
async function upsertSteps(pool: Pool, steps: readonly StepRecord[]): Promise<void> {
  await pool.query({
    name: 'upsert-steps',
    text: `insert into steps (attempt_id, index, phase, title, started_at, finished_at, exit_code, start_offset, end_offset, start_line, end_line, spool_offset)
     select * from jsonb_to_recordset($1::jsonb) as s (attempt_id int, index int, phase text, title text, started_at timestamptz,
       finished_at timestamptz, exit_code int, start_offset bigint, end_offset bigint, start_line bigint, end_line bigint, spool_offset bigint)
     on conflict (attempt_id, index) do update set finished_at = excluded.finished_at, exit_code = excluded.exit_code,
       end_offset = excluded.end_offset, end_line = excluded.end_line, spool_offset = excluded.spool_offset
     where steps.finished_at is null`,
    values: [JSON.stringify(steps.map(row))],
  });
}

function row(step: StepRecord): Record<string, unknown> {
  return {
    attempt_id: step.attemptId,
    index: step.index,
    phase: storable(step.phase),
    title: storable(step.title),
    started_at: step.startedAt,
    finished_at: step.finishedAt,
    exit_code: step.exitCode,
    start_offset: step.startOffset,
    end_offset: step.endOffset,
    start_line: step.startLine,
    end_line: step.endLine,
    spool_offset: step.spoolOffset,
  };
}

/** PostgreSQL's text knows no zero byte and no half of a surrogate pair; a title may hold whatever a repository wrote. */
function storable(text: string): string {
  return Buffer.from(text.replaceAll('\0', '\uFFFD'), 'utf8').toString('utf8');
}
