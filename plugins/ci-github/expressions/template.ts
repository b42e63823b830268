import { evaluate, type Outcome, type Scope } from './evaluate.ts';
import { type Later, Open, whysOf } from './open.ts';
import { type Node, parseExpression } from './parse.ts';
import { BadExpression } from './tokens.ts';
import { textOfValue } from './value.ts';

/** A text with expressions in it, in order: texts stand for themselves. */
export type Template = readonly (string | Node)[];

/** A text of which some is only known while the job runs. */
export interface OpenText {
  readonly parts: readonly (string | Later)[];
  /** Why some of it can never be known; that is left empty. */
  readonly whys: readonly string[];
}

/** Reads a text: `${{ … }}` are expressions. Throws `BadExpression`. */
export function parseTemplate(text: string): Template {
  const parts: (string | Node)[] = [];
  let at = 0;
  for (let start = text.indexOf('${{'); start >= 0; start = text.indexOf('${{', at)) {
    if (start > at) parts.push(text.slice(at, start));
    const end = endOf(text, start + 3);
    parts.push(parseExpression(text.slice(start + 3, end)));
    at = end + 2;
  }
  if (at < text.length) parts.push(text.slice(at));
  return parts;
}

/** Where the `}}` stands that ends an expression: not in a text within it. */
function endOf(text: string, start: number): number {
  let isText = false;
  for (let at = start; at < text.length; at += 1) {
    if (text[at] === "'") isText = !isText;
    if (!isText && text.startsWith('}}', at)) return at;
  }
  throw new BadExpression('"}}" is missing behind "${{"');
}

/** The text with what is known put in. */
export function fillTemplate(template: Template, scope: Scope): OpenText {
  const outcomes = template.map((part) => (typeof part === 'string' ? part : evaluate(part, scope)));
  return { parts: joinTexts(outcomes.map(partOfText)), whys: [...new Set(outcomes.flatMap(whysOfOutcome))] };
}

/** The value of a text that is one expression and nothing else, as it is; of any other the text. */
export function valueOfTemplate(template: Template, scope: Scope): Outcome | OpenText {
  const [only, ...more] = template;
  if (only !== undefined && typeof only !== 'string' && more.length === 0) return evaluate(only, scope);
  return fillTemplate(template, scope);
}

function partOfText(outcome: Outcome): string | Later {
  if (!(outcome instanceof Open)) return textOfValue(outcome);
  return whysOf(outcome.later).length > 0 ? '' : outcome.later;
}

function whysOfOutcome(outcome: Outcome): string[] {
  return outcome instanceof Open ? whysOf(outcome.later) : [];
}

function joinTexts(parts: readonly (string | Later)[]): (string | Later)[] {
  const joined: (string | Later)[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (typeof part === 'string' && typeof last === 'string') joined[joined.length - 1] = last + part;
    else joined.push(part);
  }
  return joined;
}

/** The whole text where all of it is known; null where some is not. */
export function knownText({ parts }: OpenText): string | null {
  return parts.every((part) => typeof part === 'string') ? parts.join('') : null;
}
