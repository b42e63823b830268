import { z } from 'zod';

/** An id in a path: a whole number that PostgreSQL's integer holds. */
export const IdParam = z.coerce.number().int().positive().max(2_147_483_647);

/** A number in a query that may be absent. */
export const OptionalNumber = IdParam.optional();

/** How many entries of a list, 1 to 500. */
export const Limit = z.coerce.number().int().min(1).max(500);

/** A branch in a query that may be absent. PostgreSQL has no text with a NUL, and git no branch. */
export const BranchParam = z
  .string()
  .refine((name) => !name.includes('\0'), 'no branch has such a name')
  .optional();
