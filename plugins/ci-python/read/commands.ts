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
  const names = text.split(/[\s,]+/).filter((name) => /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name));
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
  const factors = (envlist?.text ?? '').replaceAll(/\bpy\{([\d,. \n]*)[^}]*\}/g, (_, versions: string) =>
    versions
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
  const own = recipe(lines, target[1] ?? '');
  return own.length > 0 ? own : (target[2] ?? '').split(/\s+/).flatMap((name) => recipe(lines, name));
}

function recipe(lines: readonly string[], target: string): Found<string>[] {
  const start = lines.findIndex((line) => line.startsWith(`${target}:`) || line.startsWith(`${target} :`));
  if (start < 0 || target === '') return [];
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => /^[^\s#]/.test(line));
  const own = end < 0 ? rest : rest.slice(0, end);
  return own.flatMap((line, index) => {
    if (!line.startsWith('\t') || own[index - 1]?.endsWith('\\')) return [];
    const last = own.findIndex((one, at) => at >= index && !one.endsWith('\\'));
    const whole = own.slice(index, last < 0 ? undefined : last + 1).map((one) => one.replace(/\\$/, '').trim());
    return [{ value: filledIn(whole.join(' ').replace(/^[@-]+/, '')), where: place('Makefile', start + index + 2) }];
  });
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
