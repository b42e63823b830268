import type { MessageLog, Path } from '../document/messages.ts';
import { map, seq, str, type Value } from '../document/value.ts';
import type { MapSchema } from '../schema/types.ts';
import { guessWord } from './guess.ts';

/**
 * The short forms of `cache`: `pip` is `pip: true`, any other string a directory, a list the sum of its items. Source: travis-yml,
 * lib/travis/yml/doc/change/cache.rb.
 */
export function changeCache(schema: MapSchema, value: Value, at: Path, log: MessageLog): Value {
  const flags = Object.keys(schema.keys).filter((key) => schema.keys[key]?.type === 'bool' && key !== 'edge');
  if (value.kind === 'str') {
    const guess = guessWord(flags, value.str) ?? value.str;
    if (guess !== value.str) log.info(at, `value ${value.str} is not known, but ${guess} is, using ${guess}`, value.place);
    return map(new Map([entry(flags, str(guess, value.place))]), value.place);
  }
  if (value.kind !== 'seq') return value;
  const given = new Map<string, Value[]>();
  for (const [key, child] of parts(flags, value)) {
    const before = given.get(key);
    if (before === undefined) given.set(key, [child]);
    else before.push(child);
  }
  return map(new Map([...given].map(([key, values]) => [key, merged(values)])), value.place);
}

function parts(flags: readonly string[], value: Value): [string, Value][] {
  if (value.kind === 'seq') return value.items.flatMap((item) => parts(flags, item));
  if (value.kind !== 'map' && value.kind !== 'secure') return [entry(flags, value)];
  return [...value.entries].map(([key, child]) => [key, flags.includes(key) ? { kind: 'bool', bool: true, place: child.place } : child]);
}

function entry(flags: readonly string[], value: Value): [string, Value] {
  if (value.kind === 'str' && flags.includes(value.str)) return [value.str, { kind: 'bool', bool: true, place: value.place }];
  return ['directories', seq([value], value.place)];
}

/** Lists that follow one another are one, texts in it once; anything else takes the place of what was before. Joined at once: there may be very many. */
function merged(values: readonly Value[]): Value {
  const begin = values.findLastIndex((value) => value.kind !== 'seq');
  const lists = values.slice(begin + 1).flatMap((value) => (value.kind === 'seq' ? [value] : []));
  const [first, ...others] = lists;
  if (first === undefined) return values[begin] ?? seq([], null);
  return others.length === 0 ? first : seq(withoutRepeated(lists.flatMap(({ items }) => items)), first.place);
}

function withoutRepeated(items: readonly Value[]): Value[] {
  const seen = new Set<string>();
  return items.filter((item) => item.kind !== 'str' || (!seen.has(item.str) && seen.add(item.str)));
}
