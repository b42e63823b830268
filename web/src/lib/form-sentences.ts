import type { z } from 'zod';

/** What is wrong with a field, as a sentence under it. Undefined leaves the schema's own words. */
export function formSentence(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'too_small') return issue.origin === 'string' ? 'This cannot be empty.' : `At least ${issue.minimum.toString()}.`;
  if (issue.code === 'too_big') return `At most ${issue.maximum.toString()}${issue.origin === 'string' ? ' characters' : ''}.`;
  if (issue.code === 'invalid_key') return 'A name has letters, digits and underscores, and does not begin with a digit.';
  if (issue.code === 'invalid_type' && (issue.expected === 'number' || issue.expected === 'int')) return 'This must be a whole number.';
  return undefined;
}
