/**
 * An object of these entries, for the description of a job. An entry `__proto__`, which a repository may well have, is left out: the core keeps none, so that nothing that reads
 * the description comes upon one.
 */
export function jsonRecord<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  return Object.fromEntries([...entries].filter(([key]) => key !== '__proto__'));
}
