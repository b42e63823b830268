import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { JobSpec } from '#plugins/api';
import { emptyChange, provider } from './test-support.ts';

const folder = fileURLToPath(new URL('../../../shared/corpus/travis/', import.meta.url));
const Expected = z.object({ file: z.string(), jobs: z.array(z.record(z.string(), z.json())), stages: z.array(z.json()), msgs: z.array(z.string()) });
const LEVELS = { info: 'info', warning: 'warn', error: 'error' };

function expectations(): z.infer<typeof Expected>[] {
  if (!existsSync(folder)) return [];
  const lines = readFileSync(`${folder}EXPECTED.jsonl`, 'utf8').trim().split('\n');
  return lines.map((line) => Expected.parse(JSON.parse(line)));
}

describe.skipIf(!existsSync(folder))(`real files and what Travis made of them${existsSync(folder) ? '' : ' (no corpus)'}`, () => {
  it.each(expectations())('$file', ({ file, jobs, stages, msgs }) => {
    const plan = provider().parse({
      file: '.travis.yml',
      texts: new Map(),
      text: readFileSync(`${folder}files/${file}`, 'utf8'),
      change: emptyChange(),
    });
    expect(plan.jobs.map((job) => job.config)).toEqual(jobs);
    expect(plan.declaredStages).toEqual(stages);
    for (const job of plan.jobs) expect(() => JobSpec.parse(job)).not.toThrow();
    const said = plan.messages.map(
      (message) => `[${LEVELS[message.level]}] on ${message.path.replaceAll(/\[\d+\]/g, '') || 'root'}: ${message.text}`,
    );
    // An "alert" of Travis is a warning here.
    expect(said).toEqual(expect.arrayContaining(msgs.map((text) => text.replace(/^\[alert\]/, '[warn]'))));
  });
});
