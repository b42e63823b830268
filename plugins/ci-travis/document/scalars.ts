import { none, str, type Place, type Value } from './value.ts';

const FLOAT = /^[-+]?(?:[0-9][0-9_,]*)?\.[0-9]*(?:[eE][+-][0-9]+)?$/;
const SEXAGESIMAL = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9]){1,2}$/;
const BINARY = /^[-+]?0b[01_,]+$/;
const OCTAL = /^[-+]?0[0-7_,]+$/;
const HEX = /^[-+]?0x[0-9a-fA-F_,]+$/;
const DECIMAL = /^[-+]?(?:0|[1-9](?:[0-9]|,[0-9]|_[0-9])*)$/;
/** Anything with one of these in it stays a string, even where YAML 1.1 reads a boolean: `on`, `off`, `yes`, `no`. */
const KEPT = /yes|no|on|off/;

/**
 * What a plain (unquoted) YAML scalar means. The rules are those of travis-yml's reader (lib/travis/yml/support/yaml.rb), which is Ruby's
 * Psych with exceptions: numbers with a point stay text, so that `3.10` is not 3.1; lower-case `yes`, `no`, `on`, `off` stay text, while
 * `Yes`, `NO`, `On` are booleans; `:word` is `word`.
 */
export function plainScalar(text: string, place: Place | null): Value {
  if (text === '' || text === '~' || /^null$/i.test(text)) return none(place);
  if (FLOAT.test(text) || KEPT.test(text)) return str(text, place);
  if (/^(?:yes|true|on)$/i.test(text)) return { kind: 'bool', bool: true, place };
  if (/^(?:no|false|off)$/i.test(text)) return { kind: 'bool', bool: false, place };
  const number = wholeNumber(text);
  if (number !== null) return { kind: 'num', num: number, place };
  return str(symbol(text), place);
}

function wholeNumber(text: string): number | null {
  const digits = text.replaceAll(/[_,]/g, '');
  if (SEXAGESIMAL.test(text)) return base60(digits);
  if (DECIMAL.test(text)) return Number(digits);
  if (BINARY.test(text) || HEX.test(text)) return signed(digits, (rest) => Number(rest));
  if (OCTAL.test(text)) return signed(digits, (rest) => Number.parseInt(rest, 8));
  return null;
}

function signed(text: string, read: (rest: string) => number): number {
  const value = read(text.replace(/^[-+]/, ''));
  return text.startsWith('-') ? -value : value;
}

/** Psych counts the parts from the left: in `12:30` hours and minutes, as in `12:30:00`. */
function base60(text: string): number {
  return signed(text, (rest) => rest.split(':').reduce((sum, part, index) => sum + Number(part) * 60 ** (2 - index), 0));
}

function symbol(text: string): string {
  if (!/^:./.test(text)) return text;
  const quoted = /^:(["'])(.*)\1$/.exec(text);
  return quoted?.[2] ?? text.slice(1);
}
