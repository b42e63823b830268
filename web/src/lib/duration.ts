const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * A duration in the one style of these pages: `<0.1 s`, `0.4 s`, `42 s`, `1 m 12 s`, `2 h 03 m`, `3 d 4 h`.
 * Milliseconds in; less than nothing counts as nothing.
 */
export function formatDuration(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms > 0 && ms < 50) return '<0.1 s';
  if (ms < 9950) return `${(Math.round(ms / 100) / 10).toString()} s`;
  const seconds = Math.round(ms / SECOND);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m ${pad(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${pad(minutes % 60)} m`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** The same in a cell of the matrix, where there is little room: `0.4s`, `42s`, `1:12`, `2:03h`, `3d`. */
export function formatShortDuration(milliseconds: number): string {
  if (milliseconds < 9950) return `${Math.round(Math.max(0, milliseconds) / 100) / 10}s`;
  const seconds = Math.round(milliseconds / SECOND);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}:${pad(seconds % 60)}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours}:${pad(minutes % 60)}h`;
  return `${Math.floor(hours / 24)}d`;
}

/** A moment as seen from `now` (both milliseconds since 1970): `just now`, `3 min ago`, `in 2 h`, `5 days ago`, then the date. */
export function formatRelative(at: number, now: number): string {
  const distance = Math.abs(now - at);
  if (distance < 10 * SECOND) return 'just now';
  if (distance >= 30 * DAY) return new Date(at).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });
  const words = distanceInWords(distance);
  return at <= now ? `${words} ago` : `in ${words}`;
}

/** A moment to the second, in the reader's time zone and with its name. */
export function formatExact(at: number): string {
  return new Date(at).toLocaleString('en-GB', { dateStyle: 'full', timeStyle: 'long' });
}

/** A time of day with milliseconds, for a log: `14:03:12.345`. */
export function formatClock(at: number): string {
  const date = new Date(at);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${date.getMilliseconds().toString().padStart(3, '0')}`;
}

/** A time of day to the minute, in the reader's time zone: `14:03`. */
export function formatTimeOfDay(at: number): string {
  const date = new Date(at);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

function distanceInWords(distance: number): string {
  if (distance < MINUTE) return `${Math.floor(distance / SECOND)} s`;
  if (distance < HOUR) return `${Math.floor(distance / MINUTE)} min`;
  if (distance < DAY) return `${Math.floor(distance / HOUR)} h`;
  const days = Math.floor(distance / DAY);
  return days === 1 ? '1 day' : `${days} days`;
}

function pad(value: number): string {
  return value.toString().padStart(2, '0');
}
