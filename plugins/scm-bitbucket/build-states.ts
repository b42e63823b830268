import { createHash } from 'node:crypto';
import type { StatusReport } from '#plugins/api';

/** The states that both flavours have, and `stopped`, which each calls differently. */
export const BUILD_STATES = {
  held: 'INPROGRESS',
  queued: 'INPROGRESS',
  running: 'INPROGRESS',
  passed: 'SUCCESSFUL',
  failed: 'FAILED',
  errored: 'FAILED',
  canceled: 'stopped',
} as const satisfies Record<StatusReport['state'], string>;

/** What the commit's page says beside the state. That a build waits for approval has no state of its own there. */
export function descriptionOf({ state, summary }: StatusReport): string {
  return state === 'held' ? `Waits for approval: ${summary}` : summary;
}

/** A key of at most `longest` characters: a longer one is cut and ends in 12 digits of the SHA-256 of the whole, so that it stays one of its own. */
export function shortKey(key: string, longest: number): string {
  if (key.length <= longest) return key;
  const digest = createHash('sha256').update(key).digest('hex').slice(0, 12);
  return `${key.slice(0, longest - 13).replace(/[\uD800-\uDBFF]$/, '')}-${digest}`;
}
