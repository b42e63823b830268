import type { JobView } from '#server/api';

/** A job's configuration as rows of text: scalars as they are, lists one to a line, anything deeper as JSON. */
export function writeConfig(config: JobView['config']): { key: string; value: string }[] {
  return Object.entries(config).map(([key, value]) => ({ key, value: writeValue(value) }));
}

function writeValue(value: JobView['config'][string]): string {
  if (Array.isArray(value)) return value.map((item) => writeValue(item)).join('\n');
  if (typeof value === 'string') return value;
  return JSON.stringify(value, null, value !== null && typeof value === 'object' ? 2 : 0);
}
