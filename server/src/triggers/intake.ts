import type { Pool } from 'pg';
import type { PullRequest, Ref } from '#plugins/api';
import type { Builds } from '../builds/builds.service.ts';
import { Turns } from '../common/turns.ts';
import type { Sources } from '../projects/sources.ts';
import type { Trust } from '../trust/trust.ts';
import { forgetRef, isRefKnown, rememberRef } from './refs.ts';
import type { BuildStarter } from './start-build.ts';

/** What came of a revision that somebody told of. */
export type Taken = { readonly kind: 'built'; readonly buildId: number } | { readonly kind: 'known' | 'ignored'; readonly why: string };

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

  /** Builds the head of a pull request, as far as its author is trusted; what was held for an older head is dropped. */
  async pullRequest(projectId: number, pullRequest: PullRequest, signal: AbortSignal): Promise<Taken> {
    return await this.turns.take(projectId, async () => {
      // Some hosts tell of a commit by the beginning of its id.
      const change = await this.sources.change(projectId, { kind: 'pull-request', pullRequest }, signal);
      const known = await this.buildOf(projectId, pullRequest.number, change.commit);
      if (known !== null) return { kind: 'known', why: `that commit of pull request ${pullRequest.number} is build #${known}` };
      const { level, reason } = await this.trust.of(projectId, change, signal);
      if (level === 'ignored') return { kind: 'ignored', why: reason ?? 'the project ignores such pull requests' };
      const buildId = await this.starter.startChange(projectId, change, signal, { trust: { level, reason, contributor: pullRequest.author.name } });
      await this.builds.dropHeld(projectId, pullRequest.number, NEWER, buildId);
      return { kind: 'built', buildId };
    });
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

  /** The number of the newest build of that commit of a pull request; null if there is none. */
  private async buildOf(projectId: number, pullRequest: number, commit: string): Promise<number | null> {
    const { rows } = await this.pool.query<{ number: number }>(
      `select number from builds where project_id = $1 and change->>'kind' = 'pull-request' and (change->'pullRequest'->>'number')::int = $2
         and change->>'commit' = $3 order by id desc limit 1`,
      [projectId, pullRequest, commit],
    );
    return rows[0]?.number ?? null;
  }
}
