import { parseArgs } from 'node:util';
import { didYouMean } from '../config/index.ts';
import { type Input, type Option, UsageError } from './verb.ts';

type Options = Readonly<Record<string, Option>>;

/** The options that every verb has. */
export const COMMON_OPTIONS: Options = { help: { type: 'boolean', short: 'h', help: 'show this' } };

/** Reads what stands behind the verb. Throws a `UsageError` that names what was probably meant. */
export function readArguments(args: readonly string[], own: Options): Input {
  const options = { ...own, ...COMMON_OPTIONS };
  const table = Object.fromEntries(Object.entries(options).map(([name, option]) => [name, parserOption(option)]));
  const { tokens } = parseArgs({ args: [...args], options: table, strict: false, allowPositionals: true, tokens: true });
  const given = new Map<string, (string | true)[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    given.set(token.name, [...(given.get(token.name) ?? []), checked(token.name, token.rawName, token.value, options)]);
  }
  const values = (name: string): string[] => (given.get(name) ?? []).filter((value) => value !== true);
  return { positionals, flag: (name) => given.has(name), value: (name) => values(name).at(-1) ?? null, values };
}

function parserOption({ type, short }: Option): { type: Option['type']; short?: string } {
  return short === undefined ? { type } : { type, short };
}

function checked(name: string, typed: string, value: string | undefined, options: Options): string | true {
  const option = Object.hasOwn(options, name) ? options[name] : undefined;
  if (option === undefined)
    throw new UsageError(
      `There is no option ${typed}.${didYouMean(
        typed,
        Object.keys(options).map((one) => `--${one}`),
      )}`,
    );
  if (option.type === 'boolean' && value !== undefined) throw new UsageError(`The option ${typed} takes no value.`);
  if (option.type === 'string' && value === undefined)
    throw new UsageError(`The option ${typed} needs a value: ${typed} ${option.value ?? 'VALUE'}.`);
  return value ?? true;
}
