const MINUTE = 60_000;
const DAY = 86_400_000;
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
/** A day of the year has its weekday again after eleven years at most, the 29th of February mostly after 28, and after 40 around a 1900. */
const YEARS = 41;

/** A moment as lmstat says it, in UTC: `Fri 11/27 10:03`. */
export interface StartText {
  readonly weekday: string;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

/**
 * The moment that lmstat names without its year: the last one on that weekday that is not in the future. What is up to a day ahead is taken as it stands: clocks differ. Null for a
 * date that there never was.
 */
export function startTime(text: StartText, now: Date): Date | null {
  for (let back = -1; back < YEARS; back += 1) {
    const date = dateOf(text, now.getUTCFullYear() - back);
    if (date !== null && date.getTime() <= now.getTime() + DAY && WEEKDAYS[date.getUTCDay()] === text.weekday) return date;
  }
  return null;
}

function dateOf({ month, day, hour, minute }: StartText, year: number): Date | null {
  if (hour > 23 || minute > 59) return null;
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date : null;
}

const CLOCK = /^Flexible License Manager status on \w{3} (\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):(\d{2})$/;

/**
 * Whether lmutil, which ran between two moments and says in its second line what time it is, means UTC by it. Where it does not, its other times cannot be read.
 */
export function isUtc(line: string, from: Date, to: Date): boolean {
  const [, month, day, year, hour, minute] = CLOCK.exec(line) ?? [];
  const date = dateOf({ weekday: '', month: Number(month), day: Number(day), hour: Number(hour), minute: Number(minute) }, Number(year));
  return date !== null && date.getTime() > from.getTime() - MINUTE && date.getTime() <= to.getTime();
}
