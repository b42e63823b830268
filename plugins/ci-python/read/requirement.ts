import { plainName } from './found.ts';

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?/;
const EXTRAS = /^\[[A-Za-z0-9._,\s-]*\]/;
const VERSIONS = /^\(?[<>=!~A-Za-z0-9.*+,\s_-]*\)?$/;
/** Longer ones are none that anybody wrote. */
const LONGEST = 500;
const MARKER = /^[A-Za-z0-9_.<>=!"' \t()+-]*$/;

/**
 * A requirement (PEP 508) as one word of a command, without quotes around it: `mock>=1; python_version < "3"`. Null for what is none, or leads to a URL or path: the caller tells of
 * that. No result holds a sign with which a text in single quotes could end.
 */
export function requirementWord(text: string): string | null {
  if (text.length > LONGEST) return null;
  const [requirement = '', ...rest] = text.split(';');
  const marker = rest.join(';').trim();
  const parts = partsOf(requirement.trim());
  if (parts === null || !MARKER.test(marker)) return null;
  const { name, extras, versions } = parts;
  const compact = (part: string): string => part.replaceAll(/\s+/g, '');
  const word = name + compact(extras) + compact(versions).replaceAll(/[()]/g, '');
  if (!/^(?:$|\(?[<>=!~])/.test(compact(versions))) return null;
  return marker === '' ? word : `${word}; ${marker.replaceAll("'", '"')}`;
}

/** A name, extras, versions in brackets or not: what may stand in a command as it is. One after the other, so that each sign is looked at once. */
function partsOf(requirement: string): { readonly name: string; readonly extras: string; readonly versions: string } | null {
  const name = NAME.exec(requirement)?.[0];
  if (name === undefined) return null;
  const behind = requirement.slice(name.length).trimStart();
  const extras = EXTRAS.exec(behind)?.[0] ?? '';
  const versions = behind.slice(extras.length).trimStart();
  return VERSIONS.test(versions) ? { name, extras, versions } : null;
}

/** The plain name of a requirement's distribution; empty for what is none. */
export function requirementName(text: string): string {
  return plainName(/^\s*([A-Za-z0-9][A-Za-z0-9._-]*)/.exec(text)?.[1] ?? '');
}

/** The requirements of a requirements file; options, other files and paths are left out. */
export function requirementsIn(text: string): string[] {
  const lines = text.replaceAll(/\\\r?\n/g, '').split(/\r\n|\r|\n/);
  return lines.map((line) => withoutComment(line).trim()).filter((line) => line !== '' && !line.startsWith('-') && requirementName(line) !== '');
}

function withoutComment(line: string): string {
  const at = line.search(/(?:^|\s)#/);
  return at < 0 ? line : line.slice(0, at);
}
