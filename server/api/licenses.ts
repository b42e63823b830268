import { z } from 'zod';

const Id = z.number().int().positive();
const Moment = z.iso.datetime();
const Seats = z.number().int().min(0).max(100_000);

/** What a licence pool or a product is called: small letters, digits, dot, dash and underscore. */
export const LicenseWord = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'small letters, digits, dot, dash and underscore, 63 at most; begins with a letter or digit');

/** A seat that is taken. `id` is its fencing number: a later lease has a higher one. */
export const LeaseView = z.object({
  id: Id,
  pool: LicenseWord,
  product: LicenseWord,
  /** `quarantined`: its job ended without giving it back, so that its vendor may count it still. */
  state: z.enum(['held', 'quarantined']),
  /** Null where one may not read it, or it is gone. */
  job: z.object({ id: Id, name: z.string(), buildId: Id }).nullable(),
  takenAt: Moment,
  /** When a quarantined seat is free again; null of one that is held. */
  freeAt: Moment.nullable(),
});
export type LeaseView = z.infer<typeof LeaseView>;

/** Seats of one product. */
export const LicensePoolView = z.object({
  name: LicenseWord,
  product: LicenseWord,
  seats: Seats,
  held: Seats,
  quarantined: Seats,
  /** More may be taken than there are where seats were taken away while jobs had them: never below 0. */
  free: Seats,
  mostPerProject: Seats.nullable(),
  quarantineSeconds: z.number().int().min(0),
  /** The first and the last day on which it may be used, of UTC; null: no limit. */
  validFrom: z.iso.date().nullable(),
  validUntil: z.iso.date().nullable(),
  /** Whether today is one of those days. If not, nobody gets a seat; whoever has one keeps it. */
  isValid: z.boolean(),
  /** Who pays for it, as an installation writes that. */
  costCenter: z.string(),
  createdAt: Moment,
});
export type LicensePoolView = z.infer<typeof LicensePoolView>;

export const LicensesView = z.object({ pools: z.array(LicensePoolView), leases: z.array(LeaseView) });
export type LicensesView = z.infer<typeof LicensesView>;

/** What is said of a licence pool. */
export const LicensePoolTerms = z.strictObject({
  product: LicenseWord,
  seats: Seats,
  /** Seats that one project may have at once; null: all. */
  mostPerProject: Seats.min(1).nullable().default(null),
  /** How long a seat stays taken at its vendor that was not given back: its time-out. A week at most. */
  quarantineSeconds: z.number().int().min(0).max(604_800).default(0),
  validFrom: z.iso.date().nullable().default(null),
  validUntil: z.iso.date().nullable().default(null),
  costCenter: z.string().trim().max(200).default(''),
});

/** PUT /api/licenses/:name: makes the pool or changes all of it. Fewer seats than are held: those who have one keep it, and nobody gets another until there are fewer. */
export const SetLicensePool = LicensePoolTerms.refine(({ validFrom, validUntil }) => (validFrom ?? '') <= (validUntil ?? '9999-12-31'), {
  path: ['validUntil'],
  message: 'the last day is not before the first',
});
export type SetLicensePool = z.infer<typeof SetLicensePool>;
