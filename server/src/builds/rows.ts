import type { Change } from '#plugins/api';
import type { BuildState, BuildSummary, BuildTrust, ChangeView, JobState, JobSummary } from '#server/api';

/** A build as `build-views.ts` reads it. */
export interface BuildRow {
  readonly id: number;
  readonly projectId: number;
  readonly projectName: string;
  readonly number: number;
  readonly state: BuildState;
  readonly change: Change;
  readonly trust: BuildTrust;
  readonly trustReason: string | null;
  readonly contributor: string | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly counts: Partial<Record<JobState, number>> | null;
}

/** A job as `build-views.ts` reads it. */
export interface JobRow {
  readonly id: number;
  readonly buildId: number;
  readonly position: number;
  readonly name: string;
  readonly stage: string;
  readonly allowFailure: boolean;
  readonly cell: { column: string; row: string };
  readonly system: string;
  readonly architecture: string | null;
  readonly state: JobState;
  readonly reason: string | null;
  readonly attempt: number;
  readonly coverage: number | null;
  readonly queuedAt: Date | null;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

export function buildSummary({ trust, trustReason, contributor, ...row }: BuildRow): BuildSummary {
  return {
    ...row,
    change: changeView(row.change),
    trust: { level: trust, reason: trustReason, contributor },
    counts: row.counts ?? {},
    createdAt: row.createdAt.toISOString(),
    startedAt: moment(row.startedAt),
    finishedAt: moment(row.finishedAt),
  };
}

export function jobSummary(row: JobRow): JobSummary {
  return { ...row, queuedAt: moment(row.queuedAt), startedAt: moment(row.startedAt), finishedAt: moment(row.finishedAt) };
}

export function changeView(change: Change): ChangeView {
  const { kind, branch, tag, commit, message, author, committedAt, pullRequest } = change;
  return {
    kind,
    branch,
    tag,
    commit,
    message: shortMessage(message),
    author,
    committedAt: committedAt === null ? null : new Date(committedAt).toISOString(),
    pullRequest: pullRequest && { number: pullRequest.number, title: pullRequest.title, headRepository: pullRequest.headRepository },
  };
}

/** So much of a commit's message is shown: it is sent with each build of a list, and may be a book. Characters. */
const SHOWN_MESSAGE = 2_000;

function shortMessage(message: string): string {
  if (message.length <= SHOWN_MESSAGE) return message;
  // Not between the halves of a character.
  return `${message.slice(0, SHOWN_MESSAGE).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** A moment as clients see it. */
export function moment(date: Date | null): string | null {
  return date === null ? null : date.toISOString();
}
