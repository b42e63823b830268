import { pythonOfToxEnv } from '#plugins/kit/tox-env';
import type { MessageLog } from '../document/messages.ts';
import type { Json, JsonObject } from '../document/value.ts';
import { isObject } from '../expand/json.ts';

/** Where a job says which environments of tox it runs: to tox itself, or to its own `tox -e $TOX_ENV`. */
const TOX_VARIABLES = ['TOXENV', 'TOX_ENV', 'TOX_ENVLIST'];
/** A value that the shell leaves as it is, once its quotes are off. */
const LITERAL = /^(["']?)([^"'$`\\]*)\1$/;

/**
 * The Python of a job as its description spells it. One without `python` takes that of the tox environment that it runs: where Travis had several
 * Pythons beside each other, tox found it by itself.
 */
export function pythonOf(job: JsonObject, defaultPython: string): string {
  return givenPython(job) ?? toxPython(job)?.python ?? defaultPython;
}

/** Says once that Pythons were found in the names of tox environments, and by which variable. */
export function sayToxPythons(jobs: readonly JsonObject[], log: MessageLog): void {
  for (const job of jobs) {
    const found = job['language'] === 'python' && givenPython(job) === null ? toxPython(job) : null;
    if (found) log.info(['env'], `no "python" is given: a job runs on the Python that its ${found.variable} names`);
  }
}

function givenPython({ python }: JsonObject): string | null {
  return typeof python === 'string' && python !== '' ? python : null;
}

function toxPython({ env }: JsonObject): { readonly python: string; readonly variable: string } | null {
  const given = (Array.isArray(env) ? env.filter(isObject) : []).flatMap((entry) => Object.entries(entry));
  for (const variable of TOX_VARIABLES) {
    const python = pythonOfToxEnv(literal(given.findLast(([name]) => name === variable)?.[1]));
    if (python !== null) return { python, variable };
  }
  return null;
}

function literal(value: Json | undefined): string {
  return (typeof value === 'string' && LITERAL.exec(value)?.[2]) || '';
}
