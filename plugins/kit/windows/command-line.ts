import { PluginError } from '#plugins/api';

/** What CreateProcess takes, its final NUL included. Source: Microsoft, CreateProcessW, lpCommandLine. UTF-16 units. */
const MAX_UNITS = 32_767;

/**
 * The command line that a program's C runtime takes apart into exactly `argv`, `CommandLineToArgvW` too. Rules: Microsoft, "Parsing C command-line arguments": a quote is written with a
 * backslash before it; backslashes count only before a quote, and double there. The name of the program has rules of its own: between quotes, and no backslash means anything.
 *
 * `invalid` for what no program can be given: a NUL, half of a surrogate pair, a quote in the name, too much altogether. And for batch files: Windows hands those to cmd.exe, which reads
 * the line by rules by which nothing is safe (`%`, `^`, quotes); run `cmd.exe /c` on a script that was uploaded.
 */
export function commandLine(argv: readonly string[]): string {
  const [program = '', ...words] = argv;
  if (program === '') throw new PluginError('invalid', 'There is no command to run: argv is empty, or its first element.');
  for (const word of argv) checkWord(word);
  if (program.includes('"')) throw new PluginError('invalid', `${JSON.stringify(program)} cannot name a program of Windows: it holds a quote.`);
  if (isBatch(program)) {
    const message = `${program} is a batch file, whose arguments cannot be passed unchanged: upload a script that calls it and run that by cmd.exe /c.`;
    throw new PluginError('invalid', message);
  }
  const line = [`"${program}"`, ...words.map(quoteArgument)].join(' ');
  if (line.length < MAX_UNITS) return line;
  throw new PluginError('invalid', `The command is ${line.length} characters long; at most ${MAX_UNITS - 1} fit. Put what is long into a file.`);
}

/** One argument as the C runtime reads it back. Without quotes where none are needed: cmd.exe, msiexec.exe and others read the line by themselves and want their `/c` without. */
export function quoteArgument(word: string): string {
  if (/^[^\s"]+$/.test(word)) return word;
  const escaped = word.replaceAll(/(\\*)"/g, String.raw`$1$1\"`).replace(/(\\+)$/, '$1$1');
  return `"${escaped}"`;
}

function checkWord(word: string): void {
  if (word.includes('\0')) throw new PluginError('invalid', 'An argument holds a NUL character, which no program can be given.');
  if (Buffer.from(word).toString() !== word) throw new PluginError('invalid', 'An argument is no well-formed Unicode.');
}

/** Windows passes over dots and spaces at the end of a file's name, and CreateProcess sees the batch file behind them. */
function isBatch(program: string): boolean {
  return /\.(?:bat|cmd)[. ]*(?:::?\$data)?[. ]*$/i.test(program);
}
