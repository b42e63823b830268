import type { Reference } from '../expressions/open.ts';
import { dialectOf } from './render.ts';

/** A text that bash takes as it is. */
export function bashQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** bash, with the functions of `PRELUDE`. */
export const bash = dialectOf({
  quoted: bashQuoted,
  reference,
  joined: (words) => words.join(''),
  chosen: (test, yes, no) => `"$(if ${test}; then printf %s ${yes}; else printf %s ${no}; fi)"`,
  filled: (word) => `[ -n ${word} ]`,
  equal: (left, right) => `_gh_equal ${left} ${right}`,
  has: (how, text, part) => `_gh_has ${how} ${text} ${part}`,
  not: (test) => `! { ${test}; }`,
  both: (left, right) => `{ ${left} && ${right}; }`,
  either: (left, right) => `{ ${left} || ${right}; }`,
  constant: String,
});

function reference(where: Reference): string {
  switch (where.from) {
    case 'variable':
      // Only names are looked up: anything else would be shell source.
      return /^[A-Za-z_][A-Za-z0-9_]*$/.test(where.name) ? `"\${${where.name}-}"` : "''";
    case 'output':
      return `"$(_gh_output ${bashQuoted(where.step)} ${bashQuoted(where.name)})"`;
    case 'step':
      return `"$(_gh_went ${bashQuoted(where.step)} ${where.what})"`;
    case 'python':
      return where.what === 'path' ? '"$(command -v python)"' : `"$(python -c 'import platform; print(platform.python_version())')"`;
    case 'status':
    default:
      return '"$(_gh_status)"';
  }
}
