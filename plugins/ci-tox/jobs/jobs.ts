import type { JobSpec } from '#plugins/api';
import { byHand, findTool } from '#plugins/kit/python-tool';
import { generationOf, type ToxSettings } from '../settings.ts';
import type { EnvPython } from './base-python.ts';
import { requirementsFor } from './requirements.ts';

/** An environment on its way to a job. */
export interface EnvJob {
  readonly name: string;
  readonly python: EnvPython;
  readonly stage: string;
  readonly depends: readonly string[];
  readonly allowFailure: boolean;
}

/** What an environment that is for no Python of its own gets: the newest 3.x there is. */
export const ANY_PYTHON = '3';

/** One environment as a job. */
export function envJob(env: EnvJob, settings: ToxSettings): JobSpec {
  const { name, python, stage, depends, allowFailure } = env;
  const interpreter = python.interpreter ?? ANY_PYTHON;
  const row = name.split('-').filter((factor) => !isPythonFactor(factor, python.interpreter));
  return {
    ...baseJob(python.interpreter),
    name,
    stage,
    allowFailure,
    config: { env: name, python: interpreter, ...(depends.length === 0 ? {} : { depends: [...depends] }) },
    cell: { column: interpreter, row: row.join('-') },
    ...program(
      settings,
      python.interpreter,
      [{ run: RUN, title: `tox -e ${name}`, written: byHand('tox -e "$TOXENV"') }],
      [{ name: 'TOXENV', value: name, expand: false }],
    ),
    ...((settings.skipMissing ?? generationOf(settings.requires) === 4) ? { ifAvailable: true } : {}),
  };
}

/** All environments in one job, where only tox knows which there are. */
export function wholeJob(settings: ToxSettings, stage: string): JobSpec {
  return {
    ...baseJob(null),
    name: 'tox',
    stage,
    allowFailure: false,
    config: { env: null, python: ANY_PYTHON },
    cell: { column: ANY_PYTHON, row: 'tox' },
    ...program(settings, null, [{ run: '"$TERRARIUM_TOOL_PYTHON" -m tox', title: 'tox', written: byHand('tox') }], []),
  };
}

/**
 * A Python that is missing fails: where none is there the job is not begun at all, so tox's skipping would be a pass for nothing. Options before 3.2 had no
 * value here; no such tox runs on a Python of today.
 */
const RUN = '"$TERRARIUM_TOOL_PYTHON" -m tox -s false -e "$TOXENV"';

function baseJob(interpreter: string | null): Pick<JobSpec, 'requirements' | 'checkout' | 'limits'> {
  return {
    requirements: { system: 'linux', architecture: null, interpreter: interpreter ?? ANY_PYTHON, image: null },
    // Versions are often made of tags.
    checkout: { depth: null, submodules: true },
    limits: { time: null, silence: null },
  };
}

function program(
  settings: ToxSettings,
  interpreter: string | null,
  commands: JobSpec['program']['phases'][number]['commands'],
  variables: JobSpec['variables'],
): Pick<JobSpec, 'program' | 'variables'> {
  const tool = findTool({ name: 'tox', requirements: requirementsFor(settings, interpreter), onOwnPython: interpreter === null });
  const phases: JobSpec['program']['phases'] = [
    { name: 'install', when: 'passing', onFailure: 'error', commands: [tool.command] },
    { name: 'test', when: 'passing', onFailure: 'fail', commands },
  ];
  return { program: { shell: 'sh', phases }, variables: [...variables, ...tool.variables] };
}

/** A factor that says no more than the column does. */
function isPythonFactor(factor: string, interpreter: string | null): boolean {
  if (interpreter === null) return false;
  return /^(?:py|python|cpython|pypy|jython|graalpy)?\d?\.?\d*t?$/.test(factor) && factor !== 'py' && factor !== '';
}
