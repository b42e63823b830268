import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SCHEMA } from './schema.ts';

describe('schema.json', () => {
  it('is what the reader reads by; if this fails, see write-schema.ts', () => {
    expect(JSON.parse(readFileSync(join(import.meta.dirname, 'schema.json'), 'utf8'))).toEqual(SCHEMA);
  });

  it('describes every key', () => {
    const properties = Object.entries(Object(SCHEMA['properties']));
    expect(properties.length).toBeGreaterThan(15);
    for (const [key, schema] of properties) expect(schema, key).toHaveProperty('description');
  });
});
