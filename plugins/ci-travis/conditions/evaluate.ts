import type { Json } from '../document/value.ts';
import type { Comparison, Expression, Operand } from './expression.ts';
import { ConditionError, parseCondition } from './parser.ts';
import { matchesPattern } from './pattern.ts';

/** More characters than this are not put together. */
const LONGEST = 100_000;

/** What is known when a condition is decided: the facts, and the environment by name. A fact that is not there is null. */
export interface Facts {
  readonly facts: Readonly<Record<string, Json | undefined>>;
  readonly env: Readonly<Record<string, Json>>;
}

/** How a condition turned out. `problem`: it could not be decided, and so does not hold. */
export type Decision = { readonly holds: boolean; readonly problem: null } | { readonly holds: false; readonly problem: string };

/** Decides a condition, which `parse` reads. One that cannot be read or evaluated does not hold. Source: travis-ci/travis-conditions, version 1. */
export function decide(condition: string, known: Facts, parse: (text: string) => Expression = parseCondition): Decision {
  try {
    return { holds: truthy(evaluate(parse(condition), known)), problem: null };
  } catch (error) {
    if (error instanceof ConditionError) return { holds: false, problem: error.message };
    throw error;
  }
}

function evaluate(expression: Expression, known: Facts): Json {
  if (expression.is === 'or') return truthy(evaluate(expression.left, known)) || truthy(evaluate(expression.right, known));
  if (expression.is === 'and') return truthy(evaluate(expression.left, known)) && truthy(evaluate(expression.right, known));
  if (expression.is === 'not') return !truthy(evaluate(expression.of, known));
  if (expression.is === 'text' || expression.is === 'fact' || expression.is === 'call') return valueOf(expression, known);
  return compare(expression, known) !== expression.negated;
}

function compare(comparison: Comparison, known: Facts): boolean {
  const { left } = comparison;
  if (comparison.is === 'equal') return same(valueOf(left, known), valueOf(comparison.right, known));
  if (comparison.is === 'match') return found(left, comparison.pattern, known);
  if (comparison.is === 'in') return isAmong(left, comparison.list, known);
  return hasState(valueOf(left, known), comparison.state);
}

function isAmong(left: Operand, list: readonly Operand[], known: Facts): boolean {
  const value = valueOf(left, known);
  return list.some((item) => same(value, valueOf(item, known)));
}

function found(left: Operand, pattern: string | Operand | null, known: Facts): boolean {
  const value = valueOf(left, known);
  const source = typeof pattern === 'string' || pattern === null ? pattern : valueOf(pattern, known);
  if (value === null || source === null || source === false) return false;
  if (typeof source !== 'string') throw new ConditionError('a pattern must be text');
  return matchesPattern(source, textOf(value));
}

function hasState(value: Json, state: 'present' | 'blank' | 'true' | 'false'): boolean {
  if (state === 'true' || state === 'false') return truthy(value) === (state === 'true');
  return isPresent(value) === (state === 'present');
}

function isPresent(value: Json): boolean {
  if (typeof value === 'string') return value !== '';
  return typeof value === 'object' && value !== null ? Object.keys(value).length > 0 : truthy(value);
}

/** As in Ruby, where only null and false are not true. */
function truthy(value: Json): boolean {
  return value !== null && value !== false;
}

function same(one: Json, other: Json): boolean {
  if (typeof one === 'string' || typeof other === 'string') return one === other;
  return JSON.stringify(one) === JSON.stringify(other);
}

function valueOf(operand: Operand, known: Facts): Json {
  if (operand.is === 'text') return literal(operand.text);
  if (operand.is === 'fact') return literal(known.facts[operand.name] ?? null);
  return call(operand.name, operand.args, known);
}

function call(name: 'env' | 'concat', args: readonly Operand[], known: Facts): Json {
  const values = args.map((arg) => valueOf(arg, known));
  if (name === 'concat') return literal(joined(values.map(textOf)));
  const key = textOf(values[0] ?? null);
  const value = Object.hasOwn(known.env, key) ? (known.env[key] ?? null) : null;
  return literal(typeof value === 'string' ? withoutQuotes(value) : value);
}

/** A value in one pair of quotes, on one line, without these. */
function withoutQuotes(value: string): string {
  const [quote = ''] = value;
  const isQuoted = value.length > 1 && /["']/.test(quote) && value.endsWith(quote);
  return isQuoted && !/[\n\r\u2028\u2029]/.test(value) ? value.slice(1, -1) : value;
}

/** A text may stand in it very often, and in it that one. */
function joined(texts: readonly string[]): string {
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  if (length > LONGEST) throw new ConditionError(`concat() makes more than ${LONGEST} characters`);
  return texts.join('');
}

function textOf(value: Json): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The words true and false, in any case, are booleans. */
function literal(value: Json): Json {
  if (typeof value !== 'string') return value;
  const lower = value.length > 'false'.length ? value : value.toLowerCase();
  return lower === 'true' ? true : lower === 'false' ? false : value;
}
