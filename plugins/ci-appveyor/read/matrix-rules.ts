import type { Report } from '#plugins/kit/yaml/report';
import { complain, entriesOf, itemsOf, textsOf, type Part } from '#plugins/kit/yaml/part';
import { flagOf } from './switch.ts';
import type { Place } from '#plugins/kit/yaml/tree';

/** Which jobs are meant: those to which everything said applies. Keys in capital letters, values in small ones: case does not count. */
export interface Condition {
  readonly wanted: ReadonlyMap<string, readonly string[]>;
  readonly path: string;
  readonly at: Place;
}

/** `matrix`. `only` null: all. */
export interface MatrixRules {
  readonly fastFinish: boolean | null;
  readonly allowFailures: readonly Condition[];
  readonly exclude: readonly Condition[];
  readonly only: readonly Condition[] | null;
  readonly except: readonly Condition[] | null;
}

/** Reads `matrix`: a map, or a list of maps that count together. */
export function readMatrixRules(part: Part | null, report: Report): MatrixRules {
  const maps = part === null ? [] : itemsOf(part);
  for (const map of maps) if (map.tree.kind !== 'map') complain(map, report, 'a map with keys like fast_finish, allow_failures and exclude');
  const all = maps.flatMap((map) => entriesOf(map));
  const find = (key: string): Part | null => all.find((entry) => entry.key === key) ?? null;
  const conditions = (key: string): Condition[] | null => {
    const found = find(key);
    return found === null ? null : itemsOf(found).flatMap((item) => readCondition(item, report));
  };
  return {
    fastFinish: flagOf(find('fast_finish'), report),
    allowFailures: conditions('allow_failures') ?? [],
    exclude: conditions('exclude') ?? [],
    only: conditions('only'),
    except: conditions('except'),
  };
}

function readCondition(item: Part, report: Report): Condition[] {
  const { path, at } = item;
  const entries = entriesOf(item);
  if (entries.length === 0) {
    complain(item, report, 'a map that says which jobs are meant, as {platform: x86}');
    return [];
  }
  const wanted = entries.map((entry): [string, string[]] => [entry.key.toUpperCase(), textsOf(entry, report).map(({ text }) => text.toLowerCase())]);
  return [{ wanted: new Map(wanted), path, at }];
}
