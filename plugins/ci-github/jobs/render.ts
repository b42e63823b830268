import type { Later } from '../expressions/open.ts';
import { numberOf, textOfValue, truthOf, type Value } from '../expressions/value.ts';
import type { Dialect, Phrases } from './dialect.ts';

/** A dialect from the phrases of its shell. References are texts, so comparisons with numbers and truth values are those of texts. */
export function dialectOf(phrases: Phrases): Dialect {
  const word = (later: Later): string => wordOf(later, phrases);
  return {
    word: (parts) =>
      parts.length === 0 ? phrases.quoted('') : phrases.joined(parts.map((part) => (typeof part === 'string' ? phrases.quoted(part) : word(part)))),
    test: (later) => testOf(later, phrases),
  };
}

function wordOf(later: Later, phrases: Phrases): string {
  if (later.kind === 'value') return phrases.quoted(textOfValue(later.value));
  if (later.kind === 'reference') return phrases.reference(later.reference);
  if (later.kind === 'never') return phrases.quoted('');
  if (later.kind === 'binary' && (later.operator === '&&' || later.operator === '||')) {
    const [left, right] = [wordOf(later.left, phrases), wordOf(later.right, phrases)];
    const test = testOf(later.left, phrases);
    return later.operator === '&&' ? phrases.chosen(test, right, left) : phrases.chosen(test, left, right);
  }
  return phrases.chosen(testOf(later, phrases), phrases.quoted('true'), phrases.quoted('false'));
}

function testOf(later: Later, phrases: Phrases): string {
  switch (later.kind) {
    case 'value':
      return phrases.constant(truthOf(later.value));
    case 'never':
      return phrases.constant(true);
    case 'reference':
      return phrases.filled(phrases.reference(later.reference));
    case 'not':
      return phrases.not(testOf(later.of, phrases));
    case 'call': {
      const [text = '', part = ''] = later.args.map((arg) => wordOf(arg, phrases));
      return phrases.has(later.name, text, part);
    }
    case 'binary':
    default:
      return binaryTest(later, phrases);
  }
}

function binaryTest({ operator, left, right }: Extract<Later, { kind: 'binary' }>, phrases: Phrases): string {
  if (operator === '&&') return phrases.both(testOf(left, phrases), testOf(right, phrases));
  if (operator === '||') return phrases.either(testOf(left, phrases), testOf(right, phrases));
  const equal = equalTest(left, right, phrases);
  return operator === '==' ? equal : phrases.not(equal);
}

function equalTest(left: Later, right: Later, phrases: Phrases): string {
  if (left.kind === 'value' && typeof left.value !== 'string') return isNumber(wordOf(right, phrases), left.value, phrases);
  if (right.kind === 'value' && typeof right.value !== 'string') return isNumber(wordOf(left, phrases), right.value, phrases);
  if (isEmpty(right)) return phrases.not(phrases.filled(wordOf(left, phrases)));
  return isEmpty(left) ? phrases.not(phrases.filled(wordOf(right, phrases))) : phrases.equal(wordOf(left, phrases), wordOf(right, phrases));
}

function isEmpty(later: Later): boolean {
  return later.kind === 'value' && later.value === '';
}

/** A text beside something that is none is compared as a number: the empty one is 0, as are null and false. */
function isNumber(word: string, value: Value, phrases: Phrases): string {
  const number = numberOf(value);
  if (Number.isNaN(number)) return phrases.constant(false);
  const same = phrases.equal(word, phrases.quoted(String(number)));
  return number === 0 ? phrases.either(phrases.not(phrases.filled(word)), same) : same;
}
