/** How loudly a line says that it is an error, most telling first. Programs of the Python world, then anything. */
const SIGNS: readonly RegExp[] = [
  /^E {2,}\S/,
  /^(?:[A-Za-z_.]*(?:Error|Exception|Failure))(?::|$)/,
  /^(?:FAILED|ERROR) \S+::/,
  /^\S+:\d+:(?:\d+:)? (?:fatal )?error\b/,
  /(?:^|\s)(?:fatal|error)(?: [A-Z]+\d+)?:/i,
  /command not found|No such file or directory|Permission denied/,
  /^Traceback \(most recent call last\)/,
];

/**
 * The line that most likely says what went wrong, by its place in `lines` (plain text): the first of the most telling kind.
 * Null where nothing looks like an error.
 */
export function findFirstError(lines: readonly string[]): number | null {
  for (const sign of SIGNS) {
    const at = lines.findIndex((line) => sign.test(line));
    if (at !== -1) return at;
  }
  return null;
}
