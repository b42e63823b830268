import { plainName } from './found.ts';
import { asTable, own, type Table, textAt } from './toml.ts';

/** Of all groups together, each with what it includes: more than any project has. */
export const MAXIMUM_REQUIREMENTS = 10_000;
/** Groups within groups. */
export const MAXIMUM_DEPTH = 100;

/**
 * The groups of PEP 735 by plain name, each with those that it includes; one that includes itself ends there. Null where that comes to more than is read: a group may include another twice,
 * and that one another twice, so that a few lines stand for more than fits into memory.
 */
export function includedGroups(table: Table): ReadonlyMap<string, readonly string[]> | null {
  const reader = new GroupReader(table);
  const names = Object.keys(table).map(plainName);
  return names.every((name) => reader.read(name, 0)) ? reader.groups : null;
}

/** Reads each group once: those that include it get what was read. */
class GroupReader {
  readonly groups = new Map<string, readonly string[]>();
  readonly #lists = new Map<string, readonly unknown[]>();
  readonly #open = new Set<string>();
  #count = 0;

  constructor(table: Table) {
    for (const key of Object.keys(table)) {
      const list = own(table, key);
      if (!this.#lists.has(plainName(key))) this.#lists.set(plainName(key), Array.isArray(list) ? list : []);
    }
  }

  /** Null: there are too many. */
  read(name: string, depth: number): readonly string[] | null {
    const known = this.groups.get(name);
    if (known !== undefined) return known;
    if (this.#open.has(name)) return [];
    if (depth > MAXIMUM_DEPTH) return null;
    this.#open.add(name);
    const requirements = this.#requirements(this.#lists.get(name) ?? [], depth);
    this.#open.delete(name);
    if (requirements !== null) this.groups.set(name, requirements);
    return requirements;
  }

  #requirements(list: readonly unknown[], depth: number): string[] | null {
    const requirements: string[] = [];
    for (const item of list) {
      const included = textAt(asTable(item), 'include-group');
      const more = typeof item === 'string' ? [item] : included === undefined ? [] : this.read(plainName(included), depth + 1);
      this.#count += more?.length ?? 0;
      if (more === null || this.#count > MAXIMUM_REQUIREMENTS) return null;
      requirements.push(...more);
    }
    return requirements;
  }
}
