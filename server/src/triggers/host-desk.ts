import type { Logger } from '#plugins/api';
import type { Audit } from '../audit/audit.ts';
import type { Builds } from '../builds/builds.service.ts';
import type { DomainEvents } from '../common/domain-events.ts';
import type { Links } from '../common/links.ts';
import type { Config } from '../config/index.ts';
import type { Database } from '../database/index.ts';
import { OutboxViews } from '../notifications/outbox-views.ts';
import { Outbox } from '../notifications/outbox.ts';
import { Subscriptions } from '../notifications/subscriptions.ts';
import { Teller } from '../notifications/teller.ts';
import type { Registry } from '../plugins/index.ts';
import type { SecretBox } from '../projects/secret-box.ts';
import type { Sources } from '../projects/sources.ts';
import type { TrustDesk } from '../trust/trust-desk.ts';
import type { Trust } from '../trust/trust.ts';
import { Comments } from './comments.ts';
import { Deliveries } from './deliveries.ts';
import { DeliveryViews } from './delivery-views.ts';
import { DeliveryWorker } from './delivery-worker.ts';
import { Events } from './events.ts';
import { HookSecrets } from './hook-secrets.ts';
import type { Intake } from './intake.ts';
import { ProjectHooks } from './project-hooks.ts';

export interface HostDeskParts {
  readonly database: Database;
  readonly registry: Registry;
  readonly sources: Sources;
  readonly box: SecretBox;
  readonly links: Links;
  readonly audit: Audit;
  readonly builds: Builds;
  readonly trust: Trust;
  readonly desk: TrustDesk;
  readonly intake: Intake;
  readonly events: DomainEvents;
  readonly retention: Pick<Config['retention'], 'deliveryDays'>;
  readonly logger: Logger;
}

/** All that goes between us and code hosts: what they send, what they are told, and how that is set up. */
export class HostDesk {
  readonly deliveries: Deliveries;
  readonly deliveryViews: DeliveryViews;
  readonly hooks: ProjectHooks;
  readonly subscriptions: Subscriptions;
  readonly outboxViews: OutboxViews;
  readonly worker: DeliveryWorker;
  readonly outbox: Outbox;

  constructor({ database, registry, sources, box, links, audit, builds, trust, desk, intake, events, retention, logger }: HostDeskParts) {
    const { pool } = database;
    const secrets = new HookSecrets(pool, box);
    const comments = new Comments(pool, sources, trust, desk, builds);
    this.worker = new DeliveryWorker({
      pool,
      registry,
      events: new Events({ pool, intake, comments, trust, builds }),
      logger,
      days: retention.deliveryDays,
    });
    this.deliveries = new Deliveries(pool, registry, secrets, () => this.worker.wake());
    this.deliveryViews = new DeliveryViews(pool);
    this.hooks = new ProjectHooks(sources, secrets, links, audit);
    this.subscriptions = new Subscriptions(pool, registry, box);
    this.outboxViews = new OutboxViews(pool);
    this.outbox = new Outbox(pool, new Teller({ pool, registry, sources, subscriptions: this.subscriptions, links }), logger);
    events.on('builds', () => this.outbox.wake());
    events.on('jobs', () => this.outbox.wake());
  }
}
