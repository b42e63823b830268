import type { TestProject } from 'vitest/node';
import { DatabaseBroker } from './database-broker.ts';

/** Once per run, before the first test process: vitest calls what it returns after the last. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const broker = new DatabaseBroker();
  project.provide('databaseBroker', await broker.listen());
  return () => broker.close();
}
