import type { Command, FailureRule, Phase, PhaseCondition, Program } from '#plugins/api';
import type { Json, JsonObject } from '../document/value.ts';
import { wrap } from '../expand/json.ts';
import { defaultCommands } from './defaults.ts';
import { SHELL_FUNCTIONS } from './shell-functions.ts';

interface Rule {
  readonly name: string;
  readonly when: PhaseCondition;
  readonly onFailure: FailureRule;
}

/**
 * The phases that are run, in order. A failure of one of the first three makes the job errored; every command of `script` runs, and any of
 * them can fail the job; what comes after decides nothing. Source: travis-build, lib/travis/build/stages.rb.
 */
const RULES: readonly Rule[] = [
  { name: 'before_install', when: 'passing', onFailure: 'error' },
  { name: 'install', when: 'passing', onFailure: 'error' },
  { name: 'before_script', when: 'passing', onFailure: 'error' },
  { name: 'script', when: 'always', onFailure: 'fail-later' },
  { name: 'after_success', when: 'passing', onFailure: 'ignore' },
  { name: 'after_failure', when: 'failing', onFailure: 'ignore' },
  { name: 'after_script', when: 'always', onFailure: 'ignore' },
];

/** All that a job runs, Travis's own shell functions first. */
export function programOf(job: JsonObject): Program {
  const functions: Phase = {
    name: 'travis',
    when: 'always',
    onFailure: 'error',
    commands: [{ run: SHELL_FUNCTIONS, title: 'define the shell functions of Travis' }],
  };
  const phases = RULES.map((rule): Phase => Object.assign({ commands: commandsOf(job, rule.name) }, rule)).filter(
    (phase) => phase.commands.length > 0,
  );
  return { shell: 'bash', phases: [functions, ...phases] };
}

/** The commands of a phase: the language's own where none are given, none for `skip` and `ignore`. */
function commandsOf(job: JsonObject, phase: string): Command[] {
  const lines = wrap(job[phase] ?? []).flatMap((line: Json) => (line === null || typeof line === 'object' ? [] : [String(line)]));
  if (lines.length === 0) return defaultCommands(typeof job['language'] === 'string' ? job['language'] : '', phase);
  if (lines.length === 1 && /^(?:skip|ignore)$/.test((lines[0] ?? '').trim())) return [];
  return lines.filter((line) => line.trim() !== '').map((run) => ({ run }));
}
