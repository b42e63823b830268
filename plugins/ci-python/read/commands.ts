import { type Found, place } from './found.ts';
import { type Ini, readIni, valueLines } from './ini.ts';

/** Commands that a file of the project runs its tests by, with the requirements that stand beside them. */
export interface Commands {
  readonly commands: readonly Found<string>[];
  readonly requirements: Found<readonly string[]> | null;
}

/** The commands and `deps` of tox's plain environment. Lines that tox fills in are left out of the requirements. */
export function readTox(ini: Ini): Commands {
  const env = ini.get('testenv');
  const commands = env?.get('commands');
  const deps = env?.get('deps');
  const requirements = valueLines(deps).filter((line) => !/[{}$]|^-|^[A-Za-z0-9!,.-]+:\s/.test(line));
  return {
    commands: valueLines(commands).map((value) => ({ value, where: place('tox.ini', commands?.line ?? null) })),
    requirements: requirements.length === 0 ? null : { value: requirements, where: place('tox.ini', deps?.line ?? null) },
  };
}

/** The commands of a Makefile's target `test`, `tests` or `check`. */
export function readMakefile(text: string): Found<string>[] {
  const lines = text.split(/\r\n|\n/);
  const start = lines.findIndex((line) => /^(?:tests?|check|unittests?)\s*:(?!=)/.test(line));
  if (start < 0) return [];
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => /^[^\s#]/.test(line));
  const own = end < 0 ? rest : rest.slice(0, end);
  return own.flatMap((line, index) =>
    line.startsWith('\t') ? [{ value: line.trim().replace(/^[@-]+/, ''), where: place('Makefile', start + index + 2) }] : [],
  );
}

/** Where a file configures a tool: the section, with its line. */
export function sectionOf(texts: ReadonlyMap<string, string>, file: string, section: string): string | null {
  const text = texts.get(file);
  if (text === undefined || !readIni(text).has(section)) return null;
  const line = text.split(/\r\n|\n/).findIndex((one) => one.startsWith(`[${section}]`));
  return `[${section}] in ${place(file, line < 0 ? null : line + 1)}`;
}
