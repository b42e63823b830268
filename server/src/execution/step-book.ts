import type { Pool } from 'pg';
import type { StepView } from '#server/api';

/** A step of an attempt with how far the spool had come at its last event. */
export interface StepRecord extends StepView {
  readonly attemptId: number;
  readonly spoolOffset: number;
}

/** Writes the steps of all running attempts, many in one statement: while one is under way the next gathers. */
export class StepBook {
  private readonly waiting = new Map<string, StepRecord>();
  private writing: Promise<void> | null = null;

  constructor(private readonly pool: Pool) {}

  /** Notes how a step stands now. Durable once `flush` has resolved, and soon anyway. Returns the write it will be part of. */
  note(step: StepRecord): Promise<void> {
    this.waiting.set(`${step.attemptId}/${step.index}`, step);
    return this.flush();
  }

  /** Resolves when everything noted before is written; throws if it could not be. */
  flush(): Promise<void> {
    if (this.writing !== null) return this.writing.then(() => (this.waiting.size > 0 ? this.flush() : undefined));
    if (this.waiting.size === 0) return Promise.resolve();
    this.writing = this.write().finally(() => {
      this.writing = null;
    });
    return this.writing;
  }

  private async write(): Promise<void> {
    // One turn of the event loop gathers what happens at once.
    await new Promise(setImmediate);
    const steps = [...this.waiting.values()];
    this.waiting.clear();
    try {
      await upsertSteps(this.pool, steps);
    } catch (error) {
      for (const step of steps) {
        const key = `${step.attemptId}/${step.index}`;
        if (!this.waiting.has(key)) this.waiting.set(key, step);
      }
      throw error;
    }
  }
}

/** Where a step began is never written twice: after a resume its event comes again, but the place in the log is then less exactly known. */
async function upsertSteps(pool: Pool, steps: readonly StepRecord[]): Promise<void> {
  await pool.query(
    `insert into steps (attempt_id, index, phase, title, started_at, finished_at, exit_code, start_offset, end_offset, start_line, end_line, spool_offset)
     select * from jsonb_to_recordset($1::jsonb) as s (attempt_id int, index int, phase text, title text, started_at timestamptz,
       finished_at timestamptz, exit_code int, start_offset bigint, end_offset bigint, start_line bigint, end_line bigint, spool_offset bigint)
     on conflict (attempt_id, index) do update set finished_at = excluded.finished_at, exit_code = excluded.exit_code,
       end_offset = excluded.end_offset, end_line = excluded.end_line, spool_offset = excluded.spool_offset
     where steps.finished_at is null`,
    [JSON.stringify(steps.map(row))],
  );
}

function row(step: StepRecord): Record<string, unknown> {
  return {
    attempt_id: step.attemptId,
    index: step.index,
    // PostgreSQL's text knows no zero byte; a title may hold whatever a repository wrote.
    phase: step.phase.replaceAll('\0', '�'),
    title: step.title.replaceAll('\0', '�'),
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
