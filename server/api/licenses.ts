import { z } from 'zod';

const Id = z.number().int().positive();
const Moment = z.iso.datetime();
const Seats = z.number().int().min(0).max(100_000);

/** What a licence pool or a product is called: small letters, digits, dot, dash and underscore. */
export const LicenseWord = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'small letters, digits, dot, dash and underscore, 63 at most; begins with a letter or digit');

/** A job as licences name it; whoever reads them may not be allowed to read the job. */
export const LicensedJob = z.object({ id: Id, name: z.string(), buildId: Id, projectName: z.string() });
export type LicensedJob = z.infer<typeof LicensedJob>;

/** A seat that is taken. `id` is its fencing number: a later lease has a higher one. */
export const LeaseView = z.object({
  id: Id,
  pool: LicenseWord,
  product: LicenseWord,
  /** `quarantined`: its job ended without giving it back, so that its vendor may count it still. */
  state: z.enum(['held', 'quarantined']),
  /** Null where one may not read it, or it is gone. */
  job: LicensedJob.nullable(),
  takenAt: Moment,
  /** When a quarantined seat is free again; null of one that is held. */
  freeAt: Moment.nullable(),
});
export type LeaseView = z.infer<typeof LeaseView>;

/** `12`, `12.1 - 19`, `- 19`, `12.1 -`: numbers with dots, both ends are in it, and `19` takes in `19.3`. */
export const LicenseVersions = z
  .string()
  .trim()
  .regex(
    /^\d+(\.\d+){0,3}$|^(\d+(\.\d+){0,3} *- *(\d+(\.\d+){0,3})?|- *\d+(\.\d+){0,3})$/,
    'a version or a range of versions: 12.1 - 19, 12.1 - or - 19',
  );

/** `finish`: who has a seat that is withdrawn keeps it to the end of the job. `stop`: the job is stopped. */
export const OnWithdrawal = z.enum(['finish', 'stop']);
export type OnWithdrawal = z.infer<typeof OnWithdrawal>;

/** `shared`: every seat is given the same key. `each`: every seat has a key of its own, and without one there is no seat. */
export const KeyUse = z.enum(['none', 'shared', 'each']);
export type KeyUse = z.infer<typeof KeyUse>;

/** How a job gets a key: in the variable, or in a file whose place is in the variable. */
export const KeyAs = z.enum(['value', 'file']);
export type KeyAs = z.infer<typeof KeyAs>;

const Pattern = z.string().trim().min(1).max(200);
const Name = z.string().trim().min(1).max(100);

/** Who may use a licence or a bundle, besides that changes of strangers never may without an approval. */
export const UseTerms = z.strictObject({
  /** Names of projects; `*` stands for anything. With `groups` empty, too: all projects. */
  projects: z.array(Pattern).max(100).default([]),
  /** Groups of projects, `open-source` for example. */
  groups: z.array(LicenseWord).max(100).default([]),
  /** Not for changes of people who are not trusted, even if they are approved. */
  trustedOnly: z.boolean().default(false),
});
export type UseTerms = z.infer<typeof UseTerms>;

/** What is said of a licence pool. */
export const LicensePoolTerms = z.strictObject({
  product: LicenseWord,
  seats: Seats,
  /** Null: all versions. */
  versions: LicenseVersions.nullable().default(null),
  terms: UseTerms.prefault({}),
  /** Only in machines on these hosts, and made of these images; empty: any. */
  hosts: z.array(Name).max(100).default([]),
  images: z.array(Name).max(100).default([]),
  /** Seats that one project may have at once; null: all. */
  mostPerProject: Seats.min(1).nullable().default(null),
  /** How long a seat stays taken at its vendor that was not given back: its time-out. A week at most. */
  quarantineSeconds: z.number().int().min(0).max(604_800).default(0),
  validFrom: z.iso.date().nullable().default(null),
  validUntil: z.iso.date().nullable().default(null),
  onWithdrawal: OnWithdrawal.default('finish'),
  costCenter: z.string().trim().max(200).default(''),
  /** What its keys are for. */
  keyUse: KeyUse.default('none'),
  keyVariable: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a name of a variable')
    .nullable()
    .default(null),
  keyAs: KeyAs.default('value'),
  /** The plugin instance that asks the product's own licence server, and what the product is called there; null: seats are counted here alone. */
  server: z.strictObject({ instance: Name, feature: Name }).nullable().default(null),
});

/** Seats that are kept for a project for a while: whoever else wants one does not get those. */
export const ReservationView = z.object({ id: Id, projectId: Id, projectName: z.string(), seats: Seats, from: Moment, until: Moment });
export type ReservationView = z.infer<typeof ReservationView>;

/** Seats of one product. */
export const LicensePoolView = LicensePoolTerms.omit({ server: true }).extend({
  name: LicenseWord,
  held: Seats,
  quarantined: Seats,
  /** More may be taken than there are where seats were taken away while jobs had them: never below 0. Reserved ones are among them. */
  free: Seats,
  /** Whether all projects may use it. Whom it is for otherwise is told to admins alone: to others `terms` names nobody. */
  isForAll: z.boolean(),
  /** Whether today is one of its days. If not, nobody gets a seat. */
  isValid: z.boolean(),
  /** The names of its keys; what they are is never told. */
  keys: z.array(z.string()),
  /** How it stands at the product's own licence server. `seats` null: it was never reached, so that nobody gets a seat. `outside`: seats that others have. */
  server: z
    .object({
      instance: z.string(),
      feature: z.string(),
      seats: Seats.nullable(),
      outside: Seats,
      checkedAt: Moment.nullable(),
      problem: z.string().nullable(),
    })
    .nullable(),
  /** Those that have not ended; who may not read the project is not told of it. */
  reservations: z.array(ReservationView),
  createdAt: Moment,
});
export type LicensePoolView = z.infer<typeof LicensePoolView>;

/** A job whose turn has come, but for which no seat of the product is free. `job` null: one that may not be read. */
export const SeatWaitView = z.object({ job: LicensedJob.nullable(), product: LicenseWord, reason: z.string(), since: Moment.nullable() });
export type SeatWaitView = z.infer<typeof SeatWaitView>;

export const LicensesView = z.object({ pools: z.array(LicensePoolView), leases: z.array(LeaseView), waiting: z.array(SeatWaitView) });
export type LicensesView = z.infer<typeof LicensesView>;

/** PUT /api/licenses/:name: makes the pool or changes all of it. Fewer seats than are held: nobody gets another until there are fewer, and who has one keeps it, or is stopped, as `onWithdrawal` says. */
export const SetLicensePool = LicensePoolTerms.refine(({ validFrom, validUntil }) => (validFrom ?? '') <= (validUntil ?? '9999-12-31'), {
  path: ['validUntil'],
  message: 'the last day is not before the first',
}).refine(({ keyUse, keyVariable }) => keyUse === 'none' || keyVariable !== null, {
  path: ['keyVariable'],
  message: 'the variable by which jobs get the key',
});
export type SetLicensePool = z.infer<typeof SetLicensePool>;

/** PUT /api/licenses/:name/keys/:key. The key, or the whole text of a licence file. It is sealed, and never told again. */
export const SetLicenseKey = z.strictObject({ value: z.string().min(1).max(65_536) });
export type SetLicenseKey = z.infer<typeof SetLicenseKey>;

/** PUT /api/projects/:id/groups: all groups that it is in from now on. */
export const SetGroups = z.strictObject({ groups: z.array(LicenseWord).max(50) });
export type SetGroups = z.infer<typeof SetGroups>;

/** POST /api/licenses/:name/reservations. */
export const CreateReservation = z
  .strictObject({ projectId: Id, seats: Seats.min(1), from: Moment, until: Moment })
  .refine(({ from, until }) => from < until, { path: ['until'], message: 'it ends after it begins' });
export type CreateReservation = z.infer<typeof CreateReservation>;
