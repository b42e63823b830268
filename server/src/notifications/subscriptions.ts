import type { Pool } from 'pg';
import type { CreateSubscription, NotifierView, SubscriptionView } from '#server/api';
import { CoreError } from '../common/errors.ts';
import type { Registry } from '../plugins/index.ts';
import type { SecretBox } from '../projects/secret-box.ts';

/** A subscription with its target, unsealed to be told. */
export interface OpenSubscription {
  readonly notifier: string;
  readonly target: string;
  readonly occasion: SubscriptionView['occasion'];
}

type Row = Omit<SubscriptionView, 'createdAt'> & { createdAt: Date };

/** Who projects want told of their builds. */
export class Subscriptions {
  constructor(
    private readonly pool: Pool,
    private readonly registry: Registry,
    private readonly box: SecretBox,
  ) {}

  /** The ways there are to be told. */
  notifiers(): NotifierView[] {
    return this.registry.all('notifier').map(({ name, extension }) => ({ name, targetTitle: extension.targetTitle }));
  }

  async list(projectId: number): Promise<SubscriptionView[]> {
    const { rows } = await this.pool.query<Row>(
      `select id, notifier, shown as target, occasion, created_at as "createdAt" from subscriptions where project_id = $1 order by id`,
      [projectId],
    );
    return rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
  }

  /** Throws `invalid` for a notifier that is not there, or a target that it does not take. */
  async add(projectId: number, { notifier, target, occasion }: CreateSubscription): Promise<void> {
    const extension = this.registry.find('notifier', notifier);
    if (extension === null) throw new CoreError('invalid', `There is no notifier "${notifier}" here: an admin configures them.`);
    const problem = extension.targetProblem(target);
    if (problem !== null) throw new CoreError('invalid', problem);
    const shown = extension.isTargetSecret ? hidden(target) : target;
    await this.pool.query('insert into subscriptions (project_id, notifier, target, shown, occasion) values ($1, $2, $3, $4, $5)', [
      projectId,
      notifier,
      this.box.seal(target, placeOf(projectId)),
      shown,
      occasion,
    ]);
  }

  /** Throws `not-found`. */
  async remove(projectId: number, id: number): Promise<void> {
    const { rowCount } = await this.pool.query('delete from subscriptions where project_id = $1 and id = $2', [projectId, id]);
    if (rowCount !== 1) throw new CoreError('not-found', `There is no subscription ${id} of this project.`);
    await this.pool.query('delete from outbox where project_id = $1 and channel = $2', [projectId, `notice:${id}`]);
  }

  /** Null if it is gone. */
  async open(id: number): Promise<OpenSubscription | null> {
    const { rows } = await this.pool.query<Pick<OpenSubscription, 'notifier' | 'occasion'> & { projectId: number; sealed: Buffer }>(
      'select project_id as "projectId", notifier, target as sealed, occasion from subscriptions where id = $1',
      [id],
    );
    const [row] = rows;
    if (row === undefined) return null;
    return { notifier: row.notifier, occasion: row.occasion, target: this.box.unseal(row.sealed, placeOf(row.projectId)) };
  }
}

/** As much of a secret target as tells it from others: where it is. */
function hidden(target: string): string {
  return URL.canParse(target) ? `${new URL(target).origin}/…` : '…';
}

function placeOf(projectId: number): string {
  return `subscriptions/${projectId}/target`;
}
