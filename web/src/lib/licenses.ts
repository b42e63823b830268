import type { LicensePoolView, LicensesView } from '#server/api';
import { count, formatCount } from './numbers.ts';

/** So many squares are drawn at most. */
const MOST_SQUARES = 60;

/** How all licences stand, in a sentence. */
export function licensesSentence({ pools }: LicensesView): string {
  const full = pools.filter(({ free, seats }) => free === 0 && seats > 0);
  if (full.length === 0) return `Every product has a free seat.`;
  return `${full.map(({ product }) => product).join(', ')} ${full.length === 1 ? 'has' : 'have'} no free seat.`;
}

/** How a pool stands: `2 of 3 seats taken, 1 of them in quarantine`. */
export function seatsSentence({ seats, held, quarantined }: LicensePoolView): string {
  if (seats + held + quarantined === 0) return 'no seats now';
  const taken = `${formatCount(held + quarantined)} of ${count(seats, 'seat')} taken`;
  return quarantined === 0 ? taken : `${taken}, ${formatCount(quarantined)} of them in quarantine`;
}

const DAY_MS = 86_400_000;
/** So many days before its end a licence warns. */
const WARN_DAYS = 30;

/** When a pool may be used, in words; null where nothing limits it. `warns`: somebody should do something. `now`: milliseconds since 1970. */
export function validity(
  { validFrom, validUntil, isValid }: LicensePoolView,
  now: number,
): { readonly text: string; readonly warns: boolean } | null {
  if (validFrom !== null && !isValid && Date.parse(validFrom) > now) return { text: `May be used from ${validFrom} on.`, warns: true };
  if (validUntil === null) return null;
  if (!isValid) return { text: `Expired: its last day was ${validUntil}. No job gets a seat.`, warns: true };
  const days = Math.ceil((Date.parse(validUntil) + DAY_MS - now) / DAY_MS);
  if (days > WARN_DAYS) return { text: `Valid until ${validUntil}.`, warns: false };
  return { text: `Expires in ${count(days, 'day')}: its last day is ${validUntil}.`, warns: true };
}

/** A word for each seat, those that jobs have first; more than there are seats where some were taken away meanwhile. */
export function seatsOf({ held, quarantined, free }: LicensePoolView): ('held' | 'quarantined' | 'free')[] {
  const words = (['held', 'quarantined', 'free'] as const).flatMap((word) => {
    const number = { held, quarantined, free }[word];
    return Array.from({ length: Math.min(number, MOST_SQUARES) }, () => word);
  });
  return words.slice(0, MOST_SQUARES);
}
