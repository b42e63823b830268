import type { Pool } from 'pg';
import type { HostEvent, PushedRef } from '#plugins/api';
import type { Builds } from '../builds/builds.service.ts';
import { isCoreError } from '../common/errors.ts';
import type { Trust } from '../trust/trust.ts';
import type { Comments } from './comments.ts';
import { lookSoon } from './look-soon.ts';
import type { Intake, Taken } from './intake.ts';

type Push = Extract<HostEvent, { kind: 'push' }>;
type Rerun = Extract<HostEvent, { kind: 'rerun' }>;

export interface EventParts {
  readonly pool: Pool;
  readonly intake: Intake;
  readonly comments: Comments;
  readonly trust: Trust;
  readonly builds: Builds;
}

/** What code hosts tell becomes builds and orders: of one project at a time. */
export class Events {
  constructor(private readonly parts: EventParts) {}

  /** Does what an event asks for and gives what came of it, in words; null where nothing did. Throws what may succeed another time. */
  async handle(projectId: number, event: HostEvent, signal: AbortSignal): Promise<string | null> {
    if (event.kind === 'push') return await this.push(projectId, event, signal);
    if (event.kind === 'comment') return await this.parts.comments.answer(projectId, event, signal);
    if (event.kind === 'rerun') return await this.rerun(projectId, event, signal);
    if (event.kind !== 'pull-request') return null;
    const { action, pullRequest } = event;
    if (action === 'closed') {
      await this.parts.intake.closed(projectId, pullRequest.number);
      return `pull request ${pullRequest.number} is closed`;
    }
    if (action === 'edited' || !pullRequest.isOpen) return null;
    return await this.told(await this.parts.intake.pullRequest(projectId, pullRequest, signal));
  }

  private async push(projectId: number, { refs, truncated }: Push, signal: AbortSignal): Promise<string> {
    const outcomes: string[] = [];
    for (const ref of refs) outcomes.push(await this.pushed(projectId, ref, signal));
    if (truncated) {
      await lookSoon(this.parts.pool, projectId);
      outcomes.push('the host left some out, so the repository is looked at');
    }
    return outcomes.join('; ');
  }

  private async pushed(projectId: number, { kind, name, commit, before }: PushedRef, signal: AbortSignal): Promise<string> {
    if (commit !== null) return await this.told(await this.parts.intake.pushed(projectId, { kind, name, commit }, before, signal));
    await this.parts.intake.gone(projectId, { kind, name });
    return `${kind} ${name} was deleted`;
  }

  private async rerun(projectId: number, { commit, job, by }: Rerun, signal: AbortSignal): Promise<string> {
    if (!(await this.parts.trust.mayDecide(projectId, by, signal))) return `${by.name} may not: that needs the right to write to the repository`;
    const { rows } = await this.parts.pool.query<{ id: number; number: number }>(
      `select id, number from builds where project_id = $1 and change->>'commit' = $2 order by id desc limit 1`,
      [projectId, commit],
    );
    const [build] = rows;
    if (build === undefined) return `there is no build of ${commit.slice(0, 10)}`;
    try {
      await this.restart(build.id, job);
      return `build #${build.number} runs again`;
    } catch (error) {
      if (isCoreError(error)) return error.message;
      throw error;
    }
  }

  /** `key`: that of a job's status, `terrarium/NAME`; one that names no job means the whole build. */
  private async restart(buildId: number, key: string | null): Promise<void> {
    const { rows } = await this.parts.pool.query<{ id: number }>(
      `select id from jobs where build_id = $1 and right($2, length(spec->>'name') + 1) = '/' || (spec->>'name') order by position`,
      [buildId, key],
    );
    const [job] = rows;
    if (job === undefined) await this.parts.builds.restartBuild(buildId);
    else await this.parts.builds.restartJob(job.id);
  }

  private async told(taken: Taken): Promise<string> {
    if (taken.kind !== 'built') return taken.why;
    const { rows } = await this.parts.pool.query<{ number: number; trust: string }>('select number, trust from builds where id = $1', [
      taken.buildId,
    ]);
    const [build] = rows;
    return `build #${build?.number ?? '?'}${build?.trust === 'held' ? ', which waits for an approval' : ''}`;
  }
}
