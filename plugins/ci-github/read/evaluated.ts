import { complain, type Part } from '#plugins/kit/yaml/part';
import type { Report } from '#plugins/kit/yaml/report';
import type { Outcome, Scope } from '../expressions/evaluate.ts';
import { Open, whysOf } from '../expressions/open.ts';
import { fillTemplate, knownText, type OpenText, parseTemplate, valueOfTemplate } from '../expressions/template.ts';
import { BadExpression } from '../expressions/tokens.ts';
import { textOfValue, truthOf, type Value } from '../expressions/value.ts';
import { scalarOf } from './scalars.ts';

/** A text with its expressions worked out; null, with an error, for what is none. What can never be known is told, and left empty. */
export function textIn(part: Part, scope: Scope, report: Report): OpenText | null {
  const { tree, path, at } = part;
  if (tree.kind === 'empty') return { parts: [], whys: [] };
  if (tree.kind !== 'text') {
    complain(part, report, 'a text');
    return null;
  }
  const filled = guarded(part, report, () => fillTemplate(parseTemplate(tree.text), scope));
  if (filled !== null && filled.whys.length > 0) report.warning(path, at, `Something in this text is left empty: ${filled.whys.join('; ')}.`);
  return filled;
}

/** The same where all must be known before the job runs; null, with a warning, where it is not. */
export function knownIn(part: Part | null, scope: Scope, report: Report): string | null {
  if (part === null || part.tree.kind === 'empty') return null;
  const value = valueIn(part, scope, report);
  return value === null || typeof value === 'object' ? null : textOfValue(value);
}

/** A value with its type; null, with a warning, where it is not known before the job runs. */
export function valueIn(part: Part, scope: Scope, report: Report): Value {
  const { tree, path, at } = part;
  if (tree.kind === 'list') return tree.items.map((item, index) => valueIn({ tree: item, path: `${path}[${index}]`, at: item.at }, scope, report));
  if (tree.kind === 'map')
    return new Map(tree.entries.map(({ key, keyAt, value }) => [key, valueIn({ tree: value, path: `${path}.${key}`, at: keyAt }, scope, report)]));
  if (tree.kind === 'empty') return null;
  if (!tree.text.includes('${{')) return scalarOf(tree);
  const found = outcomeIn(part, tree.text, scope, report);
  if (!(found instanceof Open)) return found;
  const whys = whysOf(found.later);
  report.warning(
    path,
    at,
    `This is not known before the job runs, and counts as empty: ${whys.length > 0 ? whys.join('; ') : 'a step of it says it'}.`,
  );
  return null;
}

/** Whether a switch is on; `otherwise` where it is not there, or not known, which is told. */
export function flagIn(part: Part | null, otherwise: boolean, scope: Scope, report: Report): boolean {
  if (part === null || part.tree.kind === 'empty') return otherwise;
  const value = valueIn(part, scope, report);
  return value === null ? otherwise : truthOf(value) && value !== 'false';
}

/** What a text comes to, known or not. */
export function outcomeIn(part: Part, text: string, scope: Scope, report: Report): Outcome {
  const found = guarded(part, report, () => valueOfTemplate(parseTemplate(text), scope));
  if (found === null || typeof found !== 'object' || !('parts' in found)) return found;
  return knownText(found) ?? new Open({ kind: 'never', why: found.whys[0] ?? 'a step of the job says it' });
}

/** Calls `read`; an expression that cannot be read has an error. */
export function guarded<T>({ path, at }: Part, report: Report, read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof BadExpression)) throw error;
    report.error(path, at, `There is an expression that cannot be read: ${error.message.replace(/\.$/, '')}.`);
    return null;
  }
}
