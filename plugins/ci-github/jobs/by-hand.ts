import type { Command } from '#plugins/api';
import { byHand } from '#plugins/kit/python-tool';
import { exported } from '../expand/environment.ts';
import type { Later } from '../expressions/open.ts';
import { bash, bashQuoted } from './bash.ts';
import type { StepText } from './command.ts';
import { powershellQuoted } from './powershell.ts';

/** Files by which a step says something to those after it. */
const FILES = /\bGITHUB_(?:ENV|OUTPUT|PATH|STATE|STEP_SUMMARY)\b/;
const POSIX: ReadonlySet<string> = new Set(['bash', 'sh']);

/**
 * What a person would write for a step: its own text, where nothing is decided while the job runs and no step says anything to another. Null otherwise, and for a shell in which none of our
 * own commands run.
 */
export function stepByHand(step: StepText, isWindows: boolean): Command['written'] | null {
  const { condition, byHand: known, text, shell } = step;
  if (typeof condition.passing !== 'boolean' || typeof condition.failing !== 'boolean') return null;
  if (known !== undefined) return byHand(known);
  const lines = plainText(text, isWindows && shell.program !== 'bash' ? isText : isPlain)?.trimEnd() ?? null;
  if (lines === null || lines === '' || FILES.test(lines)) return null;
  return isWindows ? windowsByHand(step, lines) : posixByHand(step, lines, shell.program);
}

/** What only one step has, and its end at the first failure, are kept in parentheses. */
function posixByHand({ folder, settings }: StepText, lines: string, program: string): Command['written'] | null {
  const variables = exported(settings);
  if (!POSIX.has(program) || !variables.every(({ parts }) => parts.every(isPlain)) || folder?.every(isPlain) === false) return null;
  const before = [
    ...(folder === null ? [] : [`cd ${bash.word(folder)}`]),
    ...variables.map(({ name, parts }) => `export ${name}=${bash.word(parts)}`),
  ];
  if (before.length === 0 && !lines.includes('\n')) return byHand(lines);
  return byHand(['(', 'set -e', ...before, lines, ')'].join('\n'));
}

function windowsByHand(step: StepText, lines: string): Command['written'] | null {
  const { folder, settings, shell } = step;
  if (shell.program === 'bash') {
    const written = posixByHand(step, lines, 'bash');
    return written ? { ...written, shell: 'bash' } : null;
  }
  const variables = exported(settings).map(({ name, parts }) => ({ name, text: plainText(parts, isText) }));
  if (folder !== null || variables.some(({ text }) => text === null)) return null;
  const { program } = shell;
  const before = variables.map(({ name, text }) => (program === 'cmd' ? `set "${name}=${text}"` : `$env:${name} = ${powershellQuoted(text ?? '')}`));
  return program === 'cmd' || program === 'powershell' || program === 'pwsh' ? { ...byHand([...before, lines].join('\n')), shell: program } : null;
}

/** The text of a step, with variables where GitHub puts their values; null where something else is known only while the job runs. */
function plainText(parts: readonly (string | Later)[], isFine = isPlain): string | null {
  return parts.every(isFine) ? parts.map((part) => (typeof part === 'string' ? part : bash.word([part]).replaceAll('"', ''))).join('') : null;
}

/** A text, or the value of a variable. */
function isPlain(part: string | Later): boolean {
  return typeof part === 'string' || (part.kind === 'reference' && part.reference.from === 'variable');
}

function isText(part: string | Later): boolean {
  return typeof part === 'string';
}

/** The command that a person would write to have a tool, and to run it. */
export function toolByHand(tool: string, run: readonly string[] | null): string {
  const install = `pip install ${tool}`;
  return run === null
    ? install
    : `${install} && ${[tool, ...run].map((word) => (/^[A-Za-z0-9._=:/-]+$/.test(word) ? word : bashQuoted(word))).join(' ')}`;
}
