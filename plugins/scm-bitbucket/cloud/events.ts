import { z } from 'zod';
import type { HostEvent, PushedRef } from '#plugins/api';
import type { Addresses } from '../addresses.ts';
import { ignored, isoDate, pullRequestEvent, readAs, type PullRequestAction } from '../events.ts';
import { CloudAccount, CloudCommit, CloudPullRequest, CloudRepository, contributorOf, pullRequestOf } from './shapes.ts';

const CloudRef = z.object({ type: z.string(), name: z.string().min(1), target: z.object({ hash: CloudCommit }).nullish() });

const Push = z.object({
  actor: CloudAccount.nullish().catch(null),
  repository: CloudRepository,
  push: z.object({ changes: z.array(z.object({ new: CloudRef.nullish(), old: CloudRef.nullish(), truncated: z.boolean().nullish() })) }),
});

const AboutPullRequest = z.object({ repository: CloudRepository, pullrequest: CloudPullRequest });

const Comment = z.object({
  actor: CloudAccount.nullish(),
  repository: CloudRepository,
  pullrequest: z.object({ id: z.number().int().positive() }),
  comment: z.object({ content: z.object({ raw: z.string() }), user: CloudAccount.nullish(), created_on: z.string().nullish() }),
});

/** `updated` tells of new commits and of a new title alike: who looks at the commit sees which. */
const ACTIONS = new Map<string, PullRequestAction>([
  ['pullrequest:created', 'opened'],
  ['pullrequest:updated', 'updated'],
  ['pullrequest:fulfilled', 'closed'],
  ['pullrequest:rejected', 'closed'],
]);

const KINDS = new Map<string, PushedRef['kind']>([
  ['branch', 'branch'],
  ['tag', 'tag'],
  ['annotated_tag', 'tag'],
]);

/** The events that hooks at Bitbucket Cloud are for. */
export const CLOUD_EVENTS = ['repo:push', ...ACTIONS.keys(), 'pullrequest:comment_created'];

/** What a payload of Bitbucket Cloud says (support.atlassian.com/bitbucket-cloud/docs/event-payloads). */
export function readCloudEvent(key: string, payload: unknown, addresses: Addresses): HostEvent {
  const action = ACTIONS.get(key);
  if (key === 'repo:push') return readAs(Push, key, payload, (push) => pushed(push, addresses));
  if (action !== undefined) return readAs(AboutPullRequest, key, payload, (about) => changed(about, action, addresses));
  if (key === 'pullrequest:comment_created') return readAs(Comment, key, payload, (comment) => commented(comment, addresses));
  return ignored(`Nothing is built for ${key}.`);
}

function pushed({ actor, repository, push }: z.infer<typeof Push>, addresses: Addresses): HostEvent {
  if (repository.scm === 'hg') return ignored('It is about a Mercurial repository: Bitbucket has none any more.');
  const address = addresses.named(repository.full_name);
  if (address === null) return ignored('It names no repository.');
  const refs = push.changes.map(refOf);
  return {
    kind: 'push',
    repository: addresses.identity(address),
    by: actor ? contributorOf(actor) : null,
    refs: refs.filter((ref) => ref !== null),
    // A push of many refs comes without any. That a list of commits was cut short loses no ref; a look at the repository does no harm.
    truncated: refs.length === 0 || refs.includes(null) || push.changes.some((change) => change.truncated === true),
  };
}

/** Null for what is no ref, or does not say where it is now. */
function refOf({ new: now, old }: z.infer<typeof Push>['push']['changes'][number]): PushedRef | null {
  const kind = KINDS.get((now ?? old)?.type ?? '');
  const name = (now ?? old)?.name;
  const commit = now ? now.target?.hash : null;
  if (kind === undefined || name === undefined || commit === undefined) return null;
  return { kind, name, commit, before: old?.target?.hash ?? null };
}

function changed({ repository, pullrequest }: z.infer<typeof AboutPullRequest>, action: PullRequestAction, addresses: Addresses): HostEvent {
  const address = addresses.named(repository.full_name);
  if (address === null) return ignored('It names no repository.');
  const pullRequest = pullRequestOf(pullrequest, address, addresses);
  if (pullRequest === null) return ignored('Bitbucket names no commit for it any more: its branch is gone.');
  return pullRequestEvent(addresses.identity(address), action, pullRequest);
}

/** The head that payloads name is abbreviated, and so no proof of what was seen: it is left out. */
function commented({ actor, repository, pullrequest, comment }: z.infer<typeof Comment>, addresses: Addresses): HostEvent {
  const address = addresses.named(repository.full_name);
  if (address === null) return ignored('It names no repository.');
  const by = contributorOf(comment.user ?? actor);
  const at = isoDate(comment.created_on);
  return { kind: 'comment', repository: addresses.identity(address), number: pullrequest.id, by, text: comment.content.raw, commit: null, at };
}
