import { join } from 'node:path';
import type { Pool } from 'pg';
import { BundleFiles } from '../../bundles/bundle-files.ts';
import { BundleLoans } from '../../bundles/bundle-loans.ts';
import type { SecretBox } from '../../projects/secret-box.ts';
import { JobSecrets } from '../../secrets/job-secrets.ts';
import type { ProviderParts } from '../provisions.ts';

/** What jobs are given, as the core puts it together. */
export function providerOf(pool: Pool, box: SecretBox, folder: string): ProviderParts {
  return { pool, box, secrets: new JobSecrets(pool, box), bundles: new BundleLoans(pool, new BundleFiles(join(folder, 'bundles'))) };
}
