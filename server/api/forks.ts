import { z } from 'zod';
import { FailedTest } from './test-report.ts';
import { JobState } from './states.ts';

const Id = z.number().int().positive();
const Moment = z.iso.datetime();

/** What jobs call a fork, small letters and a version after a dash: `acme-3.8`. What is as it was released has the version alone: `3.12`, `3.12.4`, `3.13t`, `pypy3.10`. */
export const ForkName = z
  .string()
  .regex(
    /^(?:[a-z][a-z0-9]*(?:-[a-z0-9]+)*-|pypy)?\d+\.\d+(?:\.\d+)?t?$/,
    'a word, a dash and the version that it is a fork of, in small letters: acme-3.8; of what is as it was released the version alone: 3.12',
  )
  .max(60);

/** Whether what is called so is a fork, and not Python as it was released. Pure. */
export function isForkName(name: string): boolean {
  return /-\d+\.\d+(?:\.\d+)?t?$/.test(name);
}

const Argument = z
  .string()
  .min(1)
  .max(500)
  .regex(/^[^\0\n\r]*$/, 'one line');

/** PUT /api/projects/:id/fork: the project's repository is a fork of Python, or Python itself, and this is how it is built. */
export const SetFork = z
  .strictObject({
    name: ForkName,
    /** The interpreter that it is compared with, as jobs ask for it; null: it is Python as it was released, and compared with nothing. */
    upstream: z
      .string()
      .regex(/^\d+\.\d+t?$/, 'a version of Python: 3.8')
      .nullable(),
    /** What python-build is asked for, `3.12.4`: then the repository is one of python-build's definitions. Null: it is the source of a Python. */
    definition: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$/, 'the name of a definition of python-build: 3.12.4')
      .nullable()
      .default(null),
    /** Options of its `configure`. */
    configure: z.array(Argument).max(50).default([]),
    /** Arguments of its own test suite, `-m test` before them; null: it is not run. */
    tests: z.array(Argument).max(50).nullable().default([]),
    /** The images that it is built on, by their names. */
    images: z.array(z.string().min(1).max(100)).min(1).max(20),
  })
  .check(({ value, issues }) => {
    const against = (path: string, message: string): void => void issues.push({ code: 'custom', path: [path], message, input: value });
    const isFork = isForkName(value.name);
    if (isFork && value.upstream === null) against('upstream', `${value.name} is called a fork: say which Python it is compared with`);
    if (!isFork && value.upstream !== null)
      against('name', `${value.name} would be taken for Python as it was released: call a fork by a word, a dash and its version`);
    if (value.definition === null) return;
    if (value.tests !== null) against('tests', 'what python-build installs is built away from its tests: they cannot be run');
    if (value.configure.some((option) => /\s/.test(option))) against('configure', 'python-build parts options at blanks: give none with a blank');
  });
export type SetFork = z.infer<typeof SetFork>;

/** An interpreter that was published. Jobs ask for it as `NAME`, `NAME@BRANCH` or `NAME@REVISION`. */
export const PublishedInterpreter = z.object({
  revision: z.string(),
  /** The branches and tags that it was built for, the newest build's first. */
  branches: z.array(z.string()),
  image: z.string(),
  version: z.string(),
  bytes: z.number().int().min(0),
  sha256: z.string(),
  buildId: Id.nullable(),
  createdAt: Moment,
});
export type PublishedInterpreter = z.infer<typeof PublishedInterpreter>;

export const ForkView = z.strictObject({
  ...SetFork.shape,
  projectId: Id,
  /** The packages that are tried on it; those that one may not read are left out. */
  packages: z.array(z.object({ projectId: Id, projectName: z.string() })),
  /** The newest first, 50 at most. */
  published: z.array(PublishedInterpreter),
});
export type ForkView = z.infer<typeof ForkView>;

/** POST /api/projects/:id/fork/packages. */
export const AddForkPackage = z.strictObject({ projectId: Id });
export type AddForkPackage = z.infer<typeof AddForkPackage>;

/** How something is on the fork beside how it is on its upstream. `same` says nothing of whether it is good. `open`: not known yet. `unknown`: it could not be tried on both. */
export const ForkOutcome = z.enum(['same', 'regressed', 'fixed', 'open', 'unknown']);
export type ForkOutcome = z.infer<typeof ForkOutcome>;

/** A test that is not alike on both. */
export const ForkTest = z.object({
  name: z.string(),
  outcome: z.enum(['regressed', 'fixed']),
  /** What went wrong, on the side where it failed. */
  failure: FailedTest,
});
export type ForkTest = z.infer<typeof ForkTest>;

const Side = z.object({
  jobId: Id,
  state: JobState,
  reason: z.string().nullable(),
  /** Tests that ran; null where its log says nothing of tests. */
  tests: z.number().int().min(0).nullable(),
  failed: z.number().int().min(0).nullable(),
});

/** One row of a package's matrix on both. */
export const ForkPair = z.object({
  name: z.string(),
  outcome: ForkOutcome,
  upstream: Side,
  fork: Side,
  tests: z.array(ForkTest),
  /** What else is to be known of it, in words: that fewer tests ran, that more failed than are listed. */
  note: z.string().nullable(),
});
export type ForkPair = z.infer<typeof ForkPair>;

export const ForkPackageReport = z.object({
  projectId: Id,
  projectName: z.string(),
  outcome: ForkOutcome,
  buildId: Id.nullable(),
  /** Why it was not tried, in words. */
  problem: z.string().nullable(),
  /** Of the package. */
  commit: z.string().nullable(),
  pairs: z.array(ForkPair),
});
export type ForkPackageReport = z.infer<typeof ForkPackageReport>;

/** GET /api/projects/:id/fork/report?revision=: can we ship this fork? Without a revision, of the newest that was published. */
export const ForkReport = z.object({
  name: ForkName,
  /** Null: it is compared with nothing. */
  upstream: z.string().nullable(),
  /** Null where nothing was published yet. */
  revision: z.string().nullable(),
  /** The fork's own build of it: its test suite. */
  own: z.object({ buildId: Id, state: z.string() }).nullable(),
  /** The newest revisions that were published, the newest first, 30 at most, and the one that was asked for. */
  revisions: z.array(z.object({ revision: z.string(), branches: z.array(z.string()), at: Moment })),
  packages: z.array(ForkPackageReport),
});
export type ForkReport = z.infer<typeof ForkReport>;
