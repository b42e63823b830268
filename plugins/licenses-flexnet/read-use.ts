import { startTime } from './start-time.ts';

/** A line of lmstat about seats of a feature. `isSure`: its user and its host can be told apart, which names with spaces may make impossible. */
export interface UseLine {
  readonly user: string;
  readonly host: string;
  readonly isSure: boolean;
  readonly seats: number;
  readonly since: Date | null;
  /** `HOST PORT HANDLE`, as lmremove takes it; null where it cannot be removed alone. */
  readonly handle: string | null;
}

// user host display (v1.000) (server/27000 101), start Fri 11/27 10:03, 3 licenses  (linger: 0 / 86400), PID: 4711
const USE = /^(\S.*) \(([A-Za-z0-9][\w.:-]*)\/(\d{1,5})(?: (\d{1,9}))?\)(,? .*)$/;
const VERSION = / \(v[^()\s]*\)$/;
const START =
  /^, start ([A-Z][a-z]{2}) (\d{1,2})\/(\d{1,2}) (\d{1,2}):(\d{2})(?:, (\d{1,7}) licenses?)?( +\(linger: \d+(?: \/ \d+)?\))?(?:, PID: \d+)?$/;
const QUEUED = /^,? queued for \d{1,7} licenses?$/;
const RESERVATION = /^(\d{1,7}) RESERVATIONs? for ([A-Z_]+) (\S.*)$/;

/**
 * Reads a line, without the space around it, of those below a feature: a use, a reservation (somebody's use outside of this installation: its seats are given to nobody else),
 * `queued` for who only waits, or null for none of these. What a user chose as his names cannot look like the rest: that is read from the end.
 */
export function readUse(line: string, now: Date): UseLine | 'queued' | null {
  const [, names = '', host, port, handle, tail = ''] = USE.exec(line) ?? [];
  if (QUEUED.test(tail)) return 'queued';
  const start = START.exec(tail);
  if (start === null) return readReservation(line);
  const [, weekday = '', month, day, hour, minute, seats = '1', linger] = start;
  const since = startTime({ weekday, month: Number(month), day: Number(day), hour: Number(hour), minute: Number(minute) }, now);
  // What is borrowed outlives its client by purpose.
  const isNamed = handle !== undefined && linger === undefined;
  return { ...readNames(names), seats: Number(seats), since, handle: isNamed ? `${host} ${port} ${handle}` : null };
}

/** `user host display (v1.000)`; some clients have no display. */
function readNames(text: string): Pick<UseLine, 'user' | 'host' | 'isSure'> {
  const [user = '', host = '', ...rest] = text.replace(VERSION, '').split(' ');
  return { user, host, isSure: host !== '' && rest.length < 2 };
}

function readReservation(line: string): UseLine | null {
  const [, seats, kind, name = ''] = RESERVATION.exec(line) ?? [];
  if (kind === undefined) return null;
  return { user: `reserved for ${kind}`, host: name, isSure: false, seats: Number(seats), since: null, handle: null };
}
