import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '#plugins/api';
import { isDatabaseAway } from '../database/index.ts';

/** Does `work` on the database, again and again while the database is away: what a job has reached is not lost by that. */
export async function persist<Result>(work: () => Promise<Result>, logger: Logger, signal: AbortSignal): Promise<Result> {
  for (let pause = 100; ; pause = Math.min(pause * 2, 5000)) {
    try {
      return await work();
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      signal.throwIfAborted();
      logger.warn('the database is away; waiting to write what a job has reached', { error, pause });
      await delay(pause, undefined, { signal });
    }
  }
}
