import type { CreateReservation, LicensePoolView } from '#server/api';
import type { Audit } from '../audit/audit.ts';
import type { Asker } from '../auth/asker.ts';
import { CoreError } from '../common/errors.ts';
import type { DomainEvents } from '../common/domain-events.ts';
import { type Database, withTransaction } from '../database/index.ts';
import { type LicenseDesk, poolId } from './license-desk.ts';

export interface ReservationsParts {
  readonly database: Database;
  readonly events: DomainEvents;
  readonly audit: Audit;
  readonly desk: Pick<LicenseDesk, 'one'>;
}

/** Seats that are kept for projects for a while: for a release, for a training. Whoever has one when it begins keeps it. */
export class Reservations {
  constructor(private readonly parts: ReservationsParts) {}

  /** Throws `not-found` for a pool or a project that is not there, `invalid` for more seats than the pool has. */
  async add(asker: Asker, pool: string, wish: CreateReservation): Promise<LicensePoolView> {
    await withTransaction(this.parts.database, async (client) => {
      const id = await poolId(client, pool);
      const project = await client.query<{ name: string }>('select name from projects where id = $1 for key share', [wish.projectId]);
      if (project.rows[0] === undefined) throw new CoreError('not-found', `There is no project ${wish.projectId}.`);
      await client.query('insert into license_reservations (pool_id, project_id, seats, from_at, until_at) values ($1, $2, $3, $4, $5)', [
        id,
        wish.projectId,
        wish.seats,
        wish.from,
        wish.until,
      ]);
      await assertRoom(client, id, pool);
    });
    const { projectId: project, ...details } = wish;
    await this.parts.audit.note({ who: asker.name, action: 'license.reserve', target: `licence pool ${pool}`, details: { project, ...details } });
    return await this.parts.desk.one(pool);
  }

  /** Throws `not-found`. Jobs that wait may begin now. */
  async remove(asker: Asker, reservationId: number): Promise<void> {
    const { rows } = await this.parts.database.pool.query<{ pool: string }>(
      'delete from license_reservations r using license_pools p where r.id = $1 and p.id = r.pool_id returning p.name as pool',
      [reservationId],
    );
    const [row] = rows;
    if (row === undefined) throw new CoreError('not-found', `There is no reservation ${reservationId}.`);
    await this.parts.audit.note({ who: asker.name, action: 'license.unreserve', target: `licence pool ${row.pool}`, details: { reservationId } });
    this.parts.events.emit('wake');
  }
}

/** Throws `invalid` if at some moment more seats are reserved than the pool has. That many begin at the beginning of one of them. */
async function assertRoom(client: Parameters<Parameters<typeof withTransaction>[1]>[0], id: number, pool: string): Promise<void> {
  const { rows } = await client.query<{ reserved: number; seats: number }>(
    `select sum(o.seats)::int as reserved, max(p.seats) as seats from license_reservations r
     join license_reservations o on o.pool_id = r.pool_id and o.from_at <= r.from_at and o.until_at > r.from_at join license_pools p on p.id = r.pool_id
     where r.pool_id = $1 and r.until_at > now() group by r.id having sum(o.seats) > max(p.seats) limit 1`,
    [id],
  );
  const [full] = rows;
  if (full !== undefined) throw new CoreError('invalid', `${full.reserved} seats of ${pool} would be reserved at once, and it has ${full.seats}.`);
}
