import type { Tree } from '#plugins/kit/yaml/tree';
import type { Value } from '../expressions/value.ts';

const NUMBER = /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d+)?$/i;
const OTHER_NUMBER = /^0x[\da-f]+$|^0o[0-7]+$/i;

/** What a text of a workflow is by YAML 1.2: a truth value or a number if it has no quotes and looks like one. */
export function scalarOf(tree: Extract<Tree, { kind: 'text' }>): Value {
  if (tree.isPlain !== true) return tree.text;
  if (/^(?:true|True|TRUE)$/.test(tree.text)) return true;
  if (/^(?:false|False|FALSE)$/.test(tree.text)) return false;
  return NUMBER.test(tree.text) || OTHER_NUMBER.test(tree.text) ? Number(tree.text) : tree.text;
}

/** Whether a version was written as a number, so that its last nought is lost: 3.10 is 3.1. */
export function losesNought(tree: Extract<Tree, { kind: 'text' }>): boolean {
  return tree.isPlain === true && /^[23]\.\d*[1-9]0$/.test(tree.text);
}
