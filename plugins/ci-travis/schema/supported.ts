import type { Support } from './types.ts';

/** What a configuration has on the axes that support depends on: `language`, `os`, `dist`, `arch`. */
export type Setting = Readonly<Record<string, readonly string[]>>;

/** Whether something works in a setting; an axis without a value forbids nothing. */
export function isSupported(support: Support, setting: Setting): boolean {
  for (const [axis, values] of Object.entries(support.only ?? {})) {
    const have = setting[axis] ?? [];
    if (have.length > 0 && !have.some((value) => values.includes(value))) return false;
  }
  for (const [axis, values] of Object.entries(support.except ?? {})) {
    const have = setting[axis] ?? [];
    if (have.length > 0 && have.every((value) => values.includes(value))) return false;
  }
  return true;
}
