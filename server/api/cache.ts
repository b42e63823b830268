import { z } from 'zod';

const Bytes = z.number().nonnegative();

/** Where packages come from, and what its files were asked for since the cache was made. */
export const CacheOriginView = z.object({
  name: z.string(),
  kind: z.enum(['pypi', 'apt', 'python-build']),
  url: z.string(),
  /** Kept now. */
  files: z.number().int(),
  bytes: Bytes,
  /** Answers for which the origin had to send nothing. */
  hits: z.number().int(),
  misses: z.number().int(),
  /** To machines. */
  servedBytes: Bytes,
  /** From the origin. */
  fetchedBytes: Bytes,
  savedBytes: Bytes,
  /** Why the last download from it failed; null if it did not. */
  problem: z.string().nullable(),
});
export type CacheOriginView = z.infer<typeof CacheOriginView>;

/** The cache of packages. `off`: none is configured. `down`: it does not listen here, `problem` says why. */
export const CacheView = z.object({
  state: z.enum(['off', 'up', 'down']),
  problem: z.string().nullable(),
  /** Since when it is counted; null where it does not listen. */
  since: z.iso.datetime().nullable(),
  bytes: Bytes,
  maxBytes: Bytes,
  origins: z.array(CacheOriginView),
});
export type CacheView = z.infer<typeof CacheView>;
