import { checkVariable } from '../kit/job-checks.ts';
import { sourceText } from '../kit/bundle-files.ts';

const scripts = new Map<string, string>();

/** One of the scripts of this folder, without its comments, which a shell would have to read. */
export function script(name: string): string {
  const known = scripts.get(name);
  if (known !== undefined) return known;
  const text = sourceText(`posix/${name}`).replaceAll(/^ *#(?!!).*\n/gm, '');
  scripts.set(name, text);
  return text;
}

/** Literal variables, as job.sh reads them: `NAME LINES`, then the lines of the value. Throws for what no environment can hold. */
export function variableLines(variables: readonly { readonly name: string; readonly value: string }[]): string {
  return variables
    .map(({ name, value }) => {
      checkVariable(name, value);
      return `${name} ${value.split('\n').length}\n${value}\n`;
    })
    .join('');
}
