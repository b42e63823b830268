import type { HostEvent } from '#plugins/api';

/** What `ScmProvider.identify` makes of `OWNER/NAME`. */
export type Identify = (fullName: string) => string;

/** That nothing of it concerns us; `why` ends the sentence. */
export function ignored(why: string): HostEvent {
  return { kind: 'ignored', reason: `Ignored: ${why}.` };
}
