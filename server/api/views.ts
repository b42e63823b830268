import { z } from 'zod';
import { BuildState, BuildTrust, JobState } from './states.ts';
import { FlakyNote } from './test-history.ts';
import { TestReport } from './test-report.ts';

/** How well a machine is kept apart from its host, strongest first. */
export const IsolationLevel = z.enum(['vm', 'sandbox', 'none']);
export type IsolationLevel = z.infer<typeof IsolationLevel>;

/** Whom a project trusts besides its listed contributors, and what becomes of the pull requests of all others. */
export const TrustPolicy = z.strictObject({
  /** `hold`: wait for a maintainer's approval. `run`: without secrets and licences, kept apart. `ignore`: nothing. */
  untrusted: z.enum(['hold', 'run', 'ignore']).default('hold'),
  /** Whoever may write to the repository at its code host. */
  writers: z.boolean().default(true),
  /** Members of these groups of the code host: `ORGANISATION` or `ORGANISATION/TEAM`. */
  groups: z
    .array(z.string().regex(/^[A-Za-z0-9._-]{1,100}(\/[A-Za-z0-9._ -]{1,100})?$/, 'ORGANISATION or ORGANISATION/TEAM'))
    .max(50)
    .default([]),
  /** Whoever has had a pull request merged into the repository before. */
  merged: z.boolean().default(false),
  /** Whether maintainers may also approve by a comment to the pull request. */
  comments: z.boolean().default(true),
});
export type TrustPolicy = z.infer<typeof TrustPolicy>;

/** How much a code host is told: nothing, a status for each build, or one for each job besides. */
export const StatusDetail = z.enum(['none', 'build', 'jobs']);
export type StatusDetail = z.infer<typeof StatusDetail>;

const Id = z.number().int().positive();
/** A moment: ISO 8601 in UTC. */
const Moment = z.iso.datetime();

export const Message = z.object({
  level: z.enum(['info', 'warning', 'error']),
  text: z.string(),
  /** The file that it is about; absent where it is about none, or of a build of an earlier version. */
  file: z.string().optional(),
  path: z.string(),
  line: z.number().int().nullable(),
  column: z.number().int().nullable(),
});
export type Message = z.infer<typeof Message>;

/** What is built, in few words. */
export const ChangeView = z.object({
  kind: z.enum(['push', 'tag', 'pull-request', 'schedule', 'manual']),
  branch: z.string(),
  tag: z.string().nullable(),
  commit: z.string(),
  /** The beginning of it, where it is very long. */
  message: z.string(),
  author: z.string(),
  committedAt: Moment.nullable(),
  pullRequest: z.object({ number: z.number().int(), title: z.string(), headRepository: z.string() }).nullable(),
});
export type ChangeView = z.infer<typeof ChangeView>;

/** A build without its jobs: a row of a list. `counts` has an entry for each job state that occurs. */
export const BuildSummary = z.object({
  id: Id,
  projectId: Id,
  projectName: z.string(),
  /** Counts from 1 in each project. */
  number: z.number().int().positive(),
  state: BuildState,
  change: ChangeView,
  /** `reason` in words; null where nothing is to be said. `contributor`: whose pull request it is of. */
  trust: z.object({ level: BuildTrust, reason: z.string().nullable(), contributor: z.string().nullable() }),
  counts: z.partialRecord(JobState, z.number().int()),
  createdAt: Moment,
  startedAt: Moment.nullable(),
  finishedAt: Moment.nullable(),
});
export type BuildSummary = z.infer<typeof BuildSummary>;

export const ProjectView = z.object({
  id: Id,
  name: z.string(),
  url: z.string(),
  /** The provider instance that reads it, `git`. */
  scm: z.string(),
  defaultBranch: z.string().nullable(),
  /** What it is called as an interpreter, where its repository is a fork of Python; null where it is not. */
  fork: z.string().nullable(),
  /** Groups that an admin has put it into: terms of licences name them. */
  groups: z.array(z.string()),
  settings: z.object({
    /** Seconds between looks at the repository; null: never by itself. */
    pollSeconds: z.number().int().positive().nullable(),
    /** A newer build of the same branch cancels the older ones' unfinished jobs. */
    cancelSuperseded: z.boolean(),
    /** How well a machine must be kept apart at least to run its jobs. */
    isolation: IsolationLevel,
    /** People with the right may be let into machines of its jobs even though these hold its secrets. */
    shellWithSecrets: z.boolean(),
    trust: TrustPolicy,
    statuses: StatusDetail,
  }),
  /** What its code host can do for it. */
  abilities: z.object({ webhooks: z.boolean(), statuses: z.boolean(), people: z.boolean(), pullRequests: z.boolean() }),
  /** Told only to who may change them: false for everybody else. */
  hasCredentials: z.boolean(),
  /** Told only to who may change them: empty for everybody else. */
  secretNames: z.array(z.string()),
  /** The newest build of the default branch or, if there is none, of any. */
  lastBuild: BuildSummary.nullable(),
  createdAt: Moment,
});
export type ProjectView = z.infer<typeof ProjectView>;

/** A job as a cell of the matrix. */
export const JobSummary = z.object({
  id: Id,
  buildId: Id,
  /** Counts from 1 in the build: the job's number is `BUILD.POSITION`. */
  position: z.number().int().positive(),
  name: z.string(),
  stage: z.string(),
  allowFailure: z.boolean(),
  cell: z.object({ column: z.string(), row: z.string() }),
  /** What it runs on, as its description has it: `linux`, `windows`. */
  system: z.string(),
  /** Null: any. */
  architecture: z.string().nullable(),
  state: JobState,
  /** Why it is in that state, in words: what it waits for, or why it ended so. Null where the state says it all. */
  reason: z.string().nullable(),
  /** The newest attempt's number; 0 before the first. */
  attempt: z.number().int().nonnegative(),
  /** How much of the code the tests of its newest attempt ran, percent; null where nothing says so. */
  coverage: z.number().nullable(),
  queuedAt: Moment.nullable(),
  startedAt: Moment.nullable(),
  finishedAt: Moment.nullable(),
});
export type JobSummary = z.infer<typeof JobSummary>;

export const BuildView = BuildSummary.extend({
  jobs: z.array(JobSummary),
  stages: z.array(z.string()),
  messages: z.array(Message),
  /** The file the jobs come from: `.travis.yml`; null where none was found. */
  description: z.string().nullable(),
});
export type BuildView = z.infer<typeof BuildView>;

/** A step of the newest attempt. Offsets are bytes of the stored log, lines count from 0; `end...` is null while it runs. */
export const StepView = z.object({
  index: z.number().int().nonnegative(),
  phase: z.string(),
  title: z.string(),
  startedAt: Moment,
  finishedAt: Moment.nullable(),
  exitCode: z.number().int().nullable(),
  startOffset: z.number().int().nonnegative(),
  endOffset: z.number().int().nonnegative().nullable(),
  startLine: z.number().int().nonnegative(),
  endLine: z.number().int().nonnegative().nullable(),
});
export type StepView = z.infer<typeof StepView>;

export const AttemptView = z.object({
  number: z.number().int().positive(),
  state: JobState,
  reason: z.string().nullable(),
  machine: z.string().nullable(),
  /** In words: how well the machine was kept apart. */
  isolation: z.string().nullable(),
  image: z.string().nullable(),
  /** SHA-256 of what its machine was made from; null where that is not known. */
  imageDigest: z.string().nullable(),
  host: z.string().nullable(),
  /** Its machine was lost: that is no verdict about the job. */
  lost: z.boolean(),
  /** What its machine tried to reach and might not. `port` is null where the protocol has none. */
  denied: z.array(
    z.object({ protocol: z.enum(['tcp', 'udp', 'icmp']), address: z.string(), port: z.number().int().nullable(), count: z.number().int() }),
  ),
  /** Products of which it has a seat, or had one. */
  licenses: z.array(z.string()),
  /** What its report files or its log say of its tests; null where they say nothing of any, or it is not at its end. */
  tests: TestReport.nullable(),
  /** How much of the code its tests ran, percent; null where nothing says so. */
  coverage: z.number().nullable(),
  /** What could not be read of its tests, sentences for people. */
  testNotes: z.array(z.string()),
  /** Until when its machine is held after its end for a person to look into it; null: it is not. */
  heldUntil: Moment.nullable(),
  startedAt: Moment.nullable(),
  finishedAt: Moment.nullable(),
  logSize: z.number().int().nonnegative(),
});
export type AttemptView = z.infer<typeof AttemptView>;

export const JobView = JobSummary.extend({
  projectId: Id,
  projectName: z.string(),
  buildNumber: z.number().int().positive(),
  buildState: BuildState,
  change: ChangeView,
  config: z.record(z.string(), z.json()),
  attempts: z.array(AttemptView),
  steps: z.array(StepView),
  /** Stored bytes of the newest attempt's log now. */
  logSize: z.number().int().nonnegative(),
  /** Complete lines in it now (the last, unfinished one counts once it has a byte). */
  logLines: z.number().int().nonnegative(),
  logComplete: z.boolean(),
  /** Failed tests of its attempts that are known to be flaky. */
  flaky: z.array(FlakyNote),
  /** For how long the machine of an attempt that fails is held; null: not at all. */
  holdMinutes: z.number().int().nullable(),
  /** Why nobody may be let into its machine now, as a sentence; null if who has the right may. */
  shellRefused: z.string().nullable(),
});
export type JobView = z.infer<typeof JobView>;

/**
 * Where lines are in a log, sparsely: entry i says that line `line` (from 0) begins at byte `offset` and arrived at `at` (milliseconds since
 * 1970). Sorted; the first entry is line 0 at offset 0; neighbours are at most about 64 KB apart, except within one very long line.
 */
export const LogIndex = z.object({
  attempt: z.number().int(),
  size: z.number().int(),
  lines: z.number().int(),
  complete: z.boolean(),
  entries: z.array(z.tuple([z.number().int(), z.number().int(), z.number()])),
});
export type LogIndex = z.infer<typeof LogIndex>;

/** Lines of a log that contain a text (case-insensitive). `total` counts all; `lines` holds the first 10,000 of them, from 0. */
export const LogSearch = z.object({ total: z.number().int(), lines: z.array(z.number().int()), complete: z.boolean() });
export type LogSearch = z.infer<typeof LogSearch>;

export const QueueEntry = z.object({
  job: JobSummary,
  projectId: Id,
  projectName: z.string(),
  buildNumber: z.number().int(),
  /** 1 is next. */
  place: z.number().int().positive(),
  /** In words: what it waits for. Never empty. */
  reason: z.string().min(1),
});
export const QueueView = z.object({ total: z.number().int(), entries: z.array(QueueEntry) });
export type QueueEntry = z.infer<typeof QueueEntry>;
export type QueueView = z.infer<typeof QueueView>;

/** Something that somebody did and that stays traceable. */
export const AuditEntry = z.object({
  id: Id,
  at: Moment,
  who: z.string(),
  action: z.string(),
  target: z.string(),
  details: z.record(z.string(), z.json()),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

/** RFC 9457. `id` finds the request in the server's log. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  id: z.string(),
  /** For a body that does not fit: each place and what is wrong there. */
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof Problem>;

export const Health = z.object({ status: z.enum(['ok', 'waiting']), version: z.string(), database: z.string(), startedAt: Moment });
export type Health = z.infer<typeof Health>;
