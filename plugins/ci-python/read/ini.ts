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
  const sections = new Map<string, Map<string, IniValue>>();
  let section: Map<string, IniValue> | null = null;
  let key: string | null = null;
  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const line = raw.trimEnd();
    if (/^\s*(?:[#;]|$)/.test(line)) continue;
    const header = HEADER.exec(line);
    if (header !== null) {
      section = sections.get(header[1] ?? '') ?? new Map<string, IniValue>();
      sections.set(header[1] ?? '', section);
      key = null;
    } else if (/^\s/.test(line)) {
      if (section !== null && key !== null) append(section, key, line.trim());
    } else if (section !== null) {
      const sign = line.search(/[=:]/);
      key = (sign < 0 ? line : line.slice(0, sign)).trim().toLowerCase();
      section.set(key, { text: sign < 0 ? '' : withoutComment(line.slice(sign + 1)), line: index + 1 });
    }
  }
  return sections;
}

/** The lines of a value that hold something. */
export function valueLines(value: IniValue | undefined): string[] {
  return (value?.text ?? '').split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
}

function append(section: Map<string, IniValue>, key: string, more: string): void {
  const before = section.get(key);
  if (before !== undefined) section.set(key, { ...before, text: `${before.text}\n${withoutComment(more)}`.replace(/^\n/, '') });
}

/** A remark behind a value; only with space before it, as in `a = b  # c`. */
function withoutComment(text: string): string {
  return text.replace(/(?:^|\s)[#;]\s.*$/, '').trim();
}
