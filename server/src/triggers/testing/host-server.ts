import { randomUUID } from 'node:crypto';
import { FakeCi, FakeCodeHost, FakeHostController, type FakeRepository } from '#plugins/api/testing';
import type { TestDatabase } from '../../../../test/support/database.ts';
import { temporaryFolder, type TemporaryFolder } from '../../../../test/support/temporary.ts';
import { Audit } from '../../audit/audit.ts';
import { Builds } from '../../builds/builds.service.ts';
import { LAX } from '../../builds/testing/rows.ts';
import { DomainEvents } from '../../common/domain-events.ts';
import { Links } from '../../common/links.ts';
import { Neighbours } from '../../database/neighbours.ts';
import { InlinePlanner } from '../../planning/planner.ts';
import { Registry } from '../../plugins/index.ts';
import { SecretBox } from '../../projects/secret-box.ts';
import { Sources } from '../../projects/sources.ts';
import { trustOf } from '../../trust/index.ts';
import type { TrustDesk } from '../../trust/trust-desk.ts';
import { HookSecrets } from '../hook-secrets.ts';
import { HostDesk } from '../host-desk.ts';
import { Intake } from '../intake.ts';
import { BuildStarter } from '../start-build.ts';
import { NO_FORKS } from '../../forks/testing/no-forks.ts';

/** The secret of the fake host's own hook. */
export const INSTANCE_SECRET = 'the instance’s secret';
export const FILES = { '.fake-ci': 'unit: true\n' };

/** What of a server has to do with code hosts, around a fake host called `fake`; nothing runs its jobs. */
export class HostServer {
  private constructor(
    readonly database: TestDatabase,
    private readonly folder: TemporaryFolder,
    readonly host: FakeHostController,
    readonly registry: Registry,
    readonly parts: { builds: Builds; starter: BuildStarter; desk: TrustDesk; hosts: HostDesk; secrets: HookSecrets },
  ) {}

  static async open(database: TestDatabase): Promise<HostServer> {
    const folder = await temporaryFolder();
    const host = new FakeHostController();
    const provider = new FakeCodeHost(host, folder.path, INSTANCE_SECRET);
    const registry = new Registry();
    registry.add('scm', { name: 'fake', plugin: 'scm-fake', extension: provider });
    const box = await SecretBox.open(folder.path);
    const sources = new Sources(database, registry, box);
    const events = new DomainEvents();
    const builds = new Builds(database, events, new Neighbours(database, events, randomUUID()));
    const { pool, logger } = database;
    const audit = new Audit(pool, logger);
    const planner = new InlinePlanner([new FakeCi()]);
    const starter = new BuildStarter(sources, builds, planner, NO_FORKS, LAX, logger);
    const { trust, desk } = trustOf({ database, sources, wanted: planner.wanted, builds, audit });
    const intake = new Intake(pool, sources, trust, starter, builds);
    const links = new Links('https://ci.example.org');
    const retention = { deliveryDays: 30 };
    const hosts = new HostDesk({ database, registry, sources, box, links, audit, builds, trust, desk, intake, events, retention, logger });
    return new HostServer(database, folder, host, registry, { builds, starter, desk, hosts, secrets: new HookSecrets(pool, box) });
  }

  async close(): Promise<void> {
    await this.parts.hosts.worker.stop();
    await this.parts.hosts.outbox.stop();
    await this.folder.remove();
  }

  /** A project with a repository that has a first commit; nothing of it was built. */
  async project(name: string, trust: Record<string, unknown> = {}): Promise<{ id: number; url: string; repository: FakeRepository }> {
    const url = `fake://host/${name}`;
    const repository = this.host.create(url);
    repository.commit('main', FILES, 'first');
    const { rows } = await this.database.pool.query<{ id: number }>(
      `insert into projects (name, url, scm, refs_known, trust, statuses) values ($1, $2, 'fake', true, $3, 'build') returning id`,
      [name, url, JSON.stringify(trust)],
    );
    return { id: rows[0]?.id ?? 0, url, repository };
  }

  /** Builds of a project, oldest first: `kind message trust state`. */
  async builds(projectId: number): Promise<{ id: number; what: string }[]> {
    const { rows } = await this.database.pool.query<{ id: number; what: string }>(
      `select id, concat_ws(' ', change->>'kind', change->>'message', trust, state) as what from builds where project_id = $1 order by id`,
      [projectId],
    );
    return rows;
  }
}
