import type { JobBudget } from '#plugins/kit/job-budget';
import { complain, entriesOf, partOf, type Part } from '#plugins/kit/yaml/part';
import type { Report } from '#plugins/kit/yaml/report';
import { expandMatrix, type MatrixRules, sizeOf } from '../expand/matrix.ts';
import type { Scope } from '../expressions/evaluate.ts';
import { Open, whysOf } from '../expressions/open.ts';
import { isList, isMap, type Value, type ValueMap } from '../expressions/value.ts';
import { outcomeIn, valueIn } from './evaluated.ts';
import { losesNought } from './scalars.ts';

/** Rows before any is taken out: more are not made, however few would be left of them. */
const MOST_COMBINATIONS = 20_000;

/** Reads and expands `strategy.matrix`; null, with a message, where that cannot be known. More than `maximum` rows that are left are an error. Throws `TooMuch`. */
export function readMatrix(
  part: Part,
  scope: Scope,
  { maximum, budget }: { readonly maximum: number; readonly budget: JobBudget },
  report: Report,
): ValueMap[] | null {
  const rules = rulesOf(part, scope, report);
  if (rules === null) return null;
  const size = sizeOf(rules);
  const tooMany = (count: number): null => {
    report.error(part.path, part.at, `The matrix has ${count} rows, but at most ${maximum} are allowed here. Take something out of it.`);
    return null;
  };
  if (size > MOST_COMBINATIONS) return tooMany(size);
  budget.work(size * (rules.axes.size + rules.exclude.length + rules.include.length));
  const rows = expandMatrix(rules);
  if (rows.length > maximum) return tooMany(rows.length);
  if (rows.length === 0) report.warning(part.path, part.at, 'Nothing is left of this matrix: the job does not run.');
  return rows;
}

function rulesOf(part: Part, scope: Scope, report: Report): MatrixRules | null {
  const whole = part.tree.kind === 'text' ? known(part, part.tree.text, scope, report) : undefined;
  if (whole === null) return null;
  if (whole === undefined) return part.tree.kind === 'map' ? rulesOfParts(part, scope, report) : refused(part, report);
  if (!isMap(whole)) return refused(part, report);
  const axes = [...whole].filter(([key]) => key !== 'include' && key !== 'exclude');
  return {
    axes: new Map(axes.map(([key, value]) => [key, isList(value) ? value : [value]])),
    include: mapsOf(whole.get('include') ?? null),
    exclude: mapsOf(whole.get('exclude') ?? null),
  };
}

function refused(part: Part, report: Report): null {
  complain(part, report, 'a map of lists, as {python-version: ["3.12", "3.13"]}');
  return null;
}

function rulesOfParts(part: Part, scope: Scope, report: Report): MatrixRules | null {
  const axes = new Map<string, readonly Value[]>();
  for (const entry of entriesOf(part)) {
    if (entry.key === 'include' || entry.key === 'exclude') continue;
    const values = listOf(entry, scope, report);
    if (values === null) return null;
    axes.set(entry.key, values);
  }
  const [include, exclude] = ['include', 'exclude'].map((key) => {
    const found = partOf(part, key);
    const values = found === null ? [] : listOf(found, scope, report);
    return values && mapsOf(values);
  });
  return include && exclude ? { axes, include, exclude } : null;
}

/** The values of an axis, or the entries of a list; an expression may say them all. */
function listOf(part: Part & { readonly key?: string }, scope: Scope, report: Report): readonly Value[] | null {
  if (part.tree.kind === 'text') {
    const value = known(part, part.tree.text, scope, report);
    return value === null || isList(value) ? value : [value];
  }
  if (part.tree.kind === 'empty') return [];
  if (part.tree.kind !== 'list') {
    complain(part, report, 'a list');
    return [];
  }
  const value = valueIn(withNoughts(part, part.key ?? '', report), scope, report);
  return isList(value) ? value : [];
}

/** `python: [3.10]` is the number 3.1 at GitHub, where no such Python is found; what was meant is plain. */
function withNoughts<T extends Part>(part: T, key: string, report: Report): T {
  const { tree } = part;
  if (tree.kind === 'list')
    return { ...part, tree: { ...tree, items: tree.items.map((item) => withNoughts({ ...part, tree: item, at: item.at }, key, report).tree) } };
  if (tree.kind === 'map')
    return {
      ...part,
      tree: {
        ...tree,
        entries: tree.entries.map((entry) => ({
          ...entry,
          value: withNoughts({ ...part, tree: entry.value, at: entry.value.at }, entry.key, report).tree,
        })),
      },
    };
  if (tree.kind !== 'text' || !/py/i.test(key) || !losesNought(tree)) return part;
  report.warning(
    part.path,
    tree.at,
    `${tree.text} without quotes is the number ${Number(tree.text)} at GitHub. It is taken as it is written; put it in quotes.`,
  );
  return { ...part, tree: { kind: 'text', text: tree.text, at: tree.at } };
}

function mapsOf(value: Value): ValueMap[] {
  return (isList(value) ? value : [value]).filter(isMap);
}

/** Null, with a warning, where it is only known once another job has run. */
function known(part: Part, text: string, scope: Scope, report: Report): Value {
  const found = outcomeIn(part, text, scope, report);
  if (!(found instanceof Open)) return found;
  const whys = whysOf(found.later).join('; ') || 'it is only known while the build runs';
  report.warning(part.path, part.at, `What this matrix is cannot be known, so that this job is not run: ${whys}.`);
  return null;
}
