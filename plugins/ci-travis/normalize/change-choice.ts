import type { MessageLog, Path } from '../document/messages.ts';
import type { Value } from '../document/value.ts';
import type { ScalarSchema } from '../schema/types.ts';
import { guessWord } from './guess.ts';

/**
 * One of few values as the schema spells it: another name replaced, a misspelling corrected, the first word of a longer text taken. Source:
 * travis-yml, lib/travis/yml/doc/change/value.rb.
 */
export function changeChoice(schema: ScalarSchema, value: Value, at: Path, log: MessageLog): Value {
  if (value.kind !== 'str') return value;
  const known = (schema.values ?? []).map((one) => String(one.value));
  const isKnown = (text: string): boolean => (schema.values ?? []).some((one) => one.value === text);
  let text = value.str;
  if (isKnown(text)) return value;
  const alias = schema.values?.find((one) => one.aliases?.includes(text));
  if (alias) {
    log.info(at, `the value ${text} is an alias for ${alias.value}, using ${alias.value}`, value.place);
    return { ...value, str: String(alias.value) };
  }
  text = replaced(text, text.includes('\n') ? firstLine(text) : null);
  if (!isKnown(text)) text = replaced(text, guessWord(known, text));
  if (!isKnown(text)) text = replaced(text, cleaned(text).find(isKnown) ?? null);
  return { ...value, str: text };

  function replaced(from: string, to: string | null): string {
    if (to === null || to === from) return from;
    log.warning(at, `value ${from} is not known, but ${to} is, using ${to}`, value.place);
    return to;
  }
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? text;
}

function cleaned(text: string): string[] {
  const first = text.trim().split(/\s+/)[0] ?? '';
  return [first, text.replaceAll(/\W/g, '').toLowerCase(), first.replaceAll(/[^a-z]/g, '')];
}
