import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { DeliveryView } from '#server/api';
import { signedDelivery } from '../../plugins/scm-github/testing/fake-github.ts';
import { type FakeApp, FakeState } from '../../plugins/scm-github/testing/fake-state.ts';

/** What became of a call: the status of its answer, null if none came; and the milliseconds from when it was due until then. */
export interface Called {
  readonly id: string;
  readonly status: number | null;
  readonly ms: number;
}

/** One delivery that is to be sent; `id`: GitHub's of it. */
export interface Prepared {
  readonly id: string;
  readonly payload: unknown;
}

/** The most that `GET /api/deliveries` gives at once. */
const PAGE = 500;
/** GitHub gives up after 10 seconds: https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks */
const GIVE_UP_MS = 10_000;
/** As many repositories as an organisation may push to at the same time. */
const REPOSITORIES = 20;

/** An App whose secret signs, and the configuration of an instance `github` of it. Nothing is asked of a GitHub for payloads of repositories that are no project. */
export function hookApp(): { readonly app: FakeApp; readonly config: Record<string, unknown> } {
  const { app } = new FakeState();
  return { app, config: { app: { id: app.id, privateKey: app.privateKey, webhookSecret: app.webhookSecret } } };
}

/** A push to one of twenty repositories that nobody has a project of, with 9 to 25 commits: 8 to 20 kB, each with another body. */
export function preparePush(index: number): Prepared {
  const after = commitId(`${index}`);
  const name = `repository-${index % REPOSITORIES}`;
  const commits = Array.from({ length: 9 + (index % 17) }, (_, at) => commitOf(name, commitId(`${index} ${at}`)));
  const repository = { id: 1000 + (index % REPOSITORIES), name, full_name: `nobody/${name}`, private: false, default_branch: 'main' };
  const kind = { base_ref: null, created: false, deleted: false, forced: false };
  const payload = {
    ref: `refs/heads/topic-${index}`,
    before: commitId(`before ${index}`),
    after,
    ...kind,
    commits,
    head_commit: commits.at(-1),
    repository,
  };
  return { id: randomUUID(), payload: { ...payload, pusher: { name: 'ada' }, sender: { id: 7, login: 'ada', type: 'User' } } };
}

/** Calls a hook as GitHub does. Its connections are kept open from one call to the next. */
export class HookCaller {
  constructor(
    private readonly url: string,
    private readonly secret: string,
  ) {}

  /** Sends one. `due`: when it should have been sent, by `performance.now()`: what a sender that lags behind adds counts as well. Never throws. */
  async send({ id, payload }: Prepared, due = performance.now()): Promise<Called> {
    const { headers, body } = signedDelivery({ secret: this.secret, event: 'push', payload, id });
    try {
      const answer = await fetch(this.url, { method: 'POST', headers, body, signal: AbortSignal.timeout(GIVE_UP_MS) });
      // An answer counts from its first line on, which is all that a code host heeds; its body is read for the connection's sake.
      const called = { id, status: answer.status, ms: performance.now() - due };
      await answer.arrayBuffer().catch(() => null);
      return called;
    } catch {
      // The server was killed, or is not there yet: that is an outcome here.
      return { id, status: null, ms: performance.now() - due };
    }
  }

  /** Sends all of them, so many a second, whether earlier ones are answered or not. `heard` is called with each outcome as it comes. */
  async sendAll(prepared: readonly Prepared[], perSecond: number, heard: (called: Called) => void = () => undefined): Promise<Called[]> {
    const began = performance.now();
    const calls: Promise<Called>[] = [];
    for (const [index, one] of prepared.entries()) {
      const due = began + (index * 1000) / perSecond;
      const wait = due - performance.now();
      if (wait > 0) await pause(wait);
      const call = async (): Promise<Called> => {
        const called = await this.send(one, due);
        heard(called);
        return called;
      };
      calls.push(call());
    }
    return await Promise.all(calls);
  }
}

/** All deliveries that a server knows, newest first. `get` gives the JSON of a path of its interface. */
export async function allDeliveries(get: (path: string) => Promise<unknown>): Promise<DeliveryView[]> {
  const all: DeliveryView[] = [];
  for (;;) {
    const last = all.at(-1);
    const page = z.array(DeliveryView).parse(await get(`/api/deliveries?limit=${PAGE}${last === undefined ? '' : `&before=${last.id}`}`));
    all.push(...page);
    if (page.length < PAGE) return all;
  }
}

function commitOf(name: string, id: string): Record<string, unknown> {
  const ada = { name: 'Ada', email: 'ada@example.org', username: 'ada' };
  const message = `Mend what was found in ${id.slice(0, 8)}\n\n${'The reason is told at length, as good messages do. '.repeat(3)}`;
  const files = { added: [`src/${id}.py`], removed: [], modified: ['README.md', `tests/test_${id.slice(0, 12)}.py`, 'pyproject.toml'] };
  const about = { id, tree_id: commitId(id), distinct: true, timestamp: '2026-01-02T03:04:05Z' };
  return { ...about, message, url: `https://github.com/nobody/${name}/commit/${id}`, author: ada, committer: ada, ...files };
}

function commitId(seed: string): string {
  return createHash('sha1').update(seed).digest('hex');
}
