import { writeFileSync } from 'node:fs';
import { test } from 'vitest';
import { withFormats } from './plan/formats.ts';
import { planOf } from './plan/read.ts';
import { asWritten } from './migrate/as-written.ts';
import { migrated } from './migrate/document.ts';
test('x', async () => {
  await withFormats(async (formats) => {
    const others = formats.filter(({ name }) => name !== 'terrarium');
    const planned = await planOf('/tmp/inputs/repos/urllib3+urllib3/2027', { formats: others, named: null, cwd: '/' });
    writeFileSync('/tmp/zz2.out', migrated(asWritten(planned.plan), { files: planned.file, title: planned.title ?? '' }));
    const { writeFileSync: w } = await import('node:fs');
    w('/tmp/zz2.json', JSON.stringify(planned.plan.jobs[5], null, 1));
  });
});
