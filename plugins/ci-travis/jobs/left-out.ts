import type { MessageLog } from '../document/messages.ts';
import type { JsonObject } from '../document/value.ts';
import { isBlank } from '../expand/json.ts';

/** Keys that Travis acts upon and Terrarium does not, and what to say of them. */
const LEFT_OUT: readonly { readonly keys: readonly string[]; readonly say: string }[] = [
  { keys: ['before_deploy', 'deploy', 'after_deploy'], say: 'Terrarium does not deploy: the deploy phases are not run' },
  { keys: ['cache', 'before_cache'], say: 'there is no cache: every machine is new; before_cache is not run' },
];

/** Says once for each key that some job has which part of it will not happen. */
export function sayWhatIsLeftOut(jobs: readonly JsonObject[], log: MessageLog): void {
  for (const { keys, say } of LEFT_OUT) {
    const found = keys.find((key) => jobs.some((job) => !isBlank(job[key])));
    if (found !== undefined) log.info([found], say);
  }
}
