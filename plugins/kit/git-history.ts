import { parseCommit, type ObjectReader } from './git-objects.ts';

/** The commits up to some depth. */
export interface History {
  readonly commits: ReadonlySet<string>;
  /** Those whose parents are left out: what git calls the shallow boundary. */
  readonly boundary: readonly string[];
  /** Whether commits that belong into the depth are missing from the mirror. */
  readonly cut: boolean;
}

/** Walks back from a commit, `depth` generations with itself the first. Costs no process; reads one generation at a time. */
export async function walkHistory(reader: ObjectReader, commit: string, depth: number): Promise<History> {
  const parentsOf = new Map<string, readonly string[]>();
  let cut = false;
  let generation = [commit];
  for (let level = 0; level < depth && generation.length > 0; level += 1) {
    const objects = await reader.read(generation);
    cut ||= objects.includes(null);
    const found = objects.flatMap((object) => (object?.type === 'commit' ? [parseCommit(object)] : []));
    for (const { id, parents } of found) parentsOf.set(id, parents);
    generation = [...new Set(found.flatMap(({ parents }) => parents))].filter((id) => !parentsOf.has(id));
  }
  const boundary = [...parentsOf].flatMap(([id, parents]) => (parents.every((parent) => parentsOf.has(parent)) ? [] : [id]));
  return { commits: new Set(parentsOf.keys()), boundary, cut };
}
