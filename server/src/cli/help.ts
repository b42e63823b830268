import { COMMON_OPTIONS } from './arguments.ts';
import type { Option, Verb } from './verb.ts';
import type { VerbEntry } from './verbs.ts';

/** What `terrarium --help` shows. */
export function overview(verbs: Readonly<Record<string, VerbEntry>>): string {
  const rows = Object.entries(verbs).map(([name, { summary }]): [string, string] => [name, summary]);
  return [
    'Terrarium: continuous integration for Python packages, each job on a machine that is used once.',
    '',
    'Usage: terrarium VERB [OPTIONS]',
    '',
    'Verbs:',
    ...columns(rows),
    '',
    'Options:',
    ...columns([
      ['-h, --help', 'show this; behind a verb, what that verb does'],
      ['--version', 'show the version'],
    ]),
    '',
    'Examples:',
    '  terrarium plan .         the jobs of the project in this folder',
    '  terrarium plan --help    more about a verb',
    '',
  ].join('\n');
}

/** What `terrarium VERB --help` shows. */
export function verbHelp(name: string, verb: Verb): string {
  const options = Object.entries({ ...verb.options, ...COMMON_OPTIONS }).map(([option, about]): [string, string] => [
    spelling(option, about),
    about.help,
  ]);
  const examples = verb.examples.map(({ command, does }): [string, string] => [command, does]);
  return [
    `Usage: terrarium ${name} ${verb.operands} [OPTIONS]`,
    '',
    verb.description,
    '',
    'Options:',
    ...columns(options),
    '',
    'Examples:',
    ...columns(examples),
    '',
  ].join('\n');
}

function spelling(name: string, { short, type, value }: Option): string {
  return `${short === undefined ? '' : `-${short}, `}--${name}${type === 'string' ? ` ${value ?? 'VALUE'}` : ''}`;
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}    ${right}`);
}
