import { PluginError } from '#plugins/api';

/** The kernel's limit for one argument is 128 KiB, and an SSH server hands a whole command line to the shell as one; some room is left. */
export const MAX_COMMAND_LINE_BYTES = 120_000;

/**
 * One word of a POSIX command line that a shell turns back into exactly `word`: single quotes, in which nothing is special.
 * Throws `invalid` for what no argument can hold: a NUL, or half of a surrogate pair.
 */
export function quoteWord(word: string): string {
  if (word.includes('\0')) throw new PluginError('invalid', 'An argument holds a NUL character, which no program can be given.');
  if (Buffer.from(word).toString() !== word) throw new PluginError('invalid', 'An argument is no well-formed Unicode and cannot be sent as UTF-8.');
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** Words as a shell reads them back, at most as long as a command line. Throws `invalid` as `quoteWord` does, and for what is too long. */
export function wordsLine(words: readonly string[]): string {
  return checked(words.map(quoteWord).join(' '));
}

/**
 * The command line that runs the constant `script` by `/bin/sh` with `parameters` as `$1`, `$2`, ... Data reaches the machine only as
 * quoted parameters, never as part of the script. Throws `invalid` where the line is longer than a machine takes.
 */
export function scriptLine(script: string, parameters: readonly string[]): string {
  const line = `exec /bin/sh -c ${[script, 'terrarium', ...parameters].map(quoteWord).join(' ')}`;
  return checked(line);
}

function checked(line: string): string {
  const bytes = Buffer.byteLength(line);
  if (bytes <= MAX_COMMAND_LINE_BYTES) return line;
  throw new PluginError('invalid', `The command is ${bytes} bytes long; at most ${MAX_COMMAND_LINE_BYTES} fit. Put what is long into a file.`);
}
