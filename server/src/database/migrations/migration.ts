/**
 * One step of the schema, forward only. It lives in `migrations/NNNN-name.ts`, is applied once in a transaction of its own and never edited
 * after it was released: its text is remembered by its hash.
 */
export interface Migration {
  /** The file's name without its ending: four digits, a dash, a name of small letters, digits and dashes. */
  id: string;
  /** Plain SQL: one or more statements. */
  sql: string;
}
