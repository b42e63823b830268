import { createHmac, randomUUID } from 'node:crypto';
import type { Delivery } from '#plugins/api';
import { cloudPullRequestPayload, cloudPush } from './cloud-shapes.ts';
import { dataCenterPullRequestPayload, dataCenterPush } from './data-center-shapes.ts';
import type { FakeBitbucket } from './fake-bitbucket.ts';
import type { FakePullRequest, FakeRepository, FakeUser } from './fake-state.ts';

/** A delivery that was sent, and what it was answered with. */
export interface Sent {
  readonly url: string;
  readonly delivery: Delivery;
  readonly status: number;
}

type About = 'opened' | 'updated' | 'merged' | 'declined' | 'comment';

const KEYS = {
  cloud: {
    opened: 'pullrequest:created',
    updated: 'pullrequest:updated',
    merged: 'pullrequest:fulfilled',
    declined: 'pullrequest:rejected',
    comment: 'pullrequest:comment_created',
  },
  'data-center': {
    opened: 'pr:opened',
    updated: 'pr:from_ref_updated',
    merged: 'pr:merged',
    declined: 'pr:declined',
    comment: 'pr:comment:added',
  },
} as const satisfies Record<FakeBitbucket['flavour'], Record<About, string>>;

/** Sends the webhooks of a fake Bitbucket, as that would after what happened. */
export class Courier {
  private readonly host: FakeBitbucket;

  constructor(host: FakeBitbucket) {
    this.host = host;
  }

  /** Commits to a branch, makes open pull requests from it follow, and tells of all of it. */
  async push(repository: FakeRepository, by: FakeUser, branch: string, files: Readonly<Record<string, string>>, message?: string): Promise<Sent[]> {
    const before = repository.branches.get(branch) ?? null;
    const after = await repository.commit(branch, files, message);
    const sent = await this.tell(repository, this.pushDelivery(repository, by, { kind: 'branch', name: branch, before, after }));
    const followers = this.host.repositories.flatMap(({ pullRequests }) => pullRequests);
    for (const request of followers.filter((each) => each.from === repository && each.branch === branch && each.state === 'OPEN')) {
      await this.host.look(request);
      sent.push(...(await this.about(request, 'updated', by)));
    }
    return sent;
  }

  /** Tells of a pull request as it is now. */
  async about(request: FakePullRequest, what: About, by: FakeUser, comment: string | null = null): Promise<Sent[]> {
    return this.tell(request.to, this.pullRequestDelivery(request, what, by, comment));
  }

  /** Merges or declines a pull request, and tells of it. */
  async close(request: FakePullRequest, what: 'merged' | 'declined', by: FakeUser): Promise<Sent[]> {
    request.state = what === 'merged' ? 'MERGED' : 'DECLINED';
    return this.about(request, what, by);
  }

  /** An unsigned delivery of a push. */
  pushDelivery(
    repository: FakeRepository,
    by: FakeUser,
    ref: { readonly kind: 'branch' | 'tag'; readonly name: string; readonly before: string | null; readonly after: string | null },
  ): Delivery {
    const { flavour } = this.host;
    if (flavour === 'cloud') return this.pack('repo:push', cloudPush(this.host, repository, by, ref));
    return this.pack('repo:refs_changed', dataCenterPush(repository, by, ref));
  }

  /** An unsigned delivery about a pull request. */
  pullRequestDelivery(request: FakePullRequest, what: About, by: FakeUser, comment: string | null = null): Delivery {
    const key = KEYS[this.host.flavour][what];
    if (this.host.flavour === 'cloud') return this.pack(key, cloudPullRequestPayload(this.host, by, request, comment));
    return this.pack(key, dataCenterPullRequestPayload(key, by, request, comment));
  }

  /** Puts a payload into an unsigned delivery with the headers of this flavour. */
  pack(key: string, payload: unknown): Delivery {
    const own = this.host.flavour === 'cloud' ? { 'x-request-uuid': randomUUID(), 'x-attempt-number': '1' } : { 'x-request-id': randomUUID() };
    const headers = { 'content-type': 'application/json', 'user-agent': 'Bitbucket-Webhooks/2.0', 'x-event-key': key, ...own };
    return { headers, body: Buffer.from(JSON.stringify(payload)) };
  }

  /** Sends a delivery, signed unless `secret` is null. The same one again is what a second attempt is. */
  async send(url: string, secret: string | null, delivery: Delivery): Promise<Sent> {
    const signed = secret === null ? delivery : sign(delivery, secret);
    const { status } = await fetch(url, { method: 'POST', headers: signed.headers, body: signed.body });
    return { url, delivery: signed, status };
  }

  private async tell(repository: FakeRepository, delivery: Delivery): Promise<Sent[]> {
    const sent: Sent[] = [];
    for (const { url, secret, active, events } of repository.hooks) {
      if (active && events.includes(delivery.headers['x-event-key'] ?? '')) sent.push(await this.send(url, secret, delivery));
    }
    return sent;
  }
}

/** The delivery with the signature that Bitbucket gives it. */
export function sign(delivery: Delivery, secret: string): Delivery {
  const signature = createHmac('sha256', secret).update(delivery.body).digest('hex');
  return { ...delivery, headers: { ...delivery.headers, 'x-hub-signature': `sha256=${signature}` } };
}
