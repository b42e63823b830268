import { scriptLine, wordsLine } from './ssh-quote.ts';

/** Programs that wait in a machine until they are told which of a few scripts to run, once. */
export interface Spares {
  /** The command line that starts one. */
  readonly line: string;
  /** What it is told on its standard input, before that is the script's; null for a script that it does not know. Throws `invalid` for what no program can be given. */
  readonly order: (script: string, parameters: readonly string[]) => string | null;
}

/** Shells, for any POSIX machine: each script is a function, read before the order comes. */
export function shellSpares(scripts: readonly string[]): Spares {
  const functions = scripts.map((script, index) => `s${index}() {\n${script}\n}\n`);
  const program = `${functions.join('')}IFS= read -r n || exit 0
o=
while [ "$n" -gt 0 ]; do IFS= read -r l || exit 1; o="$o$l
"; n=$((n - 1)); done
eval "$o"
`;
  return {
    line: scriptLine(program, []),
    // Of how many lines the order is, then the order: a function and its parameters, quoted.
    order: (script, parameters) => {
      if (!scripts.includes(script)) return null;
      const order = `s${scripts.indexOf(script)} ${wordsLine(parameters)}\n`;
      return `${order.split('\n').length - 1}\n${order}`;
    },
  };
}
