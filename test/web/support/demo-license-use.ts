import type { LicenseMonth, LicenseUsePoint, LicenseUseView } from '#server/api';
import { ago } from './demo-clock.ts';

const STRETCHES = 96;

/** A pool whose past is invented: `wanted` says how many seats were wanted at once, so many hours ago. */
interface DemoUse {
  readonly pool: string;
  readonly product: string;
  readonly seats: (hoursAgo: number) => number;
  readonly wanted: (hoursAgo: number) => number;
}

/** One that is always short of seats, one that has had enough since it was given more, one that nobody uses. */
const USES: readonly DemoUse[] = [
  { pool: 'oracle', product: 'instantclient-sdk', seats: () => 2, wanted: (at) => 1.3 + Math.sin(at / 2.3) + Math.sin(at / 0.7) * 0.8 },
  { pool: 'site', product: 'msvc-2015', seats: (at) => (at > 17 ? 4 : 8), wanted: (at) => 3.2 + 2.6 * Math.sin(at / 3.8 + 1) + Math.sin(at * 2) },
  { pool: 'reserve', product: 'msvc-2015', seats: () => 2, wanted: (at) => (at % 9 < 1 ? 1 : 0) },
  { pool: 'qnx', product: 'qnx-sdp', seats: () => 0, wanted: () => 0 },
];

/** How the demo's pools were used in the last hours. */
export function makeUse(hours: number): LicenseUseView {
  return { hours, pools: USES.map(({ pool, product, ...use }) => ({ pool, product, points: pointsOf(use, hours) })), months: makeMonths() };
}

function pointsOf({ seats, wanted }: Pick<DemoUse, 'seats' | 'wanted'>, hours: number): LicenseUsePoint[] {
  return Array.from({ length: STRETCHES }, (_, index) => {
    const at = ((STRETCHES - index) / STRETCHES) * hours;
    const [limit, want] = [seats(at), Math.max(0, wanted(at))];
    const most = Math.min(limit, Math.round(want + 0.4));
    return { at: ago(at * 3600), most, mean: Math.min(most, want * 0.8), seats: limit };
  });
}

function makeMonths(): LicenseMonth[] {
  const now = new Date(ago(0));
  return Array.from({ length: 12 }, (_, index) => {
    const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 11 + index)).toISOString().slice(0, 7);
    const refusals = [0, 0, 1, 0, 2, 0, 3, 5, 4, 8, 9, 14][index] ?? 0;
    const leases = 310 + index * 47;
    return [
      { month, product: 'instantclient-sdk', seats: 2, peak: 2, leases, seatHours: leases * 0.21, refusals },
      { month, product: 'msvc-2015', seats: index < 11 ? 4 : 10, peak: 2 + (index % 3), leases: leases * 4, seatHours: leases * 1.37, refusals: 0 },
    ];
  }).flat();
}
