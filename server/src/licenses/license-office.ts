import type { Logger } from '#plugins/api';
import type { Audit } from '../audit/audit.ts';
import type { Builds } from '../builds/builds.service.ts';
import type { DomainEvents } from '../common/domain-events.ts';
import type { Database } from '../database/index.ts';
import type { Registry } from '../plugins/index.ts';
import type { SecretBox } from '../projects/secret-box.ts';
import { LicenseDesk } from './license-desk.ts';
import { LicenseKeys } from './license-keys.ts';
import { LicenseRecords } from './license-records.ts';
import { LicenseUse } from './license-use.ts';
import { LicenseServers } from './license-servers.ts';
import { LicenseViews, type SeatWait } from './license-views.ts';
import { Reservations } from './reservations.ts';
import { Withdrawals } from './withdrawn.ts';

export interface LicenseOfficeParts {
  readonly database: Database;
  readonly events: DomainEvents;
  readonly audit: Audit;
  readonly registry: Registry;
  readonly box: SecretBox;
  readonly builds: Builds;
  /** The jobs that wait for a seat now. */
  readonly waits: () => readonly SeatWait[];
  readonly logger: Logger;
}

/** All that is done with licences besides taking seats and giving them back. */
export class LicenseOffice {
  readonly views: LicenseViews;
  readonly desk: LicenseDesk;
  readonly keys: LicenseKeys;
  readonly reservations: Reservations;
  readonly withdrawals: Withdrawals;
  readonly use: LicenseUse;
  readonly records: LicenseRecords;
  readonly servers: LicenseServers;

  constructor(parts: LicenseOfficeParts) {
    const { database, builds, logger } = parts;
    this.views = new LicenseViews(database.pool, parts.waits);
    this.servers = new LicenseServers(parts);
    this.withdrawals = new Withdrawals({ pool: database.pool, logger, cancelJob: (jobId, reason) => builds.cancelJob(jobId, reason) });
    this.desk = new LicenseDesk({ ...parts, views: this.views, servers: this.servers, withdraw: () => this.withdrawals.look() });
    this.keys = new LicenseKeys({ ...parts, desk: this.desk });
    this.reservations = new Reservations({ ...parts, desk: this.desk });
    this.use = new LicenseUse(database.pool);
    this.records = new LicenseRecords(database.pool, logger);
  }
}
