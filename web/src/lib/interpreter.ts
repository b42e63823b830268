/** A column of the matrix, taken apart: who made the Python and how old it is. */
export interface InterpreterLabel {
  /** Implementation and line: `CPython 2`, `PyPy`, or `Other` for a name we do not know. */
  group: string;
  /** What stands in the column's head, inside its group: `2.7`, `3.10`. */
  label: string;
  /** Place of the group, then of the column in it: oldest first. */
  order: readonly number[];
}

const IMPLEMENTATIONS: readonly { name: string; pattern: RegExp }[] = [
  { name: 'CPython', pattern: /^(?:c?python|py)?[ -]?(?=\d|nightly|dev)/i },
  { name: 'PyPy', pattern: /^pypy[ -]?/i },
  { name: 'GraalPy', pattern: /^graalpy(?:thon)?[ -]?/i },
  { name: 'Jython', pattern: /^jython[ -]?/i },
  { name: 'IronPython', pattern: /^ironpython[ -]?/i },
  { name: 'Stackless', pattern: /^stackless[ -]?/i },
];

/** Reads an interpreter as projects write it: `3.11`, `python2.7`, `pypy3.10-v7.3`, `nightly`. Never fails: what it does not know is `Other`. */
export function readInterpreter(name: string): InterpreterLabel {
  for (const [index, implementation] of IMPLEMENTATIONS.entries()) {
    const match = implementation.pattern.exec(name);
    if (match) return describe(index, implementation.name, name.slice(match[0].length), name);
  }
  return { group: 'Other', label: name === '' ? 'none' : name, order: [IMPLEMENTATIONS.length, 0] };
}

function describe(index: number, implementation: string, rest: string, name: string): InterpreterLabel {
  const numbers = (rest.match(/\d+/g) ?? []).map(Number);
  const isNightly = /nightly|dev/i.test(rest) && numbers.length === 0;
  const version = isNightly ? [99] : numbers;
  const group = implementation === 'CPython' ? `CPython ${cpythonLine(version)}` : implementation;
  const line = implementation === 'CPython' && version[0] === 2 ? 0 : 1;
  return { group, label: rest === '' ? name : rest, order: [index, line, ...version] };
}

function cpythonLine(version: readonly number[]): string {
  return version[0] === 2 ? '2' : '3';
}

/** Orders columns: by implementation, then from the oldest version to the newest. */
export function compareInterpreters(a: InterpreterLabel, b: InterpreterLabel): number {
  const length = Math.max(a.order.length, b.order.length);
  for (let i = 0; i < length; i += 1) {
    const difference = (a.order[i] ?? -1) - (b.order[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return a.label.localeCompare(b.label);
}
