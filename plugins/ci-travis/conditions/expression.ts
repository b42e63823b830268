/** The facts about a build and a job that a condition may ask for. */
export const FACTS = [
  'type',
  'repo',
  'head_repo',
  'os',
  'dist',
  'group',
  'sudo',
  'language',
  'sender',
  'fork',
  'draft',
  'branch',
  'head_branch',
  'tag',
  'commit_message',
] as const;

/** The name of a fact. */
export type Fact = (typeof FACTS)[number];

/** What stands for a value: a word, a fact, or the result of a function. */
export type Operand =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'fact'; readonly name: Fact }
  | { readonly is: 'call'; readonly name: 'env' | 'concat'; readonly args: readonly Operand[] };

/** A condition, parsed. `pattern` null: nothing came after `=~`. */
export type Expression =
  | Operand
  | { readonly is: 'or' | 'and'; readonly left: Expression; readonly right: Expression }
  | { readonly is: 'not'; readonly of: Expression }
  | { readonly is: 'equal' | 'unequal'; readonly left: Operand; readonly right: Operand }
  | { readonly is: 'match' | 'mismatch'; readonly left: Operand; readonly pattern: string | Operand | null }
  | { readonly is: 'in' | 'not in'; readonly left: Operand; readonly list: readonly Operand[] }
  | { readonly is: 'is' | 'is not'; readonly left: Operand; readonly state: 'present' | 'blank' | 'true' | 'false' };
