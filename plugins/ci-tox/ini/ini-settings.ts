import type { JobBudget } from '#plugins/kit/job-budget';
import type { Report } from '#plugins/kit/yaml/report';
import { type EnvSettings, generationOf, type Generation, type Reading, type ToxSettings } from '../settings.ts';
import { valueFor } from './conditions.ts';
import { envNames, factorGroups, hasOpenRange, NamesError, OPEN_RANGE_NOTE } from './names.ts';
import type { Ini, IniValue } from './read-ini.ts';
import { thirdOnly } from './generation.ts';
import { type Scope, substitute } from './substitute.ts';

const TESTENV = 'testenv';
const DEPTH = 20;

/**
 * What an INI file says to tox; `core` is its main section, `tox` or (in a setup.cfg) `tox:tox`. `file` is where it stands; `report` gets what is to be said
 * of the list of environments. Null where that list is an error. Throws `TooMuch`, as does what it returns.
 */
export function iniSettings(file: string, ini: Ini, core: string, { budget, report }: Reading): ToxSettings | null {
  const reader = new SectionReader(ini, core, budget);
  const requires = reader.list([core], ['requires'], null);
  const list = reader.raw([core], ['env_list', 'envlist'], null);
  const minimum = reader.text([core], ['min_version', 'minversion'], null);
  const old = thirdOnly(ini, { requires, minimum });
  if (old !== null) report.info('', { line: old.line, column: 1 }, `${old.what}, which tox 4 refuses: an older one is used.`);
  const generation = old === null ? generationOf(requires) : 3;
  const names = namesOf(list, reader, generation, report);
  if (names === 'wrong') return null;
  return {
    file,
    envs: names,
    line: list?.line ?? null,
    skipMissing: reader.flag(core, ['skip_missing_interpreters']),
    requires,
    minimum,
    readableFrom: null,
    ignoreConflict: reader.flag(core, ['ignore_base_python_conflict', 'ignore_basepython_conflict']) ?? false,
    generation,
    env: (name) => envSettings(name, reader),
  };
}

/** The list's names; null where only tox can know them. */
function namesOf(list: IniValue | null, reader: SectionReader, generation: Generation, report: Report): readonly string[] | null | 'wrong' {
  const at = list === null ? null : { line: list.line, column: 1 };
  const text = list === null ? '' : (valueFor(list.text, null, reader.budget) ?? '');
  // The third generation does not substitute here.
  const made = generation === 3 ? { text: list?.text ?? '', variables: [], unknown: [] } : substitute(text, reader.scope(null));
  if (made.unknown.length > 0) {
    report.warning(
      'env_list',
      at,
      `Which environments there are, only tox can tell: ${made.unknown.join(', ')} is known on the machine. All run in one job.`,
    );
    return null;
  }
  if (made.variables.length > 0) report.info('env_list', at, `The list of environments asks for ${made.variables.join(', ')}, taken as not set.`);
  if (generation === 4 && hasOpenRange(made.text)) {
    report.info('env_list', at, OPEN_RANGE_NOTE);
  }
  try {
    const names = [...new Set(envNames(made.text, generation))];
    return names.length > 0 ? names : fallbackNames(reader, generation);
  } catch (error) {
    if (!(error instanceof NamesError)) throw error;
    report.error('env_list', at, error.message);
    return 'wrong';
  }
}

/** Without a list the third generation runs every environment that has a section, else `python`; the fourth runs `py`. */
function fallbackNames(reader: SectionReader, generation: Generation): string[] {
  if (generation === 4) return ['py'];
  return reader.envs.size > 0 ? [...reader.envs.keys()] : ['python'];
}

function envSettings(name: string, reader: SectionReader): EnvSettings {
  const sections = reader.sectionsOf(name);
  const depends = reader.text(sections, ['depends'], name) ?? '';
  return {
    basePython: reader.list(sections, ['base_python', 'basepython'], name),
    basePythonFiles: reader.list(sections, ['base_python_file'], name),
    platform: reader.text(sections, ['platform'], name) || null,
    depends: reader.namesIn(depends),
  };
}

/** Looks values up, where tox would. */
class SectionReader {
  /** The environments that have a section, `[testenv:py{27,36}]` has two, with the section's name. */
  readonly envs = new Map<string, string>();
  readonly budget: JobBudget;
  readonly #ini: Ini;
  readonly #core: string;
  readonly #named = new Map<string, readonly string[]>();

  constructor(ini: Ini, core: string, budget: JobBudget) {
    this.budget = budget;
    this.#ini = ini;
    this.#core = core;
    for (const section of ini.keys()) {
      if (!section.startsWith(`${TESTENV}:`)) continue;
      const names = safely(() => factorGroups(section.slice(TESTENV.length + 1)).map((factors) => factors.join('-'))) ?? [];
      budget.work(names.length);
      for (const name of names) if (!this.envs.has(name)) this.envs.set(name, section);
    }
  }

  scope(env: string | null): Scope {
    return { ini: this.#ini, core: this.#core, env, budget: this.budget };
  }

  /** The names that a value stands for, none where it is wrong. Read once: environments say the same, mostly. */
  namesIn(value: string): readonly string[] {
    const known = this.#named.get(value);
    if (known !== undefined) return known;
    this.budget.work(value.length ** 2 / 10_000);
    const names = safely(() => envNames(value, 4)) ?? [];
    this.#named.set(value, names);
    return names;
  }

  /** The sections that speak for an environment, the nearest first. */
  sectionsOf(env: string): string[] {
    const own = this.envs.get(env);
    return own === undefined ? [TESTENV] : this.#withBases(own, env, new Set());
  }

  /** The value of the first key that any of the sections has, for that environment. */
  raw(sections: readonly string[], keys: readonly string[], env: string | null): IniValue | null {
    for (const key of keys) {
      for (const section of sections) {
        const value = this.#ini.get(section)?.get(key);
        // Each of its lines may be for some environments only.
        if (value !== undefined) this.budget.work(value.text.split('\n').length);
        this.budget.text(value?.text.length ?? 0);
        if (value !== undefined && (value.text === '' || valueFor(value.text, env, this.budget) !== undefined)) return value;
      }
    }
    return null;
  }

  text(sections: readonly string[], keys: readonly string[], env: string | null): string | null {
    const value = this.raw(sections, keys, env);
    if (value === null) return null;
    const { text } = substitute(valueFor(value.text, env, this.budget) ?? '', this.scope(env));
    this.budget.text(text.length);
    return text.trim();
  }

  /** Lines, or what stands between commas where it is one line. */
  list(sections: readonly string[], keys: readonly string[], env: string | null): string[] {
    const text = this.text(sections, keys, env) ?? '';
    const parts = text.split(text.includes('\n') ? '\n' : ',').map((part) => part.trim());
    return parts.filter((part) => part !== '');
  }

  flag(section: string, keys: readonly string[]): boolean | null {
    const text = this.text([section], keys, null)?.toLowerCase();
    if (text === undefined || text === '') return null;
    return /^(?:true|1|yes|on)$/.test(text) ? true : /^(?:false|0|no|off)$/.test(text) ? false : null;
  }

  /** `base = a, b` names other sections that count where the section itself says nothing; without it that is `[testenv]`. */
  #withBases(section: string, env: string, seen: Set<string>): string[] {
    if (seen.has(section) || seen.size >= DEPTH) return [];
    seen.add(section);
    const set = this.#ini.get(section)?.get('base');
    const bases = set === undefined ? (section === TESTENV ? [] : [TESTENV]) : this.list([section], ['base'], env);
    const named = bases.map((base) => (this.#ini.has(base) ? base : (this.envs.get(base.replace(/^testenv:/, '')) ?? `${TESTENV}:${base}`)));
    return [section, ...named.flatMap((base) => this.#withBases(base, env, seen))];
  }
}

function safely<T>(use: () => T): T | null {
  try {
    return use();
  } catch (error) {
    if (error instanceof NamesError) return null;
    throw error;
  }
}
