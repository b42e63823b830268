/** Writes `schema.json` anew: build, run `node dist/plugins/ci-terrarium/write-schema.js`, then format. Takes the file to write, if another. */
import { writeFile } from 'node:fs/promises';
import { SCHEMA } from './schema.ts';

await writeFile(process.argv[2] ?? 'plugins/ci-terrarium/schema.json', `${JSON.stringify(SCHEMA, null, 2)}\n`);
