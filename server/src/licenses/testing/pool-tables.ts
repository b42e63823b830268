import type { Database } from '../../database/index.ts';
import { insertProject, jobSpec, newBuild } from '../../builds/testing/rows.ts';
import { Builds } from '../../builds/builds.service.ts';
import { DomainEvents } from '../../common/domain-events.ts';
import { Neighbours } from '../../database/neighbours.ts';

/** A seat as it was, in milliseconds since 1970. `free` after `released`: it was in quarantine between. Both null: it is held. */
export interface Past {
  readonly taken: number;
  readonly released: number | null;
  readonly free: number | null;
}

/** Pools, leases and refusals of an invented past, written as rows. */
export class PoolTables {
  private constructor(
    private readonly database: Database,
    private readonly attemptId: number,
  ) {}

  /** All leases are of one attempt: which one it is plays no part. */
  static async open(database: Database): Promise<PoolTables> {
    const events = new DomainEvents();
    const owner = '00000000-0000-4000-8000-000000000001';
    const builds = new Builds(database, events, new Neighbours(database, events, owner));
    const build = await builds.create(newBuild(await insertProject(database), [jobSpec('job')]));
    const { rows } = await database.pool.query<{ id: number }>(
      `insert into attempts (job_id, number, state, owner) select id, 1, 'running', $2 from jobs where build_id = $1 returning id`,
      [build, owner],
    );
    return new PoolTables(database, rows[0]?.id ?? 0);
  }

  async clear(): Promise<void> {
    await this.database.pool.query('delete from license_pools; delete from license_waits; delete from license_months');
  }

  /** A pool whose number of seats was said at those moments. */
  async pool(name: string, product: string, limits: readonly { readonly at: number; readonly seats: number }[]): Promise<void> {
    const { rows } = await this.database.pool.query<{ id: number }>(
      'insert into license_pools (name, product, seats) values ($1, $2, 1) returning id',
      [name, product],
    );
    await this.database.pool.query(
      'insert into license_limits (pool_id, seats, at) select $1, seats, at from unnest($2::int[], $3::timestamptz[]) as x (seats, at)',
      [rows[0]?.id, limits.map(({ seats }) => seats), limits.map(({ at }) => new Date(at))],
    );
  }

  async lease(pool: string, leases: readonly Past[]): Promise<void> {
    const moment = (at: number | null): Date | null => (at === null ? null : new Date(at));
    await this.database.pool.query(
      `insert into license_leases (pool_id, attempt_id, state, taken_at, released_at, free_at)
       select p.id, $2, x.state, x.taken, x.released, case when x.free > x.released then x.free end
       from license_pools p, unnest($3::text[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[]) as x (state, taken, released, free) where p.name = $1`,
      [
        pool,
        this.attemptId,
        leases.map(({ released }) => (released === null ? 'held' : 'returned')),
        leases.map(({ taken }) => moment(taken)),
        leases.map(({ released }) => moment(released)),
        leases.map(({ free }) => moment(free)),
      ],
    );
  }

  /** So many leases one after the other, each of some minutes and each hundredth quarantined for an hour after; the last begins `apart` milliseconds before `until`. */
  async manyLeases(pool: string, count: number, until: number, apart: number): Promise<void> {
    await this.database.pool.query(
      `insert into license_leases (pool_id, state, taken_at, released_at, free_at)
       select p.id, 'returned', t.taken, t.taken + interval '5 minutes', case when n % 100 = 0 then t.taken + interval '65 minutes' end
       from license_pools p, generate_series(1, $2::int) as n cross join lateral (select $3::timestamptz - n * make_interval(secs => $4) as taken) t
       where p.name = $1`,
      [pool, count, new Date(until), apart / 1000],
    );
  }

  async leaseWithoutAttempt(pool: string, projectId: number, taken: number): Promise<void> {
    await this.database.pool.query(
      'insert into license_leases (pool_id, project_id, taken_at) select id, $2, $3 from license_pools where name = $1',
      [pool, projectId, new Date(taken)],
    );
  }

  async refuse(product: string, moments: readonly number[]): Promise<void> {
    await this.database.pool.query(
      'insert into license_waits (product, attempt, at) select $1, row_number() over (), at from unnest($2::timestamptz[]) as at',
      [product, moments.map((at) => new Date(at))],
    );
  }

  async count(table: 'license_leases' | 'license_months'): Promise<number> {
    const { rows } = await this.database.pool.query<{ count: number }>(`select count(*)::int as count from ${table}`);
    return rows[0]?.count ?? 0;
  }
}
