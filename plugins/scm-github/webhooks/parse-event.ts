import type { ZodType, output } from 'zod';
import type { Delivery, HostEvent } from '#plugins/api';
import { CheckRunPayload, CheckSuitePayload, readCheckRun, readCheckSuite } from './checks.ts';
import { IssueCommentPayload, readIssueComment, readReview, readReviewComment, ReviewCommentPayload, ReviewPayload } from './comments.ts';
import { PullRequestPayload, readPullRequest } from './pull-requests.ts';
import { PushPayload, readCreate, readDelete, readPush, RefPayload } from './push.ts';
import { readDelivery } from './read-delivery.ts';
import { ignored, type Identify } from './readers.ts';

/** What is needed to know what an event means. */
export interface Reading {
  readonly identify: Identify;
  /** The App whose check runs are ours; null without one. */
  readonly appId: number | null;
}

type Reader = (payload: unknown, reading: Reading) => HostEvent;

const READERS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['push', of(PushPayload, (push, { identify }) => readPush(push, identify))],
  ['create', of(RefPayload, (created, { identify }) => readCreate(created, identify))],
  ['delete', of(RefPayload, (deleted, { identify }) => readDelete(deleted, identify))],
  ['pull_request', of(PullRequestPayload, (payload, { identify }) => readPullRequest(payload, identify))],
  ['issue_comment', of(IssueCommentPayload, (payload, { identify }) => readIssueComment(payload, identify))],
  ['pull_request_review', of(ReviewPayload, (payload, { identify }) => readReview(payload, identify))],
  ['pull_request_review_comment', of(ReviewCommentPayload, (payload, { identify }) => readReviewComment(payload, identify))],
  ['check_run', of(CheckRunPayload, (payload, { identify, appId }) => readCheckRun(payload, identify, appId))],
  ['check_suite', of(CheckSuitePayload, (payload, { identify, appId }) => readCheckSuite(payload, identify, appId))],
  ['ping', () => ({ kind: 'ping' })],
  ['installation', () => ignored('which repositories the App reaches is asked for when it matters')],
  ['installation_repositories', () => ignored('which repositories the App reaches is asked for when it matters')],
]);

/** What a delivery says. Never throws. */
export function parseEvent(delivery: Delivery, reading: Reading): HostEvent {
  const read = readDelivery(delivery);
  if ('problem' in read) return ignored(read.problem);
  const reader = READERS.get(read.event);
  return reader === undefined ? ignored(`the event ${read.event} does not concern a CI`) : reader(read.payload, reading);
}

function of<Schema extends ZodType>(schema: Schema, read: (payload: output<Schema>, reading: Reading) => HostEvent): Reader {
  return (payload, reading) => {
    const { data, error } = schema.safeParse(payload);
    if (error === undefined) return read(data, reading);
    const [first] = error.issues;
    return ignored(`it is not what GitHub sends (${first?.path.map(String).join('.') ?? ''}: ${first?.message ?? ''})`);
  };
}
