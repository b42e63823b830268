import type { StatusReport } from '#plugins/api';

/** At most so many characters, the last of which says that there were more. */
export function shortened(text: string, most: number): string {
  const characters = Array.from(text);
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}

/** GitHub takes 65535 characters; some are left for the fence. */
const LONGEST = 60_000;

/** Plain text as Markdown that shows it as it is; what does not fit is said to be left out. */
export function asPlainBlock(lines: readonly string[]): string {
  const whole = lines.join('\n');
  const text = whole.length <= LONGEST ? whole : `${whole.slice(0, LONGEST)}\n(${whole.length - LONGEST} more characters are left out)`;
  const ticks = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(ticks + 1);
  return `${fence}text\n${text}\n${fence}`;
}

/** Whether nothing is to come any more until somebody acts. */
export function isOver(state: StatusReport['state']): boolean {
  return state !== 'queued' && state !== 'running';
}
