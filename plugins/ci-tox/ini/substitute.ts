import type { JobBudget } from '#plugins/kit/job-budget';
import { valueFor } from './conditions.ts';
import type { Ini } from './read-ini.ts';

/** What came of a text with substitutions. */
export interface Substituted {
  readonly text: string;
  /** Variables of the environment that were asked for, and taken as not set. */
  readonly variables: readonly string[];
  /** Substitutions that only tox can make, `{toxinidir}`; where there are any, `text` is not to be trusted. */
  readonly unknown: readonly string[];
}

/** Where references look: all sections, the one with the core settings, and the environment that asks (null: tox as a whole). */
export interface Scope {
  readonly ini: Ini;
  readonly core: string;
  readonly env: string | null;
  readonly budget: JobBudget;
}

/** What the environment of every job holds. */
const KNOWN_VARIABLES: ReadonlyMap<string, string> = new Map([
  ['CI', 'true'],
  ['TERRARIUM', 'true'],
]);
const TIMES = 100;
const MAXIMUM_LENGTH = 100_000;
const INNERMOST = /(?<!\\)\{([^{}]*)\}/g;
/** Settings of tox's own that have a value though no file sets them. */
const OWN =
  /^(?:tox_?root|tox_?ini_?dir|work_dir|tox_?work_?dir|temp_dir|home_?dir|dist_?dir|dist_?share|env_?(?:name|dir|tmp_?dir|log_?dir|bin_?dir|python|site_?packages_?dir)|py_(?:dot_ver|impl)|base_?python)$/;

/**
 * Puts in what `{env:NAME:default}`, `{[section]key}`, `{key}`, `{posargs:default}` and `{tty:yes:no}` stand for, from the innermost out. Braces that stand
 * for several names, `{py27,py36}`, stay. Throws `TooMuch`. Source: https://tox.wiki/en/stable/reference/config.html#substitutions
 */
export function substitute(text: string, scope: Scope): Substituted {
  const work = { text, variables: new Set<string>(), unknown: new Set<string>() };
  for (let time = 0; time < TIMES && work.text.length <= MAXIMUM_LENGTH; time += 1) {
    scope.budget.text(work.text.length);
    const next = work.text.replace(INNERMOST, (whole, inner: string) => {
      const value = replacement(inner, scope, work.variables);
      // A long value may be referred to very often.
      scope.budget.text(value?.length ?? 0);
      if (value === undefined) work.unknown.add(whole);
      return value ?? whole;
    });
    if (next === work.text) return { text: next, variables: [...work.variables], unknown: [...work.unknown] };
    work.text = next;
  }
  return { text, variables: [...work.variables], unknown: ['a substitution that goes round in circles'] };
}

/** What stands for `{inner}`: null where it is none and stays, undefined where only tox knows. */
function replacement(inner: string, scope: Scope, variables: Set<string>): string | null | undefined {
  const [kind = '', first = '', ...rest] = inner.split(':');
  const fallback = rest.length === 0 ? '' : rest.join(':');
  if (kind === 'env' && inner.includes(':')) return variable(first, fallback, variables);
  if (kind === 'posargs') return [first, ...rest].join(':');
  if (kind === 'tty') return fallback;
  if (kind === 'glob') return undefined;
  if (inner === ':' || inner === '/') return inner;
  if (scope.env !== null && /^env_?name$/.test(inner)) return scope.env;
  return reference(inner, scope);
}

function variable(name: string, fallback: string, variables: Set<string>): string {
  const known = KNOWN_VARIABLES.get(name);
  if (known === undefined) variables.add(name);
  return known ?? fallback;
}

function reference(inner: string, { ini, core, env, budget }: Scope): string | null | undefined {
  const [, section, key = '', fallback] = /^(?:\[([^\]{}]*)\])?([-a-zA-Z0-9_]+)(?::(.*))?$/s.exec(inner) ?? [];
  if (key === '') return null;
  const names = section === undefined ? [core, ...(env === null ? [] : [`testenv:${env}`, 'testenv'])] : [section];
  const raw = names.map((name) => ini.get(name)?.get(key.toLowerCase())).find((value) => value !== undefined);
  budget.text(raw?.text.length ?? 0);
  if (raw !== undefined) return valueFor(raw.text, env, budget) ?? '';
  if (fallback !== undefined) return fallback;
  return OWN.test(key) ? undefined : null;
}
