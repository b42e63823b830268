import { z } from 'zod';
import { LicenseWord } from './licenses.ts';

const Count = z.number().int().min(0);

/** One stretch of time of a licence pool: the most seats that were taken at once in it, quarantined ones included, the time-weighted mean, and the seats there were at its end. */
export const LicenseUsePoint = z.object({ at: z.iso.datetime(), most: Count, mean: z.number().min(0), seats: Count });
export type LicenseUsePoint = z.infer<typeof LicenseUsePoint>;

/** A calendar month (UTC) of a product: does one need more seats? */
export const LicenseMonth = z.object({
  /** `2026-11`. */
  month: z.string().regex(/^\d{4}-\d{2}$/),
  product: LicenseWord,
  /** Seats of all its pools together at the month's end, or now. */
  seats: Count,
  /** The most that were taken at once. */
  peak: Count,
  leases: Count,
  /** Seats times hours that jobs had them. */
  seatHours: z.number().min(0),
  /** Jobs whose turn came while there was no seat for them. */
  refusals: Count,
});
export type LicenseMonth = z.infer<typeof LicenseMonth>;

/** GET /api/licenses/use?hours=24: every pool over that time, in 96 stretches of equal length, and the last twelve months. */
export const LicenseUseView = z.object({
  hours: Count,
  pools: z.array(z.object({ pool: LicenseWord, product: LicenseWord, points: z.array(LicenseUsePoint) })),
  months: z.array(LicenseMonth),
});
export type LicenseUseView = z.infer<typeof LicenseUseView>;
