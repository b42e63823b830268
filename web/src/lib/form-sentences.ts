import type { z } from 'zod';

/** What is wrong with a field, as a sentence under it. Undefined leaves the schema's own words. */
export function formSentence(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'too_small':
      return issue.origin === 'string' ? 'This cannot be empty.' : `At least ${issue.minimum.toString()}.`;
    case 'too_big':
      return issue.origin === 'string' ? `At most ${issue.maximum.toString()} characters.` : `At most ${issue.maximum.toString()}.`;
    case 'invalid_type':
      return issue.expected === 'number' || issue.expected === 'int' ? 'This must be a whole number.' : undefined;
    case 'invalid_key':
      return 'A name has letters, digits and underscores, and does not begin with a digit.';
    default:
      return undefined;
  }
}
