import type { JobBudget } from '#plugins/kit/job-budget';
import { factorGroups, NamesError } from './names.ts';

/** What is so on the machines that jobs run on, whatever the environment. */
const PLATFORM = 'linux';
/** As many as a condition has where somebody wrote it; those beyond are counted. */
const USUAL_GROUPS = 20;

/**
 * A raw value as it holds for an environment (null: for tox as a whole): without comments, and without the lines that are for other factors (`py27: mock`).
 * Undefined where it says something, but nothing for this environment. Throws `TooMuch`: a short condition may stand for many factors.
 */
export function valueFor(raw: string, env: string | null, budget: JobBudget): string | undefined {
  const text = withoutComments(raw);
  const chosen = chosenLines(text, factorsOf(env, budget), budget);
  if (chosen === '' && text.trim() !== '') return undefined;
  return chosen.replaceAll('\\\n', '');
}

function withoutComments(raw: string): string {
  const lines = raw.split('\n').filter((line) => !line.startsWith('#'));
  return lines.map((line) => withoutComment(line).replaceAll('\\#', '#')).join('\n');
}

function withoutComment(line: string): string {
  const at = line.search(/(?<!\\)#/);
  return at === -1 ? line : line.slice(0, at).trimEnd();
}

function factorsOf(env: string | null, budget: JobBudget): ReadonlySet<string> {
  return new Set([...(env === null ? [] : (groupsOf(env, budget) ?? []).flat()), PLATFORM]);
}

/** A line that ends with a backslash goes on in the next: both are taken, or neither. */
function chosenLines(text: string, factors: ReadonlySet<string>, budget: JobBudget): string {
  const chosen: string[] = [];
  let isLeftOut: boolean = false;
  for (const line of text.split('\n')) {
    const { groups, content } = conditionOf(line, budget);
    const holds: boolean = groups === null ? !isLeftOut : groups.some((group) => group.every((factor) => isMet(factor, factors)));
    if (holds && (groups !== null || content !== '')) chosen.push(content);
    isLeftOut = !holds && content.endsWith('\\');
  }
  return chosen.join('\n');
}

/** `py27,lint: mock` is `mock` under a condition; a line whose beginning is none, as in `a b: c`, has none. */
function conditionOf(line: string, budget: JobBudget): { readonly groups: string[][] | null; readonly content: string } {
  const at = line.search(/:(?:\s|$)/);
  const groups = at === -1 ? null : groupsOf(line.slice(0, at).trim(), budget);
  return groups === null ? { groups, content: line } : { groups, content: line.slice(at + 1).trim() };
}

function groupsOf(expression: string, budget: JobBudget): string[][] | null {
  try {
    const groups = factorGroups(expression);
    budget.work(Math.max(0, groups.length - USUAL_GROUPS));
    return groups;
  } catch (error) {
    if (error instanceof NamesError) return null;
    throw error;
  }
}

function isMet(factor: string, factors: ReadonlySet<string>): boolean {
  return factor.startsWith('!') ? !factors.has(factor.slice(1)) : factors.has(factor);
}
