import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { assemble, type CoreParts } from './assemble.ts';
import type { ServerLogger } from './common/logger.ts';
import type { Config } from './config/index.ts';
import { type Database, openDatabase } from './database/index.ts';
import { DatabaseStore, installationId } from './database/installation.ts';
import { rememberInstallation } from './database/installation-file.ts';
import { loadPlugins } from './plugins/index.ts';
import { SecretBox } from './projects/secret-box.ts';

/** A server without its pages and routes: opened, at work, stopped. */
export class Core {
  private constructor(readonly parts: CoreParts) {}

  /** Opens the database and the plugins; nothing runs yet. */
  static async open(config: Config, logger: ServerLogger, signal: AbortSignal): Promise<Core> {
    await mkdir(config.dataFolder, { recursive: true, mode: 0o700 });
    const database = await openDatabase({
      url: config.databaseUrl,
      folder: join(config.dataFolder, 'postgres'),
      logger: logger.child('database'),
      signal,
    });
    try {
      return await Core.prepare(config, logger, database);
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  private static async prepare(config: Config, logger: ServerLogger, database: Database): Promise<Core> {
    const box = await SecretBox.open(config.dataFolder);
    const installation = await installationId(database);
    await rememberInstallation(config.dataFolder, installation);
    const plugins = await loadPlugins(config, {
      installation,
      folder: join(config.dataFolder, 'plugins'),
      logger: (instance) => logger.child(instance),
      store: (instance) => new DatabaseStore(database, instance),
    });
    try {
      const parts = assemble({ config, logger, database, box, plugins, installation });
      await parts.bundles.tidy();
      await parts.interpreters.tidy();
      await parts.interpreters.refresh();
      await parts.auth.roleSync.forgetUnasked();
      await parts.planner.warm();
      return new Core(parts);
    } catch (error) {
      await plugins.close();
      throw error;
    }
  }

  /** Resolves when this process has the right to schedule and does; rejects if it could not begin. */
  get working(): Promise<void> {
    return this.parts.leading.working;
  }

  /** Begins to work as soon as no other server does: adopts what an earlier process left, makes machines, schedules, polls. */
  start(): void {
    this.parts.leading.start();
  }

  /** Stops without ending a job: what runs goes on in its machine, and the next process adopts it. */
  async stop(): Promise<void> {
    try {
      await this.parts.leading.stop();
    } finally {
      await this.closeParts();
    }
  }

  /** A plugin that does not close must not leave PostgreSQL running. */
  private async closeParts(): Promise<void> {
    try {
      await this.parts.planner.close();
      await this.parts.plugins.close();
    } finally {
      await this.parts.database.close();
    }
  }
}
