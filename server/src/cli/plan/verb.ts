import { type Input, type Io, UsageError, type Verb } from '../verb.ts';
import type { Format } from './format.ts';
import { withFormats } from './formats.ts';
import { jsonLine } from './json.ts';
import { type Planned, planOf } from './read.ts';
import { table } from './table.ts';

/** `terrarium plan`: what a CI description says, without a server. */
export const plan: Verb = {
  operands: 'FILE_OR_FOLDER...',
  description: [
    'Shows the jobs that a CI description makes, and what is to be said about it. Runs nothing.',
    'A folder stands for the description in it. The format of a file is known by its name',
    '(.terrarium.yml, .travis.yml, appveyor.yml, or a name that ends so) or place (.github/workflows/),',
    'else by what the file says.',
    'Ends with 0 if no description has an error, with 1 otherwise.',
  ].join('\n'),
  options: {
    json: { type: 'boolean', help: 'one line of JSON for each argument, in order' },
    format: { type: 'string', value: 'NAME', help: 'read as this format: terrarium, travis, appveyor, github, tox, nox or python' },
  },
  examples: [
    { command: 'terrarium plan .', does: 'the project in this folder' },
    { command: 'terrarium plan old/.travis.yml', does: 'a file' },
    { command: 'terrarium plan --json files/*.yml', does: 'many files, for programs' },
    { command: 'terrarium plan --format travis ci.yml', does: 'a file whose name says nothing' },
  ],
  run,
};

/** How many files are read at once: so many that the disk never keeps the parser waiting. */
const AT_ONCE = 32;

async function run(input: Input, io: Io): Promise<number> {
  if (input.positionals.length === 0) throw new UsageError('Say which file or folder: "terrarium plan .".');
  return withFormats(async (formats) => {
    const options = { formats, named: formatName(input, formats), cwd: io.cwd };
    const show = (planned: Planned): string => (input.flag('json') ? jsonLine(planned) : table(planned, io));
    let failed = false;
    for (let start = 0; start < input.positionals.length; start += AT_ONCE) {
      const plans = await Promise.all(input.positionals.slice(start, start + AT_ONCE).map((argument) => planOf(argument, options)));
      failed ||= plans.some(({ plan }) => plan.messages.some(({ level }) => level === 'error'));
      await io.out(plans.map(show).join(''));
    }
    return failed ? 1 : 0;
  });
}

/** The format asked for; null where the files decide. */
function formatName(input: Input, formats: readonly Format[]): string | null {
  const named = input.value('format');
  const names = formats.map(({ name }) => name);
  if (named === null || names.includes(named)) return named;
  throw new UsageError(`There is no format ${named}; known are ${names.join(' and ')}.`);
}
