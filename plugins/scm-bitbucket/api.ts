import type { HostEvent, People, PullRequest, PullRequests, Repository, RepositoryOffer, Statuses } from '#plugins/api';

/** A webhook as the host has it. */
export interface Hook {
  readonly id: string;
  readonly url: string;
  readonly active: boolean;
  readonly events: readonly string[];
}

/** What a webhook is to be. */
export interface HookWish {
  readonly url: string;
  readonly secret: string;
}

/** The webhooks of a repository: one request each. Codes as `Webhooks.ensure`. */
export interface HookStore {
  /** The events that a hook of ours is for. */
  readonly events: readonly string[];
  list(repository: Repository, signal: AbortSignal): AsyncIterable<Hook>;
  create(repository: Repository, wish: HookWish, signal: AbortSignal): Promise<void>;
  update(repository: Repository, id: string, wish: HookWish, signal: AbortSignal): Promise<void>;
  /** Succeeds where it is gone already. */
  remove(repository: Repository, id: string, signal: AbortSignal): Promise<void>;
}

/** What Cloud and Data Center each do in their own way. */
export interface BitbucketApi {
  readonly hooks: HookStore;
  readonly statuses: Statuses;
  readonly people: People;
  readonly pullRequests: PullRequests;
  /** What the payload of an event says. Pure; never throws. */
  readEvent(key: string, payload: unknown): HostEvent;
  /** The same pull request with the full id of its head, where the host's webhooks abbreviate it. Codes as `Statuses`. */
  complete(repository: Repository, pullRequest: PullRequest, signal: AbortSignal): Promise<PullRequest>;
  /** Throws `unauthorized` without credentials of the instance's own. */
  repositories(signal: AbortSignal): Promise<readonly RepositoryOffer[]>;
}
