/**
 * One step of the schema, forward only. It lives in `migrations/NNNN-name.ts`, is applied once in a transaction of its own and never edited
 * after it was released: its text is remembered by its hash.
 */
export interface Migration {
  /** 1, 2, 3 and so on; the NNNN of the file's name. */
  number: number;
  /** The name in the file's name: small letters, digits and dashes. */
  name: string;
  /** Plain SQL: one or more statements. */
  sql: string;
}

/** The name of its file without the ending: `0001-core`. */
export function idOf(migration: Pick<Migration, 'number' | 'name'>): string {
  return `${String(migration.number).padStart(4, '0')}-${migration.name}`;
}
