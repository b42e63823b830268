import type { Pool } from 'pg';
import type { Logger, Ref } from '#plugins/api';
import type { Sources } from '../projects/sources.ts';
import type { BuildStarter } from './start-build.ts';

const LOOK_MS = 1000;
const POLL_TIMEOUT_MS = 5 * 60_000;

interface Due {
  readonly id: number;
  readonly first: boolean;
}

/** Looks at the repositories of projects that ask for it, and builds each branch and tag that has moved. */
export class Poller {
  private timer: NodeJS.Timeout | null = null;
  private looking: Promise<void> | null = null;
  private readonly stopping = new AbortController();

  constructor(
    private readonly pool: Pool,
    private readonly sources: Sources,
    private readonly starter: BuildStarter,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.timer = setInterval(() => {
      this.looking ??= this.look().finally(() => {
        this.looking = null;
      });
    }, LOOK_MS);
  }

  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    this.stopping.abort();
    await this.looking;
  }

  private async look(): Promise<void> {
    try {
      for (const due of await this.due()) await this.poll(due);
    } catch (error) {
      if (!this.stopping.signal.aborted) this.logger.warn('polling could not go on; trying again', { error });
    }
  }

  private async due(): Promise<Due[]> {
    const { rows } = await this.pool.query<Due>(
      `select id, polled_at is null as first from projects
       where poll_seconds is not null and (polled_at is null or polled_at + make_interval(secs => poll_seconds) <= now())`,
    );
    return rows;
  }

  private async poll(due: Due): Promise<void> {
    const signal = AbortSignal.any([this.stopping.signal, AbortSignal.timeout(POLL_TIMEOUT_MS)]);
    let problem: string | null = null;
    try {
      const { refs } = await this.sources.refs(due.id, signal);
      for (const ref of await this.moved(due.id, refs)) await this.take(due, ref, signal);
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
      this.logger.warn('a repository could not be polled', { projectId: due.id, error });
    }
    await this.pool.query('update projects set polled_at = now(), poll_problem = $2 where id = $1', [due.id, problem]);
  }

  /** A ref is remembered after its build is written: after a crash between the two it is built again rather than never. */
  private async take(due: Due, ref: Ref, signal: AbortSignal): Promise<void> {
    // The first look only learns what is there.
    if (!due.first) await this.starter.start(due.id, ref.name, signal);
    await this.pool.query(
      `insert into project_refs (project_id, kind, name, commit) values ($1, $2, $3, $4)
       on conflict (project_id, kind, name) do update set commit = excluded.commit`,
      [due.id, ref.kind, ref.name, ref.commit],
    );
  }

  /** Refs that are new or point elsewhere; forgets those that are gone. */
  private async moved(projectId: number, refs: readonly Ref[]): Promise<Ref[]> {
    const { rows } = await this.pool.query<Ref>('select kind, name, commit from project_refs where project_id = $1', [projectId]);
    const known = new Map(rows.map((row) => [`${row.kind}/${row.name}`, row.commit]));
    const present = new Set(refs.map((ref) => `${ref.kind}/${ref.name}`));
    for (const row of rows) {
      if (!present.has(`${row.kind}/${row.name}`)) {
        await this.pool.query('delete from project_refs where project_id = $1 and kind = $2 and name = $3', [projectId, row.kind, row.name]);
      }
    }
    return refs.filter((ref) => known.get(`${ref.kind}/${ref.name}`) !== ref.commit);
  }
}
