import type { Report } from '#plugins/kit/yaml/report';

/** A value with the line of its key; lines of the value are joined by `\n`, without their indentation. */
export interface IniValue {
  readonly text: string;
  readonly line: number;
}

/** The values of a section by key, in lower case. What `[DEFAULT]` says is in every section. */
export type IniSection = Pick<ReadonlyMap<string, IniValue>, 'get' | 'has'>;

/** Sections by name. */
export type Ini = ReadonlyMap<string, IniSection>;

const DEFAULTS = 'DEFAULT';
const MAXIMUM_LENGTH = 500_000;

interface Open {
  readonly lines: string[];
  readonly line: number;
}

/**
 * Reads an INI text by the rules of Python's `configparser` without interpolation, which tox uses: `#` and `;` begin a comment only at the beginning of a line,
 * deeper lines go on with the value, empty lines belong to it. What that reader refuses is an error here, with its line. Null where there is one.
 * Source: https://docs.python.org/3/library/configparser.html#supported-ini-file-structure
 */
export function readIni(text: string, report: Report): Ini | null {
  if (text.length > MAXIMUM_LENGTH) {
    report.error('', { line: 1, column: 1 }, `This is too large: ${text.length} characters, where ${MAXIMUM_LENGTH} are allowed.`);
    return null;
  }
  const reader = new IniReader(report);
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  lines.forEach((line, index) => reader.read(line, index + 1));
  return reader.failed ? null : reader.result();
}

class IniReader {
  failed = false;
  readonly #report: Report;
  readonly #sections = new Map<string, Map<string, Open>>();
  #section: Map<string, Open> | null = null;
  #open: Open | null = null;
  #indent = 0;

  constructor(report: Report) {
    this.#report = report;
  }

  read(raw: string, line: number): void {
    const text = raw.trim();
    if (/^[#;]/.test(text)) return;
    if (text === '') {
      this.#open?.lines.push('');
      return;
    }
    const indent = raw.search(/\S/);
    if (this.#open !== null && indent > this.#indent) {
      this.#open.lines.push(text);
      return;
    }
    this.#indent = indent;
    const header = /^\[(.+)\]/.exec(text)?.[1];
    if (header !== undefined) this.#begin(header, line);
    else this.#option(text, line);
  }

  result(): Ini {
    const defaults = valuesOf(this.#sections.get(DEFAULTS) ?? new Map<string, Open>());
    const named = [...this.#sections].filter(([name]) => name !== DEFAULTS);
    return new Map(named.map(([name, values]) => [name, above(defaults, valuesOf(values))]));
  }

  #begin(name: string, line: number): void {
    if (this.#sections.has(name) && name !== DEFAULTS) this.#refuse(line, `The section [${name}] is here twice. Put what both say into one.`);
    const section = this.#sections.get(name) ?? new Map<string, Open>();
    this.#sections.set(name, section);
    this.#section = section;
    this.#open = null;
  }

  #option(text: string, line: number): void {
    const at = text.search(/[=:]/);
    if (this.#section === null) return this.#refuse(line, 'This stands before any section: a line like [tox] must come first.');
    const name = text.slice(0, Math.max(0, at)).trim().toLowerCase();
    if (name === '') return this.#refuse(line, 'This is neither a section, "key = value" nor a deeper line that goes on with a value.');
    if (this.#section.has(name)) this.#refuse(line, `${name} is set twice in this section, which tox refuses. Leave one of them.`);
    this.#open = { lines: [text.slice(at + 1).trim()], line };
    this.#section.set(name, this.#open);
  }

  /** Of a text that is no INI at all, every line may be wrong: the first says enough. */
  #refuse(line: number, text: string): void {
    if (!this.failed) this.#report.error('', { line, column: 1 }, text);
    this.failed = true;
  }
}

/** Not a copy of the defaults for each section: there may be very many of both. */
function above(defaults: IniSection, own: IniSection): IniSection {
  return { get: (key) => own.get(key) ?? defaults.get(key), has: (key) => own.has(key) || defaults.has(key) };
}

function valuesOf(values: ReadonlyMap<string, Open>): ReadonlyMap<string, IniValue> {
  return new Map([...values].map(([key, { lines, line }]) => [key, { text: lines.join('\n').trimEnd(), line }]));
}
