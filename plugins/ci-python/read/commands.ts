import { type Found, place } from './found.ts';
import { type Ini, type IniValue, readIni, valueLines } from './ini.ts';

/** Commands that a file of the project runs its tests by, with the requirements that stand beside them. */
export interface Commands {
  readonly commands: readonly Found<string>[];
  readonly requirements: Found<readonly string[]> | null;
  /** Extras of the project that are installed for them. */
  readonly extras: Found<readonly string[]> | null;
  /** Variables that are set for them; without those that tox would have to fill in. */
  readonly variables: readonly { readonly name: string; readonly value: string }[];
  /** A requirements file that is named there. */
  readonly file: Found<string> | null;
  /** The Pythons of its environments, `2.7`. */
  readonly pythons: readonly Found<string>[];
}

/** The commands, `deps` and environments of a tox.ini. Lines of `deps` that tox fills in, or that are for some environments only, are left out. */
export function readTox(ini: Ini): Commands {
  const env = ini.get('testenv');
  const commands = env?.get('commands');
  const deps = env?.get('deps');
  const lines = valueLines(deps);
  const file = lines.map((line) => /^-r\s*(?:\{toxinidir\}\/|\.\/)?([\w./-]+)$/.exec(line)?.[1]).find((one) => one !== undefined);
  const requirements = lines.filter((line) => !/[{}$]|^-|^[A-Za-z0-9!,.-]+:\s/.test(line));
  return {
    commands: commandLines(commands).map((value) => ({ value: value.replace(CONDITION, ''), where: place('tox.ini', commands?.line ?? null) })),
    requirements: requirements.length === 0 ? null : { value: requirements, where: place('tox.ini', deps?.line ?? null) },
    variables: variablesOf(env?.get('setenv') ?? env?.get('set_env')),
    extras: extrasOf(env?.get('extras')),
    file: file === undefined ? null : { value: file, where: `${file}, named by ${place('tox.ini', deps?.line ?? null)}` },
    pythons: pythonsOf(ini.get('tox')?.get('envlist') ?? ini.get('tox')?.get('env_list')),
  };
}

function variablesOf(setenv: IniValue | undefined): { name: string; value: string }[] {
  return valueLines(setenv).flatMap((line) => {
    const sign = line.indexOf('=');
    const [name, value] = [line.slice(0, Math.max(0, sign)).trim(), line.slice(sign + 1).trim()];
    return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !/[{}\0]/.test(value) ? [{ name, value }] : [];
  });
}

/** `test, {env:X:docs}` as `test` and `docs`. */
function extrasOf(extras: IniValue | undefined): Found<readonly string[]> | null {
  const text = (extras?.text ?? '').replaceAll(/\{env:\w+:([^{}]*)\}/g, '$1');
  const names = [...new Set(text.split(/[\s,]+/))].filter((name) => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name));
  return names.length === 0 ? null : { value: names, where: place('tox.ini', extras?.line ?? null) };
}

/** A backslash at a line's end joins it with the next. */
function commandLines(commands: IniValue | undefined): string[] {
  return valueLines(commands === undefined ? undefined : { ...commands, text: commands.text.replaceAll(/\\\n/g, ' ') });
}

/** `py27: `, `tests,py{36,37}: ` in front of a command. */
const CONDITION = /^!?\w[\w{},!.-]*:\s+/;

/** Of `py{27,36}-django, pypy` 2.7 and 3.6. */
function pythonsOf(envlist: IniValue | undefined): Found<string>[] {
  const factors = (envlist?.text ?? '').replaceAll(/\bpy\{([^{}]*)\}/g, (_, inner: string) =>
    (/^[\d,. \n]*/.exec(inner)?.[0] ?? '')
      .split(/[,\s]+/)
      .map((version) => `py${version}`)
      .join(' '),
  );
  const found = [...factors.matchAll(/(?<![\w.])py([23])\.?(\d{1,2})(?![\d.])/g)].map(([, major, minor]) => `${major}.${minor}`);
  return [...new Set(found)].map((value) => ({ value, where: place('tox.ini', envlist?.line ?? null) }));
}

/** The commands of a Makefile's target `test`, `tests` or `check`, or, where that only names others, of those. */
export function readMakefile(text: string): Found<string>[] {
  const lines = text.split(/\r\n|\n/);
  const target = lines.map((line) => /^(tests?|check|unittests?)\s*:(?!=)([^#]*)/.exec(line)).find((match) => match !== null);
  if (target === undefined) return [];
  const recipes = new Recipes(lines);
  const own = recipes.of(target[1] ?? '');
  return own.length > 0 ? own : [...new Set((target[2] ?? '').split(/\s+/))].flatMap((name) => recipes.of(name));
}

/** The recipes of a Makefile, by their targets; the first of a name counts. */
class Recipes {
  readonly #lines: readonly string[];
  /** Where each target stands: a line may name very many, and be one of very many. */
  readonly #starts = new Map<string, number>();

  constructor(lines: readonly string[]) {
    this.#lines = lines;
    for (const [index, line] of lines.entries()) {
      const name = line.slice(0, Math.max(0, line.indexOf(':'))).replace(/ $/, '');
      if (name !== '' && !this.#starts.has(name)) this.#starts.set(name, index);
    }
  }

  /** The commands of a target, each with the lines that a backslash joins it with. */
  of(target: string): Found<string>[] {
    const start = this.#starts.get(target);
    const commands: Found<string>[] = [];
    let parts: string[] = [];
    let begun: number | null = null;
    for (let index = (start ?? this.#lines.length) + 1; index < this.#lines.length; index += 1) {
      const line = this.#lines[index] ?? '';
      if (/^[^\s#]/.test(line)) break;
      if (parts.length === 0) begun = line.startsWith('\t') ? index + 1 : null;
      parts.push(line.replace(/\\$/, '').trim());
      if (line.endsWith('\\')) continue;
      if (begun !== null) commands.push(commandOf(parts, begun));
      parts = [];
    }
    return parts.length > 0 && begun !== null ? [...commands, commandOf(parts, begun)] : commands;
  }
}

function commandOf(parts: readonly string[], line: number): Found<string> {
  return { value: filledIn(parts.join(' ').replace(/^[@-]+/, '')), where: place('Makefile', line) };
}

/** Variables whose name says what they are, and what the shell would take where one is not set. The others are options, and left out. */
function filledIn(command: string): string {
  return command
    .replaceAll(/\$[({]PYTHON\d?[)}]/g, 'python')
    .replaceAll(/\$\$\{\w+:-([^{}]*)\}/g, '$1')
    .replaceAll(/\$[({]\w*[)}]/g, '');
}

/** Where a file configures a tool: the section, with its line. */
export function sectionOf(texts: ReadonlyMap<string, string>, file: string, section: string): string | null {
  const text = texts.get(file);
  if (text === undefined || !readIni(text).has(section)) return null;
  const line = text.split(/\r\n|\n/).findIndex((one) => one.startsWith(`[${section}]`));
  return `[${section}] in ${place(file, line < 0 ? null : line + 1)}`;
}
