import type { QueueView } from '#server/api';
import { count } from './numbers.ts';

/** The answer to the queue page's question: how many wait, how many of them for a person, since when. */
export function queueSentence(queue: QueueView): string {
  const held = queue.entries.filter((entry) => entry.job.state === 'held').length;
  const parts = [`${count(queue.total, 'job')} ${queue.total === 1 ? 'waits' : 'wait'}`];
  if (held > 0) parts.push(`${held} of them for a person's word`);
  return `${parts.join(', ')}.`;
}
