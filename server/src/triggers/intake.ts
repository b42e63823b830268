import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import { type Change, isPluginError, type PullRequest, type Ref } from '#plugins/api';
import type { Builds } from '../builds/builds.service.ts';
import type { NewBuildTrust } from '../builds/sql/insert-build.ts';
import { Turns } from '../common/turns.ts';
import type { Sources } from '../projects/sources.ts';
import type { Trust } from '../trust/trust.ts';
import { forgetRef, isRefKnown, rememberRef } from './refs.ts';
import { isSameCommit } from './same-commit.ts';
import type { BuildStarter } from './start-build.ts';

/** What came of a revision that somebody told of. */
export type Taken = { readonly kind: 'built'; readonly buildId: number } | { readonly kind: 'known' | 'ignored'; readonly why: string };

/** How long a host's answers are given to catch up with what it told. */
const LAG_MS = [500, 1500] as const;

const CLOSED = 'its pull request was closed';
const NEWER = 'something else was pushed since: an approval is of one commit';

/** Revisions become builds here, whoever told of them; each at most once. Of one project they are taken one after the other. */
export class Intake {
  private readonly turns = new Turns<number>();

  constructor(
    private readonly pool: Pool,
    private readonly sources: Sources,
    private readonly trust: Trust,
    private readonly starter: BuildStarter,
    private readonly builds: Builds,
  ) {}

  /** Does something while nothing else is taken of the project: who lists a repository and compares must not be overtaken by a push. */
  async exclusively<Result>(projectId: number, work: (take: (ref: Ref, signal: AbortSignal) => Promise<Taken>) => Promise<Result>): Promise<Result> {
    return await this.turns.take(projectId, () => work((ref, signal) => this.take(projectId, ref, signal)));
  }

  /**
   * Builds what a push brought, unless that very thing was taken before. `before`: where the ref pointed until then; should it come back there, that is new. What
   * is told late, after a newer push, is built all the same, and the newer one stays known.
   */
  async pushed(projectId: number, ref: Ref, before: string | null, signal: AbortSignal): Promise<Taken> {
    return await this.exclusively(projectId, async (take) => {
      const taken = await take(ref, signal);
      if (before !== null && before !== ref.commit) await forgetRef(this.pool, projectId, ref, before);
      return taken;
    });
  }

  /** Forgets a branch or tag that was deleted: should it come back, it is new. */
  async gone(projectId: number, ref: Pick<Ref, 'kind' | 'name'>): Promise<void> {
    await this.turns.take(projectId, () => forgetRef(this.pool, projectId, ref, null));
  }

  /**
   * Builds the head of a pull request as it stands now, whatever late or replayed word brought us here, as far as its author is trusted. What was held for
   * another head is dropped. Of one that the project ignores nothing is fetched.
   */
  async pullRequest(projectId: number, told: PullRequest, signal: AbortSignal): Promise<Taken> {
    return await this.turns.take(projectId, async () => {
      const pullRequest = await this.asItStands(projectId, told, signal);
      const { number } = pullRequest;
      if (!pullRequest.isOpen) {
        await this.builds.dropHeld(projectId, number, CLOSED);
        return { kind: 'ignored', why: `pull request ${number} is closed` };
      }
      const { level, reason } = await this.trust.of(projectId, pullRequest, signal);
      if (level === 'ignored') return { kind: 'ignored', why: reason ?? 'the project ignores such pull requests' };
      return await this.head(projectId, pullRequest, { level, reason, contributor: pullRequest.author.name }, signal);
    });
  }

  private async head(projectId: number, pullRequest: PullRequest, trust: NewBuildTrust, signal: AbortSignal): Promise<Taken> {
    const { number } = pullRequest;
    // Some hosts tell of a commit by the beginning of its id.
    const change = await this.sources.change(projectId, { kind: 'pull-request', pullRequest }, signal);
    const known = await this.buildOf(projectId, number, change);
    const buildId = known?.id ?? (await this.starter.startChange(projectId, change, signal, { trust }));
    await this.builds.dropHeld(projectId, number, NEWER, buildId);
    return known === null ? { kind: 'built', buildId } : { kind: 'known', why: `that commit of pull request ${number} is build #${known.number}` };
  }

  /** Where the host cannot be asked, what was told counts: it was signed. */
  private async asItStands(projectId: number, told: PullRequest, signal: AbortSignal): Promise<PullRequest> {
    const { scm, repository } = await this.sources.open(projectId);
    const { pullRequests } = scm;
    if (pullRequests === undefined) return told;
    try {
      return await this.agreed(told, () => pullRequests.get(repository, told.number, signal), signal);
    } catch (error) {
      if (!isPluginError(error) || signal.aborted) throw error;
      return told;
    }
  }

  /** A host's answers may lag behind its own calls for a moment: where the two differ it is asked again, and the last answer counts. */
  private async agreed(told: PullRequest, ask: () => Promise<PullRequest>, signal: AbortSignal): Promise<PullRequest> {
    let now = await ask();
    for (const pauseMs of LAG_MS) {
      if (now.isOpen === told.isOpen && isSameCommit(now.headCommit, told.headCommit)) return now;
      await pause(pauseMs, undefined, { signal });
      now = await ask();
    }
    return now;
  }

  /** A pull request was closed: nobody need approve it any more. What runs goes on. */
  async closed(projectId: number, number: number): Promise<void> {
    await this.turns.take(projectId, () => this.builds.dropHeld(projectId, number, CLOSED));
  }

  /** A ref is remembered in the transaction that writes its build: a server that is killed between the two would build it again, or never. */
  private async take(projectId: number, ref: Ref, signal: AbortSignal): Promise<Taken> {
    if (await isRefKnown(this.pool, projectId, ref)) return { kind: 'known', why: `${ref.kind} ${ref.name} was built at that commit` };
    const change = await this.sources.change(projectId, ref, signal);
    const buildId = await this.starter.startChange(projectId, change, signal, { alongside: (client) => rememberRef(client, projectId, ref) });
    return { kind: 'built', buildId };
  }

  /** The newest build of that commit of a pull request to that branch; null if there is none. One that was dropped before anybody decided is none. */
  private async buildOf(projectId: number, pullRequest: number, { commit, branch }: Change): Promise<{ id: number; number: number } | null> {
    const { rows } = await this.pool.query<{ id: number; number: number }>(
      `select id, number from builds where project_id = $1 and change->>'kind' = 'pull-request' and (change->'pullRequest'->>'number')::int = $2
         and change->>'commit' = $3 and change->>'branch' = $4 and not (trust = 'held' and finished_at is not null) order by id desc limit 1`,
      [projectId, pullRequest, commit, branch],
    );
    return rows[0] ?? null;
  }
}
