import { open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { CiPlan, CiProvider } from '#plugins/api';
import type { Format } from '../plan/format.ts';
import { withFormats } from '../plan/formats.ts';
import { messageLines } from '../plan/table.ts';
import { planOf, UNPUSHED } from '../plan/read.ts';
import { type Input, type Io, UsageError, type Verb } from '../verb.ts';
import { migrated } from './document.ts';
import { lossesOf } from './read-back.ts';
import { asWritten } from './as-written.ts';

const OUR_FILE = '.terrarium.yml';

/** `terrarium migrate`: writes a `.terrarium.yml` from whatever says how a project is tested. */
export const migrate: Verb = {
  operands: '[FOLDER]',
  description: [
    'Writes a .terrarium.yml from what is there: .travis.yml, appveyor.yml, GitHub workflows,',
    'tox.ini, noxfile.py, or what the package says of itself. What needs a person is said in comments.',
    'It is read back: jobs that come out otherwise are named, and it ends with 1.',
    'A file that is there already is never overwritten.',
  ].join('\n'),
  options: { print: { type: 'boolean', help: 'print it instead of writing the file' } },
  examples: [
    { command: 'terrarium migrate', does: 'writes .terrarium.yml in this folder' },
    { command: 'terrarium migrate --print ../other', does: 'shows what it would write for another project' },
  ],
  run,
};

async function run(input: Input, io: Io): Promise<number> {
  const [folder = '.', ...more] = input.positionals;
  if (more.length > 0) throw new UsageError('One project at a time: give one folder.');
  return withFormats(async (formats) => {
    const others = formats.filter(({ name }) => name !== 'terrarium');
    const planned = await planOf(folder, { formats: others, named: null, cwd: io.cwd });
    const { file, title } = planned;
    const plan = asWritten(planned.plan);
    await io.err(
      messageLines(
        planned,
        plan.messages.filter(({ level }) => level !== 'info'),
        io,
      ),
    );
    if (title === null || plan.jobs.length === 0) {
      await io.err('Nothing was written: there are no jobs to write down.\n');
      return 1;
    }
    const source = { files: file, title };
    const losses = lossesOf(plan, readBack(migrated(plan, source), formats));
    const text = migrated(plan, source, losses);
    if (input.flag('print')) await io.out(text);
    else await write(join(resolve(io.cwd, folder), OUR_FILE), text, io);
    for (const loss of losses) await io.err(`To be mended: ${loss}.\n`);
    return losses.length === 0 ? 0 : 1;
  });
}

/** What our own reader makes of a text. */
function readBack(text: string, formats: readonly Format[]): CiPlan {
  const own: CiProvider | undefined = formats.find(({ name }) => name === 'terrarium')?.provider;
  if (own === undefined) throw new Error('The reader of .terrarium.yml is not there.');
  return own.parse({ file: OUR_FILE, text, texts: new Map([[OUR_FILE, text]]), change: UNPUSHED });
}

async function write(path: string, text: string, io: Io): Promise<void> {
  const handle = await open(path, 'wx').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST')
      throw new UsageError(`There is a ${OUR_FILE} already. Take it away first, or see what would be written: terrarium migrate --print`);
    throw error;
  });
  try {
    await handle.writeFile(text);
  } finally {
    await handle.close();
  }
  await io.err(`Written: ${path}\n`);
}
