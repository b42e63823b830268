import { z } from 'zod';
import { LicenseWord, UseTerms } from './licenses.ts';

/** The version of a bundle: letters, digits, dots, plus and underscore. */
export const BundleVersion = z
  .string()
  .regex(/^[0-9A-Za-z][0-9A-Za-z._+]{0,31}$/, 'a version: letters, digits, dots, plus and underscore, 32 at most');

/** How the files of a bundle are packed. */
export const BundleFormat = z.enum(['tar', 'tar.gz', 'zip']);
export type BundleFormat = z.infer<typeof BundleFormat>;

/** What is said of a bundle besides its files. */
export const BundleTerms = z.strictObject({
  terms: UseTerms.prefault({}),
  /** The product of which a job that is given it needs a seat, besides; null: none. */
  license: LicenseWord.nullable().default(null),
  note: z.string().trim().max(500).default(''),
});
export type BundleTerms = z.infer<typeof BundleTerms>;

/** Files behind a licence that jobs are given: an SDK, an installer. Never changed; another version is another bundle. Jobs name it `NAME-VERSION`. */
export const BundleView = BundleTerms.extend({
  name: LicenseWord,
  version: z.string(),
  /** Whether all projects may use it. Whom it is for otherwise, and who uploaded it, is told to admins alone. */
  isForAll: z.boolean(),
  format: BundleFormat,
  bytes: z.number().int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  uploadedBy: z.string(),
  createdAt: z.iso.datetime(),
  /** How many attempts were given it, and the last time. */
  uses: z.number().int().min(0),
  lastUsedAt: z.iso.datetime().nullable(),
});
export type BundleView = z.infer<typeof BundleView>;

/** An attempt that was given a bundle. */
export const BundleUseView = z.object({
  at: z.iso.datetime(),
  /** Null where one may not read it, or it is gone. */
  job: z.object({ id: z.number().int().positive(), name: z.string(), buildId: z.number().int().positive(), projectName: z.string() }).nullable(),
});
export type BundleUseView = z.infer<typeof BundleUseView>;
