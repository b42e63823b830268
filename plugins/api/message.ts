import { z } from 'zod';

/** What a reader of a CI description has to say about it. Lines and columns count from 1; null where no place can be named. */
export const Message = z.object({
  level: z.enum(['info', 'warning', 'error']),
  text: z.string(),
  /** The file that it is about, as `CiInput.texts` calls it. Absent: the one that was read, `CiInput.file`. */
  file: z.string().optional(),
  /** The path in the description, as `jobs.include[2].env`; empty for the root. */
  path: z.string(),
  line: z.number().int().positive().nullable(),
  column: z.number().int().positive().nullable(),
});
export type Message = z.infer<typeof Message>;
