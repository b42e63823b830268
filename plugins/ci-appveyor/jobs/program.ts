import type { Command, FailureRule, Phase, PhaseCondition, Program } from '#plugins/api';
import type { System } from '../expand/images.ts';
import type { Job } from '../expand/jobs.ts';
import { valueOf } from '../read/environment.ts';
import type { ScriptEntry, ScriptName } from '../read/scripts.ts';
import { cmdLines } from './cmd-lines.ts';

interface Rule {
  readonly name: ScriptName;
  readonly when: PhaseCondition;
  readonly onFailure: FailureRule;
}

/**
 * The phases in the order they run. The first command that fails, fails the job, and nothing but `on_failure` and `on_finish` runs then. What
 * fails in `on_success` fails the job, too; so that this does not count as a reason for `on_failure`, that comes before. Source:
 * appveyor.com/docs/build-configuration, "Build pipeline".
 */
const RULES: readonly Rule[] = [
  { name: 'init', when: 'passing', onFailure: 'fail' },
  { name: 'install', when: 'passing', onFailure: 'fail' },
  { name: 'before_build', when: 'passing', onFailure: 'fail' },
  { name: 'build_script', when: 'passing', onFailure: 'fail' },
  { name: 'after_build', when: 'passing', onFailure: 'fail' },
  { name: 'before_test', when: 'passing', onFailure: 'fail' },
  { name: 'test_script', when: 'passing', onFailure: 'fail' },
  { name: 'after_test', when: 'passing', onFailure: 'fail' },
  { name: 'on_failure', when: 'failing', onFailure: 'ignore' },
  { name: 'on_success', when: 'passing', onFailure: 'fail' },
  { name: 'on_finish', when: 'always', onFailure: 'ignore' },
];

/** All that a job runs: bash where no command says otherwise, which on Windows each does. */
export function programOf(job: Job): Program {
  const { row, settings } = job;
  const skips = skipsPowerShell(job);
  const phases = RULES.map((rule): Phase => {
    const entries = settings.scripts.get(rule.name) ?? [];
    return Object.assign({ commands: entries.flatMap((entry) => commandsOf(entry, row.system, skips)) }, rule);
  });
  return { shell: 'bash', phases: phases.filter(({ commands }) => commands.length > 0) };
}

/** Whether a job on Linux leaves out what is for PowerShell. */
export function skipsPowerShell({ row, variables }: Job): boolean {
  return row.system === 'linux' && valueOf(variables, 'APPVEYOR_YML_DISABLE_PS_LINUX')?.toLowerCase() === 'true';
}

/** `cmd:` is for Windows only, `sh:` for all others; PowerShell is wherever it is. */
function commandsOf(entry: ScriptEntry, system: System, skips: boolean): Command[] {
  const { text } = entry;
  const isWindows = system === 'windows';
  if (entry.for === 'ps' || entry.for === 'pwsh') {
    if (skips) return [];
    return [{ run: text.trimEnd(), shell: isWindows && entry.for === 'ps' ? 'powershell' : 'pwsh' }];
  }
  if (isWindows) return entry.for === 'sh' ? [] : cmdLines(text).map((run) => ({ run, shell: 'cmd' }));
  return entry.for === 'cmd' ? [] : [{ run: text.trimEnd() }];
}
