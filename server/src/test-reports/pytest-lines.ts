/*
 * What lines of pytest look like. All begin at the line's beginning and have no two ways to match, so that no line takes long.
 */

/** A title between equals signs, which fill the line. */
export const RULE = /^={3,} (.+?) ={3,}$/;

/** A test's title between underscores, which fill the line; where it is long there is only one on either side. */
const HEADING = /^_+ (.+?) _+$/;
const BETWEEN_FRAMES = /^[_ ]+$/;
const KIND = /^(?:ERROR (?:collecting|at setup of|at teardown of) |\[doctest\] )/;

/** `tests/test_a.py:12: ValueError`, `tests/test_a.py:12: in test_b`; nothing behind it where another frame follows, or a fixture is missing. */
const PLACE = /^((?:[A-Za-z]:)?[^\s:][^:]*):(\d+)(?::(?: .*)?)?$/;
/** A frame as Python itself writes it, also of a syntax error. */
const FRAME = /^ *File "([^"]+)", line (\d+)/;

/** What was wrong. */
export const REASON = /^E(?: {3,}|$)(.*)$/;
/** The same, under frames as Python writes them: whatever is not indented. */
export const NATIVE_REASON = /^[A-Za-z_][\w.]*(?:: .*)?$/;
/** What a test printed follows. */
export const CAPTURED = /^-{3,} .+ -{3,}$/;
/** The exception told of until now is not the last. */
export const CHAINED = /^(?:The above exception was the direct cause|During handling of the above exception)/;
export const ROOT = /^rootdir: (.+?)(?:, (?:inifile|configfile|testpaths|plugins)\b.*)?$/;

const WORDS = 'passed|failed|errors?|skipped|xfailed|xpassed|deselected|warnings?|reruns?|subtests (?:passed|failed|skipped)';
const TOTALS = new RegExp(`^\\d+ (?:${WORDS})(?:, \\d+ (?:${WORDS}))* in [\\d.]+ ?s`);
const COUNTS = new RegExp(`(\\d+) (${WORDS})(?=,| in )`, 'g');
const SUMMARY = /^(FAILED|ERROR) (.+)$/;

/** The title of a test's part of a section whose lines are so wide; null if it is none. */
export function headingOf(text: string, width: number): string | null {
  if (text.length < width) return null;
  const title = HEADING.exec(text)?.[1];
  return title === undefined || BETWEEN_FRAMES.test(title) ? null : title.replace(KIND, '');
}

/** Where something happened, as it is written. */
export function placeOf(text: string): { readonly path: string; readonly line: number; readonly isNative: boolean } | null {
  const native = FRAME.exec(text);
  const [, path, line] = native ?? PLACE.exec(text) ?? [];
  return path === undefined ? null : { path, line: Number(line), isNative: native !== null };
}

/** The counts of a run's last line, by their words; null if it is none. */
export function totalsOf(text: string): Map<string, number> | null {
  return TOTALS.test(text) ? new Map([...text.matchAll(COUNTS)].map(([, number, word = '']) => [word, Number(number)])) : null;
}

/** `FAILED tests/test_a.py::TestB::test_c[x - y] - why`. */
export function summaryOf(
  text: string,
): { readonly outcome: 'failed' | 'errored'; readonly path: string; readonly name: string; readonly why: string } | null {
  const [, word, rest] = SUMMARY.exec(text) ?? [];
  if (word === undefined || rest === undefined) return null;
  const [id, why] = splitReason(rest);
  const bracket = id.indexOf('[');
  const [path = '', ...names] = (bracket === -1 ? id : id.slice(0, bracket)).split('::');
  const name = names.length === 0 ? path : names.join('.');
  return { outcome: word === 'ERROR' ? 'errored' : 'failed', path, name: bracket === -1 ? name : name + id.slice(bracket), why };
}

/** A parameter, in brackets, may hold what stands before the reason. */
function splitReason(text: string): [string, string] {
  const first = text.indexOf(' - ');
  const bracket = text.indexOf('[');
  if (bracket === -1 || (first !== -1 && first < bracket)) return first === -1 ? [text, ''] : [text.slice(0, first), text.slice(first + 3)];
  const end = text.indexOf('] - ', bracket);
  return end === -1 ? [text, ''] : [text.slice(0, end + 1), text.slice(end + 4)];
}
