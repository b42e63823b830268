import { entriesOf, itemsOf, partOf, type Part, type PlacedText, textsOf } from '#plugins/kit/yaml/part';
import type { Report } from '#plugins/kit/yaml/report';

/** Names of branches or tags; null: not said. */
export interface NameFilter {
  readonly wanted: readonly PlacedText[] | null;
  readonly ignored: readonly PlacedText[] | null;
}

/** An event that starts a workflow. */
export interface Trigger {
  readonly event: string;
  readonly branches: NameFilter;
  readonly tags: NameFilter;
  /** Kinds of activity; null: the usual ones. */
  readonly types: readonly string[] | null;
  /** Where it says which files must be touched; null: nowhere. */
  readonly paths: Part | null;
}

/** Reads `on`: an event, a list of them, or a map with what they are filtered by. */
export function readTriggers(on: Part, report: Report): Trigger[] {
  if (on.tree.kind !== 'map')
    return textsOf(on, report).map(({ text, path, at }) => readTrigger(text, { tree: { kind: 'empty', at }, path, at }, report));
  return entriesOf(on).map((entry) => readTrigger(entry.key, entry, report));
}

function readTrigger(event: string, part: Part, report: Report): Trigger {
  const list = (key: string): PlacedText[] | null => {
    const found = partOf(part, key);
    return found === null || itemsOf(found).length === 0 ? null : textsOf(found, report);
  };
  const isOurs = event === 'push' || event === 'pull_request';
  return {
    event,
    branches: isOurs ? { wanted: list('branches'), ignored: list('branches-ignore') } : { wanted: null, ignored: null },
    tags: isOurs ? { wanted: list('tags'), ignored: list('tags-ignore') } : { wanted: null, ignored: null },
    types: isOurs ? (list('types')?.map(({ text }) => text) ?? null) : null,
    paths: partOf(part, 'paths') ?? partOf(part, 'paths-ignore'),
  };
}
