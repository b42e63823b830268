import { z } from 'zod';
import type { Contributor, HostEvent, PushedRef } from '#plugins/api';
import { Account, CommitId, RepositoryName, contributorOf } from './schemas.ts';
import { ignored, type Identify } from './readers.ts';

const NONE = /^0+$/;

/** https://docs.github.com/en/webhooks/webhook-events-and-payloads#push */
export const PushPayload = z.object({
  ref: z.string(),
  before: CommitId,
  after: CommitId,
  created: z.boolean(),
  deleted: z.boolean(),
  /** Null for a deletion. Of an annotated tag it is the commit, where `after` is the tag's own object. */
  head_commit: z.object({ id: CommitId }).nullish(),
  repository: RepositoryName,
  pusher: z.object({ name: z.string().min(1) }).nullish(),
  sender: Account.nullish(),
});

/** https://docs.github.com/en/webhooks/webhook-events-and-payloads#create, and #delete */
export const RefPayload = z.object({
  ref: z.string().min(1),
  ref_type: z.enum(['branch', 'tag', 'repository']),
  repository: RepositoryName,
  sender: Account.nullish(),
});

/** A push moves one ref. */
export function readPush(push: z.infer<typeof PushPayload>, identify: Identify): HostEvent {
  const [, kind, name] = /^refs\/(heads|tags)\/(.+)$/.exec(push.ref) ?? [];
  if (kind === undefined || name === undefined) return ignored('a push of something that is neither a branch nor a tag');
  const event = { kind: 'push', repository: identify(push.repository.full_name), by: pusherOf(push) } as const;
  const ref = pushedRef(push, kind === 'tags' ? 'tag' : 'branch', name);
  // Of a tag whose commit is not told the repository says more.
  return ref === null ? { ...event, refs: [], truncated: true } : { ...event, refs: [ref], truncated: false };
}

/** That a ref was made is told without its commit: the repository must be looked at. */
export function readCreate({ ref_type: type, repository, sender }: z.infer<typeof RefPayload>, identify: Identify): HostEvent {
  if (type === 'repository') return ignored('a new repository has nothing to build yet');
  return { kind: 'push', repository: identify(repository.full_name), by: sender ? contributorOf(sender) : null, refs: [], truncated: true };
}

/** Tells the same as the push that deletes. */
export function readDelete({ ref, ref_type: type, repository, sender }: z.infer<typeof RefPayload>, identify: Identify): HostEvent {
  if (type === 'repository') return ignored('a repository that is gone has nothing to build');
  const refs = [{ kind: type, name: ref, commit: null, before: null }];
  return { kind: 'push', repository: identify(repository.full_name), by: sender ? contributorOf(sender) : null, refs, truncated: false };
}

function pushedRef(push: z.infer<typeof PushPayload>, kind: 'branch' | 'tag', name: string): PushedRef | null {
  const before = push.created || NONE.test(push.before) ? null : push.before;
  if (push.deleted || NONE.test(push.after)) return { kind, name, commit: null, before };
  const commit = kind === 'tag' ? push.head_commit?.id : push.after;
  return commit === undefined ? null : { kind, name, commit, before };
}

function pusherOf({ sender, pusher }: z.infer<typeof PushPayload>): Contributor | null {
  if (sender) return contributorOf(sender);
  return pusher ? { id: null, name: pusher.name } : null;
}
