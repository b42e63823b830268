import { core } from './0001-core.ts';
import { throwAwayMachines } from './0002-throw-away-machines.ts';
import { codeHosts } from './0003-code-hosts.ts';
import { accounts } from './0004-accounts.ts';
import { deliveriesById } from './0005-deliveries-by-id.ts';
import { turnsAndHints } from './0006-turns-and-hints.ts';
import { testReports } from './0007-test-reports.ts';
import { licenses } from './0008-licenses.ts';
import { licenseTerms } from './0009-license-terms.ts';
import { forks } from './0010-forks.ts';
import { licenseMonths } from './0011-license-months.ts';
import { forksAndIndexes } from './0012-forks-and-indexes.ts';
import { licenseKeysRetire } from './0013-license-keys-retire.ts';
import { testHistory } from './0014-test-history.ts';
import { releasedPythons } from './0015-released-pythons.ts';
import type { Migration } from './migration.ts';

/** All migrations, in the order of their numbers: 1, 2, 3 and so on. */
export const migrations: Migration[] = [
  core,
  throwAwayMachines,
  codeHosts,
  accounts,
  deliveriesById,
  turnsAndHints,
  testReports,
  licenses,
  licenseTerms,
  forks,
  licenseMonths,
  forksAndIndexes,
  licenseKeysRetire,
  testHistory,
  releasedPythons,
];
