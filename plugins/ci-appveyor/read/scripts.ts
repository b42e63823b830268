import type { Report } from '#plugins/kit/yaml/report';
import { complain, entriesOf, itemsOf, partOf, textOf, type Part, type PlacedText } from '#plugins/kit/yaml/part';
import { isSwitch } from './switch.ts';

/** The sections of commands that are run, by their names. */
export const SCRIPTS = [
  'init',
  'install',
  'before_build',
  'build_script',
  'after_build',
  'before_test',
  'test_script',
  'after_test',
  'on_success',
  'on_failure',
  'on_finish',
] as const;
export type ScriptName = (typeof SCRIPTS)[number];

/** One entry of a section: what its key says it is written for; `any` where there is none, which is cmd on Windows and bash elsewhere. */
export interface ScriptEntry extends PlacedText {
  readonly for: 'any' | 'cmd' | 'ps' | 'pwsh' | 'sh';
}

/** Those sections that a description gives, also those it gives empty. */
export type Scripts = ReadonlyMap<ScriptName, readonly ScriptEntry[]>;

const KEYS = new Map<string, ScriptEntry['for']>([
  ['cmd', 'cmd'],
  ['ps', 'ps'],
  ['pwsh', 'pwsh'],
  ['sh', 'sh'],
  ['bash', 'sh'],
]);

/** Reads every section of commands that is there. */
export function readScripts(root: Part, report: Report): Scripts {
  return new Map(
    SCRIPTS.flatMap((name): [ScriptName, ScriptEntry[]][] => {
      const part = partOf(root, name);
      return part === null ? [] : [[name, itemsOf(part).flatMap((item) => readEntry(item, report))]];
    }),
  );
}

function readEntry(item: Part, report: Report): ScriptEntry[] {
  const { tree, path, at } = item;
  if (tree.kind === 'map') return entriesOf(item).flatMap((entry) => readKeyed(entry, report));
  if (tree.kind === 'list') complain(item, report, 'a command');
  if (tree.kind !== 'text') return [];
  if (!isSwitch(tree.text)) return checked({ for: 'any', text: tree.text, path, at }, report);
  report.warning(path, at, `"${tree.text}" is no command, and is not run.`);
  return [];
}

/** An entry for a shell that there is not is passed over. Source: github.com/appveyor/ci/issues/1526. */
function readKeyed(entry: Part & { readonly key: string }, report: Report): ScriptEntry[] {
  const { key, path, at } = entry;
  const shell = KEYS.get(key);
  if (shell === undefined) {
    report.warning(
      path,
      at,
      `"${key}" is nothing that runs commands: there are cmd, ps, pwsh and sh. This entry is left out, as AppVeyor ignores it, too.${inQuotes(entry)}`,
    );
    return [];
  }
  const text = textOf(entry, report);
  return text === null ? [] : checked({ for: shell, text, path, at }, report);
}

/** How to write a command that YAML takes for a map, because of the colon and the blank in it. */
function inQuotes({ key, tree }: Part & { readonly key: string }): string {
  if (tree.kind !== 'text' && tree.kind !== 'empty') return '';
  const line = `${key}: ${tree.kind === 'text' ? tree.text : ''}`.trimEnd();
  return ` If it is a command, put it in quotes: '${line.replaceAll("'", "''")}'.`;
}

function checked(entry: ScriptEntry, report: Report): ScriptEntry[] {
  if (entry.text.includes('\0')) report.error(entry.path, entry.at, 'This holds a NUL character, which no shell reads.');
  return entry.text.trim() === '' ? [] : [entry];
}
