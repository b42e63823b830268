import type { Part } from '#plugins/kit/yaml/part';
import { complain } from '#plugins/kit/yaml/part';
import type { Report } from '#plugins/kit/yaml/report';
import { asksStatus, evaluate, type Scope } from '../expressions/evaluate.ts';
import { type Later, Open, whysOf } from '../expressions/open.ts';
import { type Node, parseExpression } from '../expressions/parse.ts';
import { parseTemplate } from '../expressions/template.ts';
import { truthOf } from '../expressions/value.ts';
import { guarded } from '../read/evaluated.ts';

/** Whether something is to run: known, or a test to be made while the job runs. */
export type Decision = boolean | Later;

/** The same where all before has passed, and where something has failed. */
export interface Condition {
  readonly passing: Decision;
  readonly failing: Decision;
  /** It asks itself how things went. */
  readonly asksStatus: boolean;
}

/** What runs that has no condition. */
export const UNCONDITIONAL: Condition = { passing: true, failing: false, asksStatus: false };

/**
 * Reads an `if`. Without `success()`, `failure()`, `always()` or `cancelled()` in it, `success()` is meant besides. What cannot be known counts as true, which is told. Null, with an
 * error, for what cannot be read. Source: docs.github.com, "Workflow syntax", `jobs.<job_id>.steps[*].if`.
 */
export function conditionIn(part: Part | null, scope: Scope, report: Report): Condition | null {
  if (part === null || part.tree.kind === 'empty') return UNCONDITIONAL;
  if (part.tree.kind !== 'text') {
    complain(part, report, 'an expression');
    return null;
  }
  const { text } = part.tree;
  return guarded(part, report, () => {
    const node = nodeOf(text, part, report);
    const asks = asksStatus(node);
    const decide = (status: 'passing' | 'failing'): Decision => {
      if (!asks && status === 'failing') return false;
      const outcome = evaluate(node, { ...scope, status });
      return outcome instanceof Open ? settled(outcome.later, part, report) : truthOf(outcome);
    };
    return { passing: decide('passing'), failing: decide('failing'), asksStatus: asks };
  });
}

function nodeOf(text: string, { path, at }: Part, report: Report): Node {
  if (!text.includes('${{')) return parseExpression(text);
  const [only, ...more] = parseTemplate(text.trim());
  if (only !== undefined && typeof only !== 'string' && more.length === 0) return only;
  report.warning(path, at, 'Something stands outside of "${{ }}": that makes a text of the whole, which always counts as true.');
  return { kind: 'value', value: true };
}

/** What can never be known counts as true, at the smallest comparison that asks for it. */
function settled(later: Later, { path, at }: Part, report: Report): Decision {
  const whys = [...new Set(whysOf(later))];
  if (whys.length === 0) return later;
  report.info(path, at, `This counts as true as far as it is not known here: ${whys.join('; ')}.`);
  return supposed(later);
}

function supposed(later: Later): Decision {
  if (whysOf(later).length === 0) return later.kind === 'value' ? truthOf(later.value) : later;
  if (later.kind !== 'binary' || (later.operator !== '&&' && later.operator !== '||')) return true;
  const [left, right] = [supposed(later.left), supposed(later.right)];
  const decisive = later.operator === '||';
  if (left === decisive || right === decisive) return decisive;
  if (typeof left === 'boolean') return right;
  return typeof right === 'boolean' ? left : { ...later, left, right };
}
