import { partOf, type Part } from '#plugins/kit/yaml/part';
import type { JobRun } from '../expand/job-run.ts';
import { environmentContext, type Setting } from '../expand/environment.ts';
import { withContexts } from '../expand/scope.ts';
import { stepsOf } from '../expand/tests.ts';
import type { Scope } from '../expressions/evaluate.ts';
import { type Context, OpenMap, reference } from '../expressions/open.ts';
import type { Runner } from './runs-on.ts';

const SYSTEMS = { linux: 'Linux', windows: 'Windows', macos: 'macOS' } as const;
const ARCHITECTURES = new Map([
  ['x86_64', 'X64'],
  ['aarch64', 'ARM64'],
]);

/** `Linux`, `Windows`, `macOS`, as `runner.os` and `RUNNER_OS` say it. */
export function systemName({ system }: Runner): string {
  return SYSTEMS[system];
}

/** `X64`, `ARM64`, as `runner.arch` says it; what may be any is taken for the first. */
export function architectureName({ architecture }: Runner): string {
  return ARCHITECTURES.get(architecture ?? 'x86_64') ?? 'X64';
}

/** The variables of a workflow, for those of its jobs. */
export function environmentOf(settings: readonly Setting[]): OpenMap {
  return environmentContext(settings, () => false, null);
}

/** What the steps of a job can ask for, before the first of them: that of the job, its runner and its variables. */
export function stepScope(run: JobRun, runner: Runner, settings: readonly Setting[]): Scope {
  const changes = stepsOf(run.part)
    .flatMap(textOfRun)
    .filter((text) => /GITHUB_ENV|github\.env/i.test(text));
  const words = new Set(changes.flatMap((text) => text.split(/\W+/)));
  const isChanged = (name: string): boolean => words.has(name);
  const variable = (name: string): Context => reference({ from: 'variable', name });
  // What an action may have set is there once the job runs, if it is at all.
  const rest = (name: string): Context => (changes.length > 0 || /^python/i.test(name) ? variable(name) : null);
  return withContexts(run.scope, {
    env: environmentContext(settings, isChanged, rest),
    runner: new OpenMap(
      {
        os: systemName(runner),
        arch: architectureName(runner),
        name: 'Terrarium',
        environment: 'self-hosted',
        temp: variable('RUNNER_TEMP'),
        tool_cache: variable('RUNNER_TOOL_CACHE'),
        workspace: variable('GITHUB_WORKSPACE'),
      },
      null,
    ),
    steps: new OpenMap({}, null),
  });
}

function textOfRun(step: Part): string[] {
  const tree = partOf(step, 'run')?.tree;
  return tree?.kind === 'text' ? [tree.text] : [];
}
