import type { LicensePoolView, LicensesView } from '#server/api';
import { ago } from './demo-clock.ts';

const DAY = 86_400;

/** A pool of which nothing is said yet. */
export function newPool(name: string): LicensePoolView {
  return {
    name,
    product: name,
    seats: 0,
    held: 0,
    quarantined: 0,
    free: 0,
    versions: null,
    terms: { projects: [], groups: [], trustedOnly: false },
    isForAll: true,
    hosts: [],
    images: [],
    onWithdrawal: 'finish',
    keyUse: 'none',
    keyVariable: null,
    keyAs: 'value',
    keys: [],
    server: null,
    reservations: [],
    mostPerProject: null,
    quarantineSeconds: 0,
    validFrom: null,
    validUntil: null,
    isValid: true,
    costCenter: '',
    createdAt: ago(900_000),
  };
}

const ORACLE: LicensePoolView = {
  ...newPool('oracle'),
  product: 'instantclient-sdk',
  seats: 2,
  held: 1,
  quarantined: 1,
  versions: '12.1 - 19',
  terms: { projects: [], groups: ['open-source'], trustedOnly: true },
  quarantineSeconds: 3600,
  onWithdrawal: 'stop',
  keyUse: 'each',
  keyVariable: 'ORACLE_LICENSE_FILE',
  keyAs: 'file',
  keys: ['seat-1', 'seat-2'],
};

const SITE: LicensePoolView = {
  ...newPool('site'),
  product: 'msvc-2015',
  seats: 8,
  held: 2,
  free: 3,
  images: ['windows-2022'],
  mostPerProject: 4,
  validUntil: ago(-12 * DAY).slice(0, 10),
  costCenter: '4711 tools',
  server: { instance: 'flexnet', feature: 'MSVC_ENT', seats: 7, outside: 2, checkedAt: ago(40), problem: null },
  reservations: [{ id: 1, projectId: 2, projectName: 'cryptography', seats: 2, from: ago(3600), until: ago(-DAY) }],
};

const RESERVE: LicensePoolView = {
  ...newPool('reserve'),
  product: 'msvc-2015',
  seats: 2,
  server: {
    instance: 'flexnet-old',
    feature: 'MSVC',
    seats: null,
    outside: 0,
    checkedAt: ago(70),
    problem: 'vh-lic.example: no answer for 10 s. Is lmgrd running there, and is port 27000 open?',
  },
};

/** A pool with room that expires, one that cannot ask its server, one that is full and one that runs empty. */
export const DEMO_LICENSES: LicensesView = {
  pools: [ORACLE, RESERVE, SITE, { ...newPool('qnx'), product: 'qnx-sdp' }],
  waiting: [
    {
      job: { id: 12_005, name: '3.12 · DJANGO=5.1', buildId: 1203, projectName: 'django-lmdb' },
      product: 'instantclient-sdk',
      reason: 'waits for a licence: no seat of instantclient-sdk is free (of 2, 1 of them in quarantine)',
      since: ago(240),
    },
    { job: null, product: 'instantclient-sdk', reason: 'waits for a licence: no seat of instantclient-sdk is free (of 2)', since: ago(30) },
  ],
  leases: [
    { id: 7, pool: 'oracle', product: 'instantclient-sdk', state: 'quarantined', job: null, takenAt: ago(4000), freeAt: ago(-1800) },
    {
      id: 9,
      pool: 'oracle',
      product: 'instantclient-sdk',
      state: 'held',
      job: { id: 12_002, name: '3.9 · DJANGO=4.2', buildId: 1203, projectName: 'django-lmdb' },
      takenAt: ago(70),
      freeAt: null,
    },
    {
      id: 10,
      pool: 'site',
      product: 'msvc-2015',
      state: 'held',
      job: { id: 12_003, name: '2.7 · x64', buildId: 1203, projectName: 'django-lmdb' },
      takenAt: ago(65),
      freeAt: null,
    },
    { id: 11, pool: 'site', product: 'msvc-2015', state: 'held', job: null, takenAt: ago(12), freeAt: null },
  ],
};
