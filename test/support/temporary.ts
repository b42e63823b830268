import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for one test or file. */
export interface TemporaryFolder {
  path: string;
  remove(): Promise<void>;
}

/** A new empty folder. Others may pass through it (not list it): what runs as another user, such as PostgreSQL under root, has to. */
export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), 'terrarium-test-'));
  await chmod(path, 0o711);
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}
