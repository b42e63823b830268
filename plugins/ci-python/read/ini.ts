/** A value of an INI file, as Python's configparser joins it: continuation lines below one another, without what is around them. */
export interface IniValue {
  readonly text: string;
  readonly line: number;
}

/** Sections by name; their keys in small letters. */
export type Ini = ReadonlyMap<string, ReadonlyMap<string, IniValue>>;

const HEADER = /^\[([^\]]*)\]/;

/**
 * Reads setup.cfg, tox.ini or pytest.ini. What is no line of such a file is passed over, nothing is interpolated, and of a key that stands twice the last counts: this is about what can be
 * known, and the tool that the file is for will complain.
 */
export function readIni(text: string): Ini {
  const sections = new Map<string, Map<string, Open>>();
  let section: Map<string, Open> | null = null;
  let open: Open | null = null;
  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const line = raw.trimEnd();
    if (/^\s*(?:[#;]|$)/.test(line)) continue;
    const header = HEADER.exec(line);
    if (header !== null) {
      section = sections.get(header[1] ?? '') ?? new Map<string, Open>();
      sections.set(header[1] ?? '', section);
      open = null;
    } else if (/^\s/.test(line)) open?.lines.push(withoutComment(line.trim()));
    else if (section !== null) {
      const sign = line.search(/[=:]/);
      open = { lines: [sign < 0 ? '' : withoutComment(line.slice(sign + 1))], line: index + 1 };
      section.set((sign < 0 ? line : line.slice(0, sign)).trim().toLowerCase(), open);
    }
  }
  return new Map([...sections].map(([name, values]) => [name, closed(values)]));
}

/** A value whose lines may not all be read yet. They are joined once, at the end: a value may have very many. */
interface Open {
  readonly lines: string[];
  readonly line: number;
}

function closed(values: ReadonlyMap<string, Open>): Map<string, IniValue> {
  return new Map([...values].map(([key, { lines, line }]) => [key, { text: joined(lines), line }]));
}

/** Nothing stands before the first line that holds something. */
function joined(lines: readonly string[]): string {
  const first = lines.findIndex((line) => line !== '');
  return first < 0 ? '' : lines.slice(first).join('\n');
}

/** The lines of a value that hold something. */
export function valueLines(value: IniValue | undefined): string[] {
  return (value?.text ?? '').split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
}

/** A remark behind a value, to the end; only with space before it, as in `a = b  # c`. */
function withoutComment(text: string): string {
  const at = text.search(/(?:^|\s)[#;]\s/);
  return (at < 0 ? text : text.slice(0, at)).trim();
}
