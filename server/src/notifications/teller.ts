import type { Pool } from 'pg';
import { PluginError } from '#plugins/api';
import type { Links } from '../common/links.ts';
import type { Registry } from '../plugins/index.ts';
import type { Sources } from '../projects/sources.ts';
import { type BuildFacts, readFacts } from './facts.ts';
import { noticeOf } from './notice.ts';
import type { DueEntry } from './outbox.ts';
import { reportsOf } from './statuses.ts';
import type { Subscriptions } from './subscriptions.ts';

export interface TellerParts {
  readonly pool: Pool;
  readonly registry: Registry;
  readonly sources: Sources;
  readonly subscriptions: Subscriptions;
  readonly links: Links;
}

/** Tells code hosts and subscribers how a build stands now. */
export class Teller {
  constructor(private readonly parts: TellerParts) {}

  /**
   * Tells what an entry is about. `told`: what was told last, by status key; only what differs is told, and noted there one by one, so that after a failure it goes
   * on where it was. Throws a `PluginError` of whoever was told.
   */
  async tell(entry: DueEntry, told: Map<string, string>, signal: AbortSignal): Promise<void> {
    const build = await readFacts(this.parts.pool, entry.buildId);
    if (build === null) return;
    if (entry.channel === 'status') await this.tellHost(build, told, signal);
    else await this.tellSubscriber(entry, build, signal);
  }

  private async tellHost(build: BuildFacts, told: Map<string, string>, signal: AbortSignal): Promise<void> {
    const { scm, repository } = await this.parts.sources.open(build.projectId);
    if (scm.statuses === undefined)
      throw new PluginError('unsupported', 'Its code host takes no statuses: say in the settings of the project that none are told.');
    for (const report of reportsOf(build, this.parts.links)) {
      const now = JSON.stringify([build.id, report.state, report.summary]);
      if (told.get(report.key) === now) continue;
      await scm.statuses.report(repository, report, signal);
      told.set(report.key, now);
    }
  }

  private async tellSubscriber(entry: DueEntry, build: BuildFacts, signal: AbortSignal): Promise<void> {
    const subscription = await this.parts.subscriptions.open(Number(entry.channel.split(':')[1]));
    if (subscription === null) return;
    const notice = noticeOf(build, subscription.occasion, entry.version, this.parts.links);
    if (notice === null) return;
    const notifier = this.parts.registry.find('notifier', subscription.notifier);
    if (notifier === null) throw new PluginError('unavailable', `There is no notifier "${subscription.notifier}" here any more: configure it again.`);
    await notifier.notify(subscription.target, notice, signal);
  }
}
