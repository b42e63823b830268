import type { Command, Phase, Program } from '#plugins/api';
import { byHand } from '#plugins/kit/python-tool';
import { exported, type Setting } from '../expand/environment.ts';
import { knownText } from '../expressions/template.ts';
import { bash } from './bash.ts';
import { powershell, powershellQuoted } from './powershell.ts';
import { PRELUDE } from './prelude.ts';
import type { StepRun } from './step.ts';
import { WINDOWS_PRELUDE } from './windows-prelude.ts';

/**
 * A job's steps as phases: those that follow each other and are alike are one. After a failure what runs always, or runs then, goes on running: each such step is a phase of its own.
 * `settings` are variables of the job; those that only the machine can tell are set by the first command.
 */
export function programOf(steps: readonly StepRun[], settings: readonly Setting[], isWindows: boolean): Program {
  const open = exported(settings).filter(({ parts }) => knownText({ parts, whys: [] }) === null);
  const isByHand = open.length === 0 && steps.every(({ command }) => command.written !== undefined);
  const phases: Phase[] = [];
  for (const { command: made, phase: name, when, onFailure } of steps) {
    const command = isByHand ? made : asMade(made);
    const last = phases.at(-1);
    const joins = last?.name === name && last.when === when && last.onFailure === onFailure && (when === 'passing' || onFailure === 'ignore');
    if (joins) phases[phases.length - 1] = { ...last, commands: [...last.commands, command] };
    else phases.push({ name, when, onFailure, commands: [command] });
  }
  return { shell: 'bash', phases: [firstPhase(open, isWindows, isByHand), ...phases] };
}

/** Where one step needs what sets them up, all others go with it. */
function asMade({ written: _written, ...command }: Command): Command {
  return command;
}

function firstPhase(open: readonly Setting[], isWindows: boolean, isByHand: boolean): Phase {
  const lines = open.map(({ name, parts }) =>
    isWindows ? `[Environment]::SetEnvironmentVariable(${powershellQuoted(name)}, ${powershell.word(parts)})` : `export ${name}=${bash.word(parts)}`,
  );
  const run = [isWindows ? WINDOWS_PRELUDE : PRELUDE, ...lines].join('\n');
  const command = {
    run,
    title: 'set up what steps of GitHub Actions expect',
    ...(isWindows ? { shell: 'powershell' as const } : {}),
    ...(isByHand ? { written: byHand('') } : {}),
  };
  return { name: 'setup', when: 'always', onFailure: 'error', commands: [command] };
}
