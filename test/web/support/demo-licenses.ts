import type { LicensePoolView, LicensesView } from '#server/api';
import { ago } from './demo-clock.ts';

const POOL = {
  versions: null,
  terms: { projects: [] as string[], groups: [] as string[], trustedOnly: false },
  hosts: [] as string[],
  images: [] as string[],
  onWithdrawal: 'finish' as const,
  keyUse: 'none' as const,
  keyVariable: null,
  keyAs: 'value' as const,
  keys: [] as string[],
  server: null,
  reservations: [],
  mostPerProject: null,
  quarantineSeconds: 0,
  validFrom: null,
  validUntil: null,
  isValid: true,
  costCenter: '',
  createdAt: ago(900_000),
} satisfies Partial<LicensePoolView>;

/** A pool with room, one that is full and one with a seat in quarantine. */
export const DEMO_LICENSES: LicensesView = {
  pools: [
    { ...POOL, name: 'oracle', product: 'instantclient-sdk', seats: 2, held: 1, quarantined: 1, free: 0, quarantineSeconds: 3600 },
    {
      ...POOL,
      name: 'site',
      product: 'msvc-2015',
      seats: 8,
      held: 2,
      quarantined: 0,
      free: 6,
      mostPerProject: 4,
      validUntil: ago(-12 * 86_400).slice(0, 10),
      costCenter: '4711 tools',
    },
    { ...POOL, name: 'qnx', product: 'qnx-sdp', seats: 0, held: 0, quarantined: 0, free: 0 },
  ],
  waiting: [],
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
