import type { Command } from '#plugins/api';
import type { Decision } from '../expand/conditions.ts';
import { exported, type Setting } from '../expand/environment.ts';
import type { Later } from '../expressions/open.ts';
import { bash, bashQuoted } from './bash.ts';
import { stepByHand } from './by-hand.ts';
import type { Dialect } from './dialect.ts';
import { powershell, powershellQuoted } from './powershell.ts';
import type { Shell } from './shells.ts';

/** Everything that makes a command of a step. */
export interface StepText {
  readonly id: string | null;
  readonly title: string;
  readonly text: readonly (string | Later)[];
  readonly shell: Shell;
  /** Null: where the sources are. */
  readonly folder: readonly (string | Later)[] | null;
  /** Variables of this step alone. */
  readonly settings: readonly Setting[];
  /** What fails in it is no failure. */
  readonly continues: boolean;
  readonly condition: { readonly passing: Decision; readonly failing: Decision };
  /** What a person would write for it, where its text is ours. */
  readonly byHand?: string | undefined;
}

/** A step as a command: a process of its own, so that what it exports is gone when it ends; its files are obeyed afterwards. */
export function commandOf(step: StepText, isWindows: boolean): Command {
  const written = stepByHand(step, isWindows);
  return {
    run: isWindows ? windowsCommand(step) : posixCommand(step),
    title: step.title,
    ...(isWindows ? { shell: 'powershell' as const } : {}),
    ...(written ? { written } : {}),
  };
}

function posixCommand({ id, text, shell, folder, settings, continues, condition }: StepText): string {
  const file = `"$_gh/step${shell.ending}"`;
  const enter = folder === null ? '' : ` && CDPATH= cd -- ${bash.word(folder)}`;
  const words = shell.args.map((arg) =>
    arg
      .split('{0}')
      .map((part) => (part === '' ? '' : bashQuoted(part)))
      .join(file),
  );
  const lines = [
    '_gh_begin && (',
    `  CDPATH= cd -- "$GITHUB_WORKSPACE"${enter} || exit 1`,
    ...exported(settings).map(({ name, parts }) => `  export ${name}=${bash.word(parts)}`),
    `  printf '%s\\n' ${bash.word([shell.before, ...text, shell.behind].filter((part) => part !== ''))} >${file} || exit 1`,
    `  exec ${bashQuoted(shell.program)} ${words.join(' ')}`,
    ')',
    `_gh_end ${bashQuoted(id ?? '')} $? ${continues ? 'yes' : 'no'}`,
  ];
  const test = testOf(condition, bash, '_gh_passing', '! _gh_passing', (one, other) => `{ { ${one}; } || { ${other}; }; }`, ' && ');
  if (test === null) return lines.join('\n');
  return [`if ${test}; then`, ...lines, 'else', `_gh_left_out ${bashQuoted(id ?? '')}`, 'fi'].join('\n');
}

function windowsCommand({ id, text, shell, folder, settings, continues, condition }: StepText): string {
  const variables = exported(settings)
    .map(({ name, parts }) => `${powershellQuoted(name)} = ${powershell.word(parts)}`)
    .join('; ');
  const args = [
    powershellQuoted(id ?? ''),
    folder === null ? "''" : powershell.word(folder),
    powershell.word([shell.before, ...text, shell.behind].filter((part) => part !== '')),
    powershellQuoted(shell.ending),
    powershellQuoted(shell.program),
    `@(${shell.args.map(powershellQuoted).join(', ')})`,
    `@{ ${variables} }`,
    continues ? '$true' : '$false',
  ];
  const line = `Invoke-GitHubStep ${args.join(' ')}`;
  const passing = "((Get-GitHubStatus) -eq 'success')";
  const test = testOf(condition, powershell, passing, `(-not ${passing})`, (one, other) => `((${one}) -or (${other}))`, ' -and ');
  return test === null ? line : `if (${test}) { ${line} } else { Write-Output 'This step is left out: its condition does not hold.' }`;
}

/** The test that is to be made while the job runs; null where the phase says it all. */
function testOf(
  { passing, failing }: StepText['condition'],
  dialect: Dialect,
  isPassing: string,
  isFailing: string,
  either: (one: string, other: string) => string,
  and: string,
): string | null {
  if (typeof passing === 'boolean' && typeof failing === 'boolean') return null;
  const said = (decision: Decision): string => dialect.test(typeof decision === 'boolean' ? { kind: 'value', value: decision } : decision);
  if (failing === false || JSON.stringify(passing) === JSON.stringify(failing)) return said(passing);
  if (passing === false) return said(failing);
  return either([isPassing, said(passing)].join(and), [isFailing, said(failing)].join(and));
}
