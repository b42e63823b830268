import { z } from 'zod';
import type { HostEvent, PushedRef } from '#plugins/api';
import type { Addresses } from '../addresses.ts';
import { ignored, isoDate, pullRequestEvent, readAs, type PullRequestAction } from '../events.ts';
import {
  DataCenterCommit,
  DataCenterPullRequest,
  DataCenterRepository,
  DataCenterUser,
  addressOf,
  branchName,
  contributorOf,
  pullRequestOf,
} from './shapes.ts';

const RefChange = z.object({ ref: z.object({ id: z.string() }), fromHash: DataCenterCommit, toHash: DataCenterCommit });

const Push = z.object({ actor: DataCenterUser.nullish().catch(null), repository: DataCenterRepository, changes: z.array(RefChange) });

const AboutPullRequest = z.object({ pullRequest: DataCenterPullRequest, previousTarget: z.object({ id: z.string() }).nullish() });

const Comment = z.object({
  pullRequest: DataCenterPullRequest,
  // Milliseconds since 1970; from 10.3 on ISO 8601.
  comment: z.object({ text: z.string(), author: DataCenterUser, createdDate: z.union([z.number(), z.string()]).nullish() }),
});

const ACTIONS = new Map<string, PullRequestAction>([
  ['pr:opened', 'opened'],
  ['pr:from_ref_updated', 'updated'],
  ['pr:modified', 'edited'],
  ['pr:merged', 'closed'],
  ['pr:declined', 'closed'],
  ['pr:deleted', 'closed'],
]);

const REF = /^refs\/(heads|tags)\/(.+)$/;
const NOWHERE = /^0+$/;

/** The events that hooks at a Data Center are for. */
export const DATA_CENTER_EVENTS = ['repo:refs_changed', ...ACTIONS.keys(), 'pr:comment:added'];

/** What a payload of Bitbucket Data Center says (confluence.atlassian.com/bitbucketserver/event-payload-938025882.html). */
export function readDataCenterEvent(key: string, payload: unknown, addresses: Addresses): HostEvent {
  const action = ACTIONS.get(key);
  if (key === 'diagnostics:ping') return { kind: 'ping' };
  if (key === 'repo:refs_changed') return readAs(Push, key, payload, (push) => pushed(push, addresses));
  if (action !== undefined) return readAs(AboutPullRequest, key, payload, (about) => changed(about, action, addresses));
  if (key === 'pr:comment:added') return readAs(Comment, key, payload, (comment) => commented(comment, addresses));
  if (key.startsWith('mirror:')) return ignored('A mirror was brought up to date: the push was told of by itself.');
  return ignored(`Nothing is built for ${key}.`);
}

function pushed({ actor, repository, changes }: z.infer<typeof Push>, addresses: Addresses): HostEvent {
  const address = addressOf(repository, addresses);
  if (address === null) return ignored('It names no repository.');
  const refs = changes.flatMap(refOf);
  return {
    kind: 'push',
    repository: addresses.identity(address),
    by: actor ? contributorOf(actor) : null,
    refs,
    // Notes and the like are no loss; that there is nothing at all is odd enough for a look.
    truncated: changes.length === 0,
  };
}

/** The commit of an annotated tag is the tag's own id here. */
function refOf({ ref, fromHash, toHash }: z.infer<typeof RefChange>): PushedRef[] {
  const [, place, name = ''] = REF.exec(ref.id) ?? [];
  if (place === undefined) return [];
  return [{ kind: place === 'tags' ? 'tag' : 'branch', name, commit: commitOf(toHash), before: commitOf(fromHash) }];
}

function commitOf(hash: string): string | null {
  return NOWHERE.test(hash) ? null : hash;
}

/** A new title is nothing to build; another branch to go to is. */
function changed({ pullRequest, previousTarget }: z.infer<typeof AboutPullRequest>, action: PullRequestAction, addresses: Addresses): HostEvent {
  const address = addressOf(pullRequest.toRef.repository, addresses);
  if (address === null) return ignored('It names no repository.');
  const moved = action === 'edited' && previousTarget && branchName(previousTarget.id) !== branchName(pullRequest.toRef.id);
  return pullRequestEvent(addresses.identity(address), moved ? 'updated' : action, pullRequestOf(pullRequest, address, addresses));
}

function commented({ pullRequest, comment }: z.infer<typeof Comment>, addresses: Addresses): HostEvent {
  const address = addressOf(pullRequest.toRef.repository, addresses);
  if (address === null) return ignored('It names no repository.');
  return {
    kind: 'comment',
    repository: addresses.identity(address),
    number: pullRequest.id,
    by: contributorOf(comment.author),
    text: comment.text,
    // What its writer looked at Data Center does not say: the head that it names may have been pushed while he wrote.
    commit: null,
    at: isoDate(comment.createdDate),
  };
}
