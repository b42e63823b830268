import type { EndReason } from '#agents/api';
import type { AgentEnd } from './follow-spool.ts';

/** In words, what the agent's reason does not already say as a verdict. */
const END_REASONS: Readonly<Record<EndReason, string | null>> = {
  exit: null,
  setup: 'a step that prepares the job failed',
  'time-limit': 'the job took longer than it may',
  'silence-limit': 'the job said nothing for longer than it may',
  'output-limit': 'the job wrote more to its log than it may',
  canceled: null,
  lost: 'the shell of the job vanished',
};

/** The agent's last word in the words of the core. */
export function explainEnd(end: AgentEnd): { verdict: AgentEnd['verdict']; reason: string | null } {
  return { verdict: end.verdict, reason: END_REASONS[end.reason] };
}
