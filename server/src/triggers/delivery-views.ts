import type { Pool } from 'pg';
import { z } from 'zod';
import { type DeliveryDetail, DeliveryState, type DeliveryView } from '#server/api';
import { CoreError } from '../common/errors.ts';

type Row = Omit<DeliveryView, 'state' | 'receivedAt' | 'processedAt'> & { state: string; receivedAt: Date; processedAt: Date | null };

const COLUMNS = `id, instance, project_id as "projectId", host_id as "hostId", event, state, outcome, received_at as "receivedAt", processed_at as "processedAt"`;

/** What code hosts sent, as clients see it. */
export class DeliveryViews {
  constructor(private readonly pool: Pool) {}

  /** The newest `limit` of those before `before`: that concern a project by its own hook, or all (null). */
  async list(projectId: number | null, limit: number, before: number | null): Promise<DeliveryView[]> {
    const { rows } = await this.pool.query<Row>(
      `select ${COLUMNS} from deliveries where ($1::int is null or project_id = $1) and ($3::int is null or id < $3) order by id desc limit $2`,
      [projectId, limit, before],
    );
    return rows.map(deliveryView);
  }

  /** With what was sent. Throws `not-found`, also for one that is not to the project's own hook, if a project is given. */
  async get(id: number, projectId: number | null): Promise<DeliveryDetail> {
    const { rows } = await this.pool.query<Row & { headers: unknown; body: Buffer }>(
      `select ${COLUMNS}, headers, body from deliveries where id = $1 and ($2::int is null or project_id = $2)`,
      [id, projectId],
    );
    const [row] = rows;
    if (row === undefined) throw notFound(id);
    const { headers, body, ...rest } = row;
    return { ...deliveryView(rest), headers: z.record(z.string(), z.string()).parse(headers), body: body.toString('utf8') };
  }

  /** Has it worked on again. Throws `not-found`, or `conflict` while it waits. */
  async replay(id: number, projectId: number | null): Promise<DeliveryView> {
    const { rows } = await this.pool.query<Row>(
      `update deliveries set state = 'received', outcome = null, processed_at = null where id = $1 and ($2::int is null or project_id = $2) and state <> 'received' and body <> '' returning ${COLUMNS}`,
      [id, projectId],
    );
    const [row] = rows;
    if (row !== undefined) return deliveryView(row);
    const { state } = await this.get(id, projectId);
    const why = state === 'received' ? 'It has not been worked on yet: it comes to its turn by itself.' : 'What was sent is no longer kept.';
    throw new CoreError('conflict', why);
  }
}

function deliveryView(row: Row): DeliveryView {
  return {
    ...row,
    state: DeliveryState.parse(row.state),
    receivedAt: row.receivedAt.toISOString(),
    processedAt: row.processedAt?.toISOString() ?? null,
  };
}

function notFound(id: number): CoreError {
  return new CoreError('not-found', `There is no delivery ${id}.`);
}
