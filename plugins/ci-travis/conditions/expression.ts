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

/** What compares a value; `negated` is what `!=`, `!~`, `NOT IN`, `IS NOT` are. `pattern` null: nothing came after `=~`. */
export type Comparison = { readonly left: Operand; readonly negated: boolean } & (
  | { readonly is: 'equal'; readonly right: Operand }
  | { readonly is: 'match'; readonly pattern: string | Operand | null }
  | { readonly is: 'in'; readonly list: readonly Operand[] }
  | { readonly is: 'is'; readonly state: 'present' | 'blank' | 'true' | 'false' }
);

/** A condition, parsed. */
export type Expression =
  | Operand
  | Comparison
  | { readonly is: 'or'; readonly left: Expression; readonly right: Expression }
  | { readonly is: 'and'; readonly left: Expression; readonly right: Expression }
  | { readonly is: 'not'; readonly of: Expression };
