import { withFormats } from '../plan/formats.ts';
import { planOf } from '../plan/read.ts';
import { messageLines } from '../plan/table.ts';
import type { Input, Io, Verb } from '../verb.ts';

/** `terrarium lint`: what is wrong with CI descriptions, each mistake with its place. */
export const lint: Verb = {
  operands: '[FILE_OR_FOLDER...]',
  description: [
    'Says what is wrong with CI descriptions, line by line: FILE:LINE:COLUMN, as editors read it.',
    'Without an argument that of this folder. Runs nothing. Ends with 0 if nothing is wrong;',
    'with --strict a warning is wrong, too.',
  ].join('\n'),
  options: { strict: { type: 'boolean', help: 'end with 1 for warnings as well' } },
  examples: [
    { command: 'terrarium lint', does: 'the project in this folder' },
    { command: 'terrarium lint --strict .terrarium.yml', does: 'for a commit hook' },
  ],
  run,
};

async function run(input: Input, io: Io): Promise<number> {
  const wrong = input.flag('strict') ? ['error', 'warning'] : ['error'];
  return withFormats(async (formats) => {
    let count = 0;
    for (const argument of input.positionals.length === 0 ? ['.'] : input.positionals) {
      const planned = await planOf(argument, { formats, named: null, cwd: io.cwd });
      const { file, plan } = planned;
      count += plan.messages.filter(({ level }) => wrong.includes(level)).length;
      await io.out(messageLines(planned, plan.messages, io));
      if (plan.messages.length === 0)
        await io.out(`${file}: nothing to complain of, ${plan.jobs.length} ${plan.jobs.length === 1 ? 'job' : 'jobs'}\n`);
    }
    return count === 0 ? 0 : 1;
  });
}
