import type { Pool } from 'pg';
import type { Logger, Ref } from '#plugins/api';
import { isDatabaseAway } from '../database/index.ts';
import { REPOSITORY_PATIENCE_MS, withPatience } from '../projects/patience.ts';
import type { Sources } from '../projects/sources.ts';
import { lookBegins, looked } from './look-soon.ts';
import type { Intake } from './intake.ts';
import { forgetRefs, learnRefs, movedRefs, refsKnown } from './refs.ts';

/** Builds a ref, unless it was taken before. */
type Take = (ref: Ref, signal: AbortSignal) => Promise<unknown>;

const LOOK_MS = 1000;
/** Projects that are polled at the same time: a host that is slow keeps a place, not all of them. */
const AT_ONCE = 4;

/** Looks at the repositories of projects that ask for it, and builds each branch and tag that has moved. */
export class Poller {
  private timer: NodeJS.Timeout | null = null;
  private looking: Promise<void> | null = null;
  private due: number[] = [];
  private readonly polls = new Map<number, Promise<void>>();
  /** What was last wrong with a project: the same is not logged again. */
  private readonly problems = new Map<number, string>();
  private stopping = new AbortController();

  constructor(
    private readonly pool: Pool,
    private readonly sources: Sources,
    private readonly intake: Intake,
    private readonly logger: Logger,
  ) {}

  /** May be called again after `stop`. */
  start(): void {
    this.stopping = new AbortController();
    this.timer = setInterval(() => void this.look(), LOOK_MS);
  }

  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    this.stopping.abort(new Error('the server stops'));
    await this.looking;
    await this.settled();
  }

  /** Begins to poll the projects whose time has come. Never throws; does not wait for them: see `settled`. */
  async look(): Promise<void> {
    this.looking ??= this.findDue().finally(() => {
      this.looking = null;
    });
    await this.looking;
  }

  /** Resolves when nothing is being polled. */
  async settled(): Promise<void> {
    while (this.polls.size > 0) await Promise.all(this.polls.values());
  }

  private async findDue(): Promise<void> {
    try {
      const { rows } = await this.pool.query<{ id: number }>(
        // One that is never looked at by itself is when a hint has come.
        `select id from projects where id <> all($1)
           and (polled_at is null or polled_at + make_interval(secs => poll_seconds) <= now() or look_at <= now()) order by polled_at nulls first`,
        [[...this.polls.keys()]],
      );
      this.due = rows.map((row) => row.id);
      this.fill();
    } catch (error) {
      if (!this.stopping.signal.aborted) this.logger.warn('polling could not go on; trying again', { error });
    }
  }

  private fill(): void {
    while (this.polls.size < AT_ONCE && !this.stopping.signal.aborted) {
      const id = this.due.shift();
      if (id === undefined) return;
      const poll = this.poll(id).finally(() => {
        this.polls.delete(id);
        this.fill();
      });
      this.polls.set(id, poll);
    }
  }

  private async poll(projectId: number): Promise<void> {
    try {
      const began = await lookBegins(this.pool);
      const problem = await this.problemOf(projectId);
      this.tell(projectId, problem);
      await looked(this.pool, projectId, began, problem);
    } catch (error) {
      if (!this.stopping.signal.aborted) this.logger.warn('a project could not be polled; trying again', { projectId, error });
    }
  }

  /** Polls; gives what went wrong in words, or null. Throws where the trouble is our own: the database is away, or the server stops. */
  private async problemOf(projectId: number): Promise<string | null> {
    try {
      return await withPatience(REPOSITORY_PATIENCE_MS, (signal) => this.follow(projectId, signal), this.stopping.signal);
    } catch (error) {
      if (this.stopping.signal.aborted || isDatabaseAway(error)) throw error;
      return messageOf(error);
    }
  }

  /** The first look that sees everything only learns what is there. */
  private async follow(projectId: number, signal: AbortSignal): Promise<string | null> {
    return await this.intake.exclusively(projectId, (take) => this.compare(projectId, take, signal));
  }

  private async compare(projectId: number, take: Take, signal: AbortSignal): Promise<string | null> {
    const { refs } = await this.sources.refs(projectId, signal);
    if (!(await refsKnown(this.pool, projectId))) {
      await learnRefs(this.pool, projectId, refs);
      return null;
    }
    await forgetRefs(this.pool, projectId, refs);
    return await this.takeAll(await movedRefs(this.pool, projectId, refs), take, signal);
  }

  /** One ref that cannot be built keeps none of the others back; it is tried again at the next look. */
  private async takeAll(refs: readonly Ref[], take: Take, signal: AbortSignal): Promise<string | null> {
    const problems: string[] = [];
    for (const ref of refs) {
      try {
        await take(ref, signal);
      } catch (error) {
        if (signal.aborted || isDatabaseAway(error)) throw error;
        problems.push(`${ref.kind} ${ref.name}: ${messageOf(error)}`);
      }
    }
    const [first, ...others] = problems;
    return first === undefined || others.length === 0 ? (first ?? null) : `${first} (and ${others.length} more)`;
  }

  private tell(projectId: number, problem: string | null): void {
    if (problem === null) this.problems.delete(projectId);
    else if (this.problems.get(projectId) !== problem) {
      this.problems.set(projectId, problem);
      this.logger.warn('a repository could not be polled, or not all of it', { projectId, problem });
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
