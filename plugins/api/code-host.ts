import { z } from 'zod';
import type { Repository } from './scm.ts';

/** Somebody at a code host, as that host tells of him. `id` stays when `name` (the login) changes; null where the host gives none. */
export const Contributor = z.object({ id: z.string().nullable(), name: z.string().min(1) });
export type Contributor = z.infer<typeof Contributor>;

/** A pull request (at Bitbucket and elsewhere: a change or merge request) as it stood when it was told of. */
export const PullRequest = z.object({
  number: z.number().int().positive(),
  title: z.string(),
  author: Contributor,
  /** The branch it wants to go to, and where that is: null where the host does not say. */
  baseBranch: z.string(),
  baseCommit: z.string().nullable(),
  headBranch: z.string(),
  /** Where the host abbreviates it (webhooks of Bitbucket Cloud have 12 digits): as it is. `ScmProvider.change` takes that, too, and gives the full id. */
  headCommit: z.string(),
  /** `owner/name` of the repository it comes from; null where that is gone. */
  headRepository: z.string().nullable(),
  /** Where its head can be fetched: a full ref of the repository it goes to, `refs/pull/7/head`; null where the host has none. */
  headRef: z.string().nullable(),
  /** The URL of the repository it comes from, for hosts without such refs. */
  headUrl: z.string().nullable(),
  isOpen: z.boolean(),
  webUrl: z.string().nullable(),
});
export type PullRequest = z.infer<typeof PullRequest>;

/** One ref that a push moved. `commit` null: it was deleted. `before` null: it is new, or not known. */
export const PushedRef = z.object({
  kind: z.enum(['branch', 'tag']),
  name: z.string().min(1),
  commit: z.string().nullable(),
  before: z.string().nullable(),
});
export type PushedRef = z.infer<typeof PushedRef>;

/**
 * What a webhook tells. `repository` is what `ScmProvider.identify` makes of its URL, so that projects are found by it.
 * - `push`: refs moved. `truncated`: the host left some out, so the repository must be looked at.
 * - `pull-request`: it was opened, has other commits, was closed, or something else about it changed (`edited`: nothing to build).
 * - `comment`: somebody wrote to a pull request. `commit`: the revision he wrote it about, where the host says so.
 * - `rerun`: somebody asks to run a commit again; `job`: the `key` of a `StatusReport`, or null for all of it.
 * - `ping`: the host tries whether it is heard.
 * - `ignored`: nothing of it concerns a CI; `reason` in words.
 */
export const HostEvent = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('push'),
    repository: z.string(),
    by: Contributor.nullable(),
    refs: z.array(PushedRef),
    truncated: z.boolean(),
  }),
  z.object({
    kind: z.literal('pull-request'),
    repository: z.string(),
    action: z.enum(['opened', 'updated', 'closed', 'edited']),
    pullRequest: PullRequest,
  }),
  z.object({
    kind: z.literal('comment'),
    repository: z.string(),
    number: z.number().int().positive(),
    by: Contributor,
    text: z.string(),
    commit: z.string().nullable(),
    /** When it was written; ISO 8601. */
    at: z.string().nullable(),
  }),
  z.object({ kind: z.literal('rerun'), repository: z.string(), commit: z.string(), job: z.string().nullable(), by: Contributor }),
  z.object({ kind: z.literal('ping') }),
  z.object({ kind: z.literal('ignored'), reason: z.string().min(1) }),
]);
export type HostEvent = z.infer<typeof HostEvent>;

/** One call of a webhook as it came in. */
export interface Delivery {
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** The bytes as they were sent: signatures are over these. */
  readonly body: Uint8Array;
}

/** How a code host calls us. `verify`, `idOf`, `nameOf` and `parse` are pure and know nothing of each other's calls. */
export interface Webhooks {
  /** The secret of hooks that are set up for the whole instance (a GitHub App's, say); null where only projects have hooks. */
  readonly secret: string | null;
  /**
   * Throws `unauthorized`, with a sentence that says what is wrong, unless the delivery is signed with one of the secrets. Compares in constant time, over
   * the raw body. Never accepts what the host would not send today (SHA-1 alone, a signature in another host's header).
   */
  verify(delivery: Delivery, secrets: readonly string[]): void;
  /** The host's own id of the delivery, by which it is processed once; null where the host gives none. */
  idOf(delivery: Delivery): string | null;
  /** What the host calls the event, for people: `pull_request.opened`. */
  nameOf(delivery: Delivery): string;
  /** What it says. Never throws: what cannot be read, or does not concern us, is `ignored` with the reason. */
  parse(delivery: Delivery): HostEvent;
  /**
   * Makes the host call `url` for the events we know, signed with `secret`. Called again it changes what differs and makes no second hook. Codes: `unauthorized`
   * (no credentials that may), `not-found`, `unavailable`, `rate-limited`, `rejected`. Absent where the host has no way to.
   */
  ensure?(
    repository: Repository,
    hook: { readonly url: string; readonly secret: string },
    signal: AbortSignal,
  ): Promise<'created' | 'changed' | 'unchanged'>;
  /** Takes the hook for `url` away; succeeds where there is none. */
  remove?(repository: Repository, url: string, signal: AbortSignal): Promise<void>;
}

/** Something to be said beside a line of the change. Its texts are a job's: not to be trusted. */
export interface Annotation {
  /** A path of the repository; it need not be there. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly level: 'failure' | 'warning';
  readonly title: string;
  /** Never blank. */
  readonly message: string;
}

/** What a commit's page at the code host is to say. */
export interface StatusReport {
  readonly commit: string;
  /** Which of the commit's statuses this is: the same key again overwrites. `terrarium`, or `terrarium/JOB`. At most 200 characters. */
  readonly key: string;
  /** `held`: it waits for a maintainer's approval. */
  readonly state: 'held' | 'queued' | 'running' | 'passed' | 'failed' | 'errored' | 'canceled';
  /** One line, at most 140 characters. */
  readonly summary: string;
  /** More lines of plain text, for hosts that show them. */
  readonly details: readonly string[];
  /** At most 100; the same ones whenever this state is told. For hosts that show them. */
  readonly annotations: readonly Annotation[];
  /** Where to read more. */
  readonly url: string;
  /** The branch or tag, and the pull request, that it was built for. */
  readonly branch: string;
  readonly pullRequest: number | null;
  /** ISO 8601. */
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
}

/** Tells the code host how a commit does. At least once, in order for each key; the last one wins. */
export interface Statuses {
  /** Codes: `not-found` and `rejected` (never again), `unauthorized`, `rate-limited` and `unavailable` (tried again). */
  report(repository: Repository, report: StatusReport, signal: AbortSignal): Promise<void>;
}

/** What somebody may do with a repository at its code host. */
export type HostPermission = 'admin' | 'write' | 'read' | 'none';

/**
 * Who people are at the code host. Every answer is asked for there, never taken from a payload. Codes as `Statuses`, and `unsupported` for what the host tells nobody (who is in
 * a group, say).
 */
export interface People {
  /** The account of that name now; null if there is none. */
  find(name: string, signal: AbortSignal): Promise<Contributor | null>;
  permission(repository: Repository, who: Contributor, signal: AbortSignal): Promise<HostPermission>;
  /** Whether he is a member of a group: `ORGANISATION` or `ORGANISATION/TEAM`, as the host calls it. */
  isMember(repository: Repository, group: string, who: Contributor, signal: AbortSignal): Promise<boolean>;
  /** Whether a pull request of his was ever merged into the repository. */
  hasMerged(repository: Repository, who: Contributor, signal: AbortSignal): Promise<boolean>;
}

/** Pull requests of a code host. Codes as `Statuses`. */
export interface PullRequests {
  /** As it stands now. Asked before a head is built or approved by comment: what a hook told may be late, or told again. Without it no comment approves anything. */
  get(repository: Repository, number: number, signal: AbortSignal): Promise<PullRequest>;
  /** Those that are open, newest first. */
  open(repository: Repository, signal: AbortSignal): Promise<readonly PullRequest[]>;
  /** Writes to it, plain text. Absent where that is not possible. */
  comment?(repository: Repository, number: number, text: string, signal: AbortSignal): Promise<void>;
}

/** A repository that somebody may want to add. */
export interface RepositoryOffer {
  readonly url: string;
  /** `owner/name`. */
  readonly name: string;
  readonly isPrivate: boolean;
  /** One line, or empty. */
  readonly description: string;
}
