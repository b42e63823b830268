import { description } from './description.ts';
import type { JsonSchema } from './fields.ts';

/** The JSON schema of `.terrarium.yml` for editors, made of the table that the reader reads by. `schema.json` holds the same. */
export const SCHEMA: JsonSchema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: '.terrarium.yml',
  description: 'What Terrarium is to run for a Python project.',
  ...description.schema,
};
