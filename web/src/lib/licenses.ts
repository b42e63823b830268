import type { LicensePoolView, LicensesView, ReservationView, SeatWaitView } from '#server/api';
import { count, formatCount, listWords } from './numbers.ts';

/** So many squares are drawn at most. */
const MOST_SQUARES = 60;

/** How all licences stand: what has no free seat, who waits, what expires soon and what cannot be asked. `now`: milliseconds since 1970. */
export function licensesSentence({ pools, waiting }: LicensesView, now: number): string {
  const full = productsOf(pools).filter((product) => pools.every((pool) => pool.product !== product || (pool.free === 0 && pool.seats > 0)));
  const seats = full.length === 0 ? 'Every product has a free seat.' : `${full.join(', ')} ${full.length === 1 ? 'has' : 'have'} no free seat.`;
  const waits = waiting.length === 0 ? [] : [`${count(waiting.length, 'job')} ${waiting.length === 1 ? 'waits' : 'wait'} for one.`];
  const ends = pools.flatMap((pool) => {
    const said = validity(pool, now);
    return said?.warns ? [`${pool.product} (${pool.name}) ${said.short}.`] : [];
  });
  const unasked = pools.filter(({ server }) => (server?.problem ?? null) !== null).map(({ name }) => name);
  const problem = unasked.length === 0 ? [] : [`The licence server of ${listWords(unasked)} has a problem.`];
  return [seats, ...waits, ...ends, ...problem].join(' ');
}

function productsOf(pools: readonly LicensePoolView[]): string[] {
  return [...new Set(pools.map(({ product }) => product))];
}

/** How a pool stands: `2 of 3 seats taken, 1 of them in quarantine; 1 more is used outside of here`. */
export function seatsSentence(pool: LicensePoolView): string {
  const { seats, held, quarantined } = pool;
  if (seats + held + quarantined === 0) return 'no seats now';
  const taken = `${formatCount(held + quarantined)} of ${count(seats, 'seat')} taken`;
  const inQuarantine = quarantined === 0 ? '' : `, ${formatCount(quarantined)} of them in quarantine`;
  const { outside, unusable } = othersOf(pool);
  const others = [
    ...(outside === 0 ? [] : [`${formatCount(outside)} more ${outside === 1 ? 'is' : 'are'} used outside of here`]),
    ...(unusable === 0 ? [] : [`${formatCount(unusable)} cannot be used${whyUnusable(pool)}`]),
  ];
  return [`${taken}${inQuarantine}`, ...others].join('; ');
}

/** Seats that are neither taken here nor free: somebody else has them, or they may not be used now. */
function othersOf({ seats, held, quarantined, free, isValid, server }: LicensePoolView): { readonly outside: number; readonly unusable: number } {
  const left = Math.max(0, seats - held - quarantined - free);
  const outside = isValid ? Math.min(left, server?.outside ?? 0) : 0;
  return { outside, unusable: left - outside };
}

function whyUnusable({ isValid, keyUse, keys, seats, server }: LicensePoolView): string {
  if (!isValid) return ': the licence is not valid today';
  if (server !== null && server.seats === null) return ': its licence server was never reached';
  if (keyUse === 'each' && keys.length < seats)
    return `: ${keys.length === 0 ? 'there is no key' : `there ${keys.length === 1 ? 'is' : 'are'} only ${count(keys.length, 'key')}`}`;
  return server === null ? '' : ': its licence server has fewer';
}

const DAY_MS = 86_400_000;
/** So many days before its end a licence warns. */
const WARN_DAYS = 30;

/** When a pool may be used, in words and, for the head of the page, in few; null where nothing limits it. `warns`: somebody should do something. `now`: milliseconds since 1970. */
export function validity(
  { validFrom, validUntil, isValid }: LicensePoolView,
  now: number,
): { readonly text: string; readonly short: string; readonly warns: boolean } | null {
  if (validFrom !== null && !isValid && Date.parse(validFrom) > now)
    return { text: `May be used from ${validFrom} on.`, short: `may be used from ${validFrom} on`, warns: true };
  if (validUntil === null) return null;
  if (!isValid) return { text: `Expired: its last day was ${validUntil}. No job gets a seat.`, short: 'has expired', warns: true };
  const days = Math.ceil((Date.parse(validUntil) + DAY_MS - now) / DAY_MS);
  if (days > WARN_DAYS) return { text: `Valid until ${validUntil}.`, short: `is valid until ${validUntil}`, warns: false };
  return { text: `Expires in ${count(days, 'day')}: its last day is ${validUntil}.`, short: `expires in ${count(days, 'day')}`, warns: true };
}

/** What a square stands for. `outside`: whoever has it is none of our jobs. `unusable`: nobody gets it now. */
export type SeatKind = 'held' | 'quarantined' | 'outside' | 'unusable' | 'free';

/** A word for each seat, those that jobs have first, so many at most; more than there are seats where some were taken away meanwhile. */
export function seatsOf(pool: LicensePoolView): SeatKind[] {
  const { outside, unusable } = othersOf(pool);
  const numbers: [SeatKind, number][] = [
    ['held', pool.held],
    ['quarantined', pool.quarantined],
    ['outside', outside],
    ['unusable', unusable],
    ['free', pool.free],
  ];
  return numbers.flatMap(([kind, number]) => Array.from({ length: Math.min(number, MOST_SQUARES) }, () => kind)).slice(0, MOST_SQUARES);
}

/** Jobs that wait for seats, by product. */
export function waitsOf({ waiting }: LicensesView): { readonly product: string; readonly waits: readonly SeatWaitView[] }[] {
  const products = [...new Set(waiting.map(({ product }) => product))];
  return products.map((product) => ({ product, waits: waiting.filter((wait) => wait.product === product) }));
}

/** Where a pool may be used, in words. */
export function tieWords({ hosts, images }: LicensePoolView): string {
  const parts = [...(hosts.length === 0 ? [] : [`on ${listWords(hosts)}`]), ...(images.length === 0 ? [] : [`of ${listWords(images)}`])];
  return parts.length === 0 ? 'any machine' : `machines ${parts.join(', ')}`;
}

/** What keys jobs get, in words. */
export function keyWords({ keyUse, keyVariable, keyAs }: LicensePoolView): string {
  if (keyUse === 'none') return 'not given to jobs';
  const what = keyUse === 'shared' ? 'the first one for every seat' : 'one for each seat';
  return `${what}, ${keyAs === 'file' ? 'as a file whose place is in' : 'in'} ${keyVariable ?? ''}`;
}

/** Seats that are kept, and when: `2 seats from 4 Nov, 08:00 until 5 Nov, 08:00`. `now`: milliseconds since 1970. */
export function reservationWords({ seats, from, until }: Pick<ReservationView, 'seats' | 'from' | 'until'>, now: number): string {
  const begins = Date.parse(from);
  const words = begins <= now ? 'kept' : `to be kept from ${formatMoment(begins)}`;
  return `${count(seats, 'seat')} ${words} until ${formatMoment(Date.parse(until))}`;
}

function formatMoment(at: number): string {
  return new Date(at).toLocaleString('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });
}

/** A moment as a field for a day and a time has it, of the reader's time zone. */
export function localMoment(at: number): string {
  const date = new Date(at);
  return new Date(at - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** The moment that such a field says, in ISO 8601; empty where it says none. */
export function momentOf(text: string): string {
  const at = new Date(text).getTime();
  return Number.isNaN(at) ? '' : new Date(at).toISOString();
}
