import type { JobBudget } from '#plugins/kit/job-budget';
import type { Report } from '#plugins/kit/yaml/report';
import { NamesError, OPEN_RANGE_NOTE } from '../ini/names.ts';
import type { EnvSettings, Reading, ToxSettings } from '../settings.ts';
import { isOpenRange, namesOfEntry } from './products.ts';
import { isTable, type TomlTable, type TomlValue, valueAt } from '#plugins/kit/toml';

/** The first tox that reads its settings from TOML. Source: its changelog. */
const READABLE_FROM = '4.21';
const DEPTH = 20;

/** Where settings in TOML stand: the whole document, and the table in it that is tox's. `lineOf` finds the line of a key of that table. */
export interface TomlSource {
  readonly file: string;
  readonly root: TomlTable;
  readonly table: TomlTable;
  lineOf(key: string): number | null;
}

/** What a `tox.toml` or a `[tool.tox]` says. `report` gets what is to be said of the list of environments; null where that list is an error. Throws `TooMuch`, as does what it returns. */
export function tomlSettings(source: TomlSource, { budget, report }: Reading): ToxSettings | null {
  const { file, table } = source;
  const reader = new TableReader(source, budget);
  const line = source.lineOf('env_list');
  const envs = namesOf(reader, line === null ? null : { line, column: 1 }, report);
  if (envs === 'wrong') return null;
  const flag = (key: string): boolean | null => (typeof table[key] === 'boolean' ? table[key] : null);
  return {
    file,
    envs,
    line,
    skipMissing: flag('skip_missing_interpreters'),
    requires: texts(reader.plain(table['requires'])),
    minimum: texts(reader.plain(table['min_version']))[0] ?? null,
    readableFrom: READABLE_FROM,
    ignoreConflict: flag('ignore_base_python_conflict') ?? false,
    generation: 4,
    env: (name) => envSettings(name, reader),
  };
}

function namesOf(reader: TableReader, at: { line: number; column: number } | null, report: Report): readonly string[] | null | 'wrong' {
  const list = reader.plain(reader.table['env_list'] ?? []);
  if (list === undefined) {
    report.warning('env_list', at, 'Which environments there are, only tox can tell: the list is put together on the machine. All run in one job.');
    return null;
  }
  try {
    if (!Array.isArray(list)) throw new NamesError('env_list is a list.');
    const names = reader.names(list);
    if (isOpenRange(list)) report.info('env_list', at, OPEN_RANGE_NOTE);
    return names.length > 0 ? names : ['py'];
  } catch (error) {
    if (!(error instanceof NamesError)) throw error;
    // The list is there, wherever: a wrong one has a place.
    report.error('env_list', at ?? { line: 1, column: 1 }, error.message);
    return 'wrong';
  }
}

function envSettings(name: string, reader: TableReader): EnvSettings {
  const values = (key: string): string[] => texts(reader.plain(reader.ofEnv(name, key)));
  return {
    basePython: values('base_python'),
    basePythonFiles: values('base_python_file'),
    platform: values('platform')[0] ?? null,
    depends: values('depends'),
  };
}

class TableReader {
  readonly table: TomlTable;
  readonly #root: TomlTable;
  readonly #budget: JobBudget;

  constructor({ root, table }: TomlSource, budget: JobBudget) {
    this.#budget = budget;
    this.#root = root;
    this.table = table;
  }

  /** The names of a list of environments, each once. */
  names(list: readonly TomlValue[]): string[] {
    const names = new Set<string>();
    for (const entry of list) {
      const made = namesOfEntry(entry);
      this.#budget.work(made.length);
      this.#budget.text(made.reduce((sum, name) => sum + name.length, 0));
      for (const name of made) names.add(name);
    }
    return [...names];
  }

  /** A setting of an environment: its own, else that of what it is based on, else what is said for all. */
  ofEnv(name: string, key: string, depth = 0): TomlValue | undefined {
    const own = valueAt(this.table, 'env', name);
    const value = isTable(own) ? own[key] : undefined;
    if (value !== undefined || depth > DEPTH) return value;
    this.#budget.work(1);
    const bases = isTable(own) && own['base'] !== undefined ? texts(own['base']) : null;
    const inherited = (bases ?? []).map((base) => this.ofEnv(base, key, depth + 1)).find((one) => one !== undefined);
    if (inherited !== undefined) return inherited;
    return valueAt(this.table, 'env_base', this.#generatedFrom(name) ?? '', key) ?? valueAt(this.table, 'env_run_base', key);
  }

  /**
   * A value with its substitutions made, `{ replace = "env", name = "X", default = "y" }`; undefined where only tox can know it. Variables are taken as not
   * set.
   */
  plain(value: TomlValue | undefined, depth = 0): TomlValue | undefined {
    // Parts may refer to parts that refer to parts.
    this.#budget.work(1);
    if (value === undefined || depth > DEPTH) return undefined;
    if (Array.isArray(value)) return this.#list(value, depth);
    if (!isTable(value) || typeof value['replace'] !== 'string') return value;
    if (value['replace'] === 'env' || value['replace'] === 'posargs') return this.plain(value['default'] ?? '', depth + 1);
    const of = value['replace'] === 'ref' && Array.isArray(value['of']) ? value['of'].map(String) : null;
    return of === null ? undefined : this.plain(valueAt(this.#root, ...of), depth + 1);
  }

  #list(list: readonly TomlValue[], depth: number): TomlValue[] | undefined {
    const result: TomlValue[] = [];
    for (const entry of list) {
      const value = this.plain(entry, depth + 1);
      if (value === undefined) return undefined;
      if (isTable(entry) && entry['extend'] === true && Array.isArray(value)) result.push(...value);
      else result.push(value);
    }
    return result;
  }

  /** `env_base.test` with factors makes `test-3.12` and more. */
  #generatedFrom(name: string): string | null {
    const bases = valueAt(this.table, 'env_base');
    const names = isTable(bases) ? Object.keys(bases) : [];
    this.#budget.work(names.length);
    return names.find((base) => name.startsWith(`${base}-`)) ?? null;
  }
}

function texts(value: TomlValue | undefined): string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}
