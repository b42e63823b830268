import type { Report } from '#plugins/kit/yaml/report';
import type { Place } from '#plugins/kit/yaml/tree';
import { complain, entriesOf, itemsOf, partOf, textOf, type Part } from '#plugins/kit/yaml/part';

/** A variable as the description gives it. */
export interface Setting {
  readonly name: string;
  /** Null: encrypted with a key that only AppVeyor has. */
  readonly value: string | null;
  readonly path: string;
  readonly at: Place;
}

/** `environment`: variables of all jobs, and the rows of the matrix. */
export interface Environment {
  readonly shared: readonly Setting[];
  readonly rows: readonly (readonly Setting[])[];
}

/** What no process can have as a variable's name or value, and no shell as its name. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Reads `environment`. `global` is a map within it that means the same as the map itself. */
export function readEnvironment(part: Part | null, report: Report): Environment {
  if (part === null || part.tree.kind === 'empty') return { shared: [], rows: [] };
  if (part.tree.kind !== 'map') {
    complain(part, report, 'a map of variables, as {DB: sqlite}, with the rows under "matrix"');
    return { shared: [], rows: [] };
  }
  const global = partOf(part, 'global');
  const matrix = partOf(part, 'matrix');
  return {
    shared: [...(global === null ? [] : readRow(global, report)), ...readRow(part, report, ['global', 'matrix'])],
    rows: matrix === null ? [] : itemsOf(matrix).map((row) => readRow(row, report)),
  };
}

function readRow(part: Part, report: Report, others: readonly string[] = []): Setting[] {
  if (part.tree.kind !== 'map' && part.tree.kind !== 'empty') complain(part, report, 'a map of variables, as {DB: sqlite}');
  return entriesOf(part)
    .filter(({ key }) => !others.includes(key))
    .flatMap((entry) => readSetting(entry.key, entry, report));
}

function readSetting(name: string, part: Part, report: Report): Setting[] {
  const { path, at } = part;
  if (!NAME.test(name)) {
    report.warning(
      path,
      at,
      `The variable ${JSON.stringify(name)} is left out: letters, digits and underscores make a name, and no digit comes first.`,
    );
    return [];
  }
  if (partOf(part, 'secure') !== null) {
    report.warning(path, at, `${name} is encrypted for AppVeyor and cannot be read here: enter it again, as a secret of the project.`);
    return [{ name, value: null, path, at }];
  }
  const value = textOf(part, report);
  if (value?.includes('\0') === true) report.error(path, at, `The value of ${name} holds a NUL character, which no variable can.`);
  return value === null ? [] : [{ name, value, path, at }];
}

/**
 * Variables put over others. Names differ by case only where the system says so; a variable keeps the place where it stood first, so that
 * what refers to it finds its last value.
 */
export function overlaid(layers: readonly (readonly Setting[])[], ignoresCase: boolean): Setting[] {
  const all = new Map<string, Setting>();
  for (const setting of layers.flat()) all.set(ignoresCase ? setting.name.toUpperCase() : setting.name, setting);
  return [...all.values()];
}

/** The value of a variable by its name, whatever its case; null where it is not there or cannot be read. The last one counts. */
export function valueOf(settings: readonly Setting[], name: string): string | null {
  return settings.findLast((one) => one.name.toUpperCase() === name)?.value ?? null;
}
