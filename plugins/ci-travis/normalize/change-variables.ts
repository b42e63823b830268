import type { MessageLog, Path } from '../document/messages.ts';
import { map, seq, str, type Place, type Value } from '../document/value.ts';
import { shellAssignments, ShellWordsError } from './shell-words.ts';

/**
 * The entries of an `env` as a list of mappings: a string is read as a shell reads assignments, a mapping is one entry. Source: travis-yml,
 * lib/travis/yml/doc/change/env_vars.rb.
 */
export function changeVariables(value: Value, at: Path, log: MessageLog): Value {
  if (value.kind === 'map') return seq([value], value.place);
  if (value.kind === 'str') return assignments(value.str, value.place, at, log);
  if (value.kind !== 'seq') return value;
  const items = flatten(value.items).map((item, index) => {
    if (item.kind === 'str') return assignments(item.str, item.place, [...at, index], log);
    return item.kind === 'none' ? map(new Map(), item.place) : item;
  });
  return seq(items, value.place);
}

function flatten(items: readonly Value[]): Value[] {
  return items.flatMap((item) => (item.kind === 'seq' ? flatten(item.items) : [item]));
}

function assignments(line: string, place: Place | null, at: Path, log: MessageLog): Value {
  if (line.trim() === '') return map(new Map(), place);
  try {
    return map(new Map(shellAssignments(line).map(([name, value]) => [name, str(value, place)])), place);
  } catch (error) {
    if (!(error instanceof ShellWordsError)) throw error;
    log.error(at, `invalid env var: ${line}`, place);
    return map(new Map(), place);
  }
}
