import { didYouMean } from '#plugins/kit/yaml/suggest';
import { callFunction, FUNCTION_NAMES } from './functions.ts';
import { type Context, type Later, Named, never, Open, OpenMap } from './open.ts';
import type { Node, Operator } from './parse.ts';
import { BadExpression } from './tokens.ts';
import { areEqual, entryOf, isLess, isList, isMap, numberOf, textOfValue, truthOf, type Value } from './value.ts';

/** What an expression can ask for. */
export interface Scope {
  /** By name, in small letters: `github`, `matrix`. A name that is not there may not be used. */
  readonly contexts: ReadonlyMap<string, Context>;
  /** How all before went; null: `success()` and its like may not be asked here. */
  readonly status: 'passing' | 'failing' | null;
  /** The repository may be a copy of one that is called otherwise: see `Named`. */
  readonly isCopy?: boolean;
}

/** What an expression comes to: a value, or what is left to be found out. */
export type Outcome = Value | Open;

const NOT_ALL = never('not all of what this asks for is known here');

const STATUS = new Map<string, (status: 'passing' | 'failing') => boolean>([
  ['always', () => true],
  ['success', (status) => status === 'passing'],
  ['failure', (status) => status === 'failing'],
  // Nothing runs here once a job was cancelled.
  ['cancelled', () => false],
]);

/** Whether an expression asks how things went; without that `success()` is meant. */
export function asksStatus(node: Node): boolean {
  switch (node.kind) {
    case 'call':
      return STATUS.has(node.name) || node.args.some(asksStatus);
    case 'index':
      return asksStatus(node.of) || asksStatus(node.key);
    case 'filter':
    case 'not':
      return asksStatus(node.of);
    case 'binary':
      return asksStatus(node.left) || asksStatus(node.right);
    case 'value':
    case 'context':
    default:
      return false;
  }
}

/** What an expression comes to. Throws `BadExpression` for a name or a function that is not there. */
export function evaluate(node: Node, scope: Scope): Outcome {
  const found = find(node, scope);
  if (found instanceof Named && scope.isCopy !== true) return found.name;
  return found instanceof OpenMap ? NOT_ALL : found;
}

function find(node: Node, scope: Scope): Context {
  switch (node.kind) {
    case 'value':
      return node.value;
    case 'context':
      return contextOf(node.name, scope);
    case 'index':
      return indexed(find(node.of, scope), evaluate(node.key, scope));
    case 'filter':
      return filtered(find(node.of, scope));
    case 'not':
      return negated(evaluate(node.of, scope));
    case 'binary':
      return binary(node.operator, node.left, node.right, scope);
    case 'call':
    default:
      return called(node.name, node.args, scope);
  }
}

function contextOf(name: string, { contexts }: Scope): Context {
  const found = contexts.get(name);
  if (found !== undefined) return found;
  throw new BadExpression(`"${name}" is not known there.${didYouMean(name, [...contexts.keys()])}`);
}

/** What is not there is null, as is what is below it. */
function indexed(of: Context, key: Outcome): Context {
  if (of instanceof Open) return of.later.kind === 'never' ? new Open(of.later) : never('a part of something that is only known while the job runs');
  if (key instanceof Open) return key.later.kind === 'never' ? new Open(key.later) : never('which part is meant is only known while the job runs');
  if (of instanceof OpenMap) return of.get(textOfValue(key));
  if (isMap(of)) return entryOf(of, textOfValue(key)) ?? null;
  if (!isList(of)) return null;
  return isFiltered(of) && typeof key === 'string' ? ofEach(of, key) : (of[Math.floor(numberOf(key))] ?? null);
}

const FILTERED = new WeakSet<readonly Value[]>();

function isFiltered(list: readonly Value[]): boolean {
  return FILTERED.has(list);
}

/** `list.*` stands for all items: what is asked of it is asked of each. */
function filtered(of: Context): Context {
  if (of instanceof Open) return of.later.kind === 'never' ? new Open(of.later) : never('a part of something that is only known while the job runs');
  if (of instanceof OpenMap) return NOT_ALL;
  if (of === null || typeof of !== 'object') return [];
  return markFiltered(isMap(of) ? [...of.values()] : [...of]);
}

function ofEach(items: readonly Value[], key: string): Value {
  return markFiltered(items.flatMap((item) => (isMap(item) ? [entryOf(item, key)] : [])).filter((one) => one !== undefined));
}

function markFiltered(items: readonly Value[]): readonly Value[] {
  FILTERED.add(items);
  return items;
}

function negated(of: Outcome): Outcome {
  return of instanceof Open ? new Open({ kind: 'not', of: of.later }) : !truthOf(of);
}

function binary(operator: Operator, leftNode: Node, rightNode: Node, scope: Scope): Outcome {
  const left = evaluate(leftNode, scope);
  if (operator === '&&' || operator === '||') return joined(operator, left, rightNode, scope);
  const right = evaluate(rightNode, scope);
  const [one, other] = comparable(left, right);
  if (!(one instanceof Open) && !(other instanceof Open)) return compared(operator, one, other);
  if (operator === '==' || operator === '!=') return new Open({ kind: 'binary', operator, left: laterOf(left), right: laterOf(right) });
  return never('how large this is, is only known while the job runs');
}

/** Names of repositories as texts, where that is enough to compare them: see `Named`. */
function comparable(left: Outcome, right: Outcome): [Outcome, Outcome] {
  const [one, other] = [left, right].map((outcome) => (outcome instanceof Named ? outcome.name : outcome));
  if (one === undefined || other === undefined || one instanceof Open || other instanceof Open) return [left, right];
  return (left instanceof Named && right instanceof Named) || areEqual(one, other) ? [one, other] : [left, right];
}

function joined(operator: '&&' | '||', left: Outcome, rightNode: Node, scope: Scope): Outcome {
  if (!(left instanceof Open)) return truthOf(left) === (operator === '&&') ? evaluate(rightNode, scope) : left;
  const right = evaluate(rightNode, scope);
  if (operator === '&&' && !(right instanceof Open) && !truthOf(right)) return right;
  return new Open({ kind: 'binary', operator, left: left.later, right: laterOf(right) });
}

function compared(operator: Exclude<Operator, '&&' | '||'>, left: Value, right: Value): boolean {
  switch (operator) {
    case '==':
      return areEqual(left, right);
    case '!=':
      return !areEqual(left, right);
    case '<':
      return isLess(left, right);
    case '>':
      return isLess(right, left);
    case '<=':
      return isLess(left, right) || isSame(left, right);
    case '>=':
    default:
      return isLess(right, left) || isSame(left, right);
  }
}

function isSame(left: Value, right: Value): boolean {
  return typeof left === 'string' && typeof right === 'string' ? areEqual(left, right) : numberOf(left) === numberOf(right);
}

function called(name: string, argNodes: readonly Node[], scope: Scope): Outcome {
  const status = STATUS.get(name);
  if (status !== undefined) {
    if (scope.status === null) throw new BadExpression(`${name}() can only be asked in an "if"`);
    return status(scope.status);
  }
  const args = argNodes.map((arg) => evaluate(arg, scope));
  if (name === 'hashfiles') return never('hashFiles looks at files, which are not there yet');
  const known = args.filter((arg): arg is Value => !(arg instanceof Open));
  const result = known.length === args.length ? callFunction(name, known) : openCall(name, args);
  if (result === null) throw new BadExpression(`there is no function ${name}.${didYouMean(name, FUNCTION_NAMES)}`);
  return result.value;
}

function openCall(name: string, args: readonly Outcome[]): { readonly value: Outcome } | null {
  if (!FUNCTION_NAMES.some((one) => one.toLowerCase() === name)) return null;
  const whole = args.find((arg) => arg instanceof Open && arg.later.kind === 'never');
  if (whole instanceof Open) return { value: new Open(whole.later) };
  const isText = args.every((arg) => arg instanceof Open || typeof arg !== 'object' || arg === null);
  if ((name === 'contains' || name === 'startswith' || name === 'endswith') && args.length === 2 && isText)
    return { value: new Open({ kind: 'call', name, args: args.map(laterOf) }) };
  return { value: never(`${name} is given something that is only known while the job runs`) };
}

function laterOf(outcome: Outcome): Later {
  return outcome instanceof Open ? outcome.later : { kind: 'value', value: outcome };
}
