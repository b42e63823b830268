import type { Change, Variable } from '#plugins/api';
import { exported, type Setting } from '../expand/environment.ts';
import { actorOf, refsOf } from '../expand/github-context.ts';
import type { JobRun } from '../expand/job-run.ts';
import { knownText } from '../expressions/template.ts';
import type { Python } from './interpreter.ts';
import type { Runner } from './runs-on.ts';
import { architectureName, systemName } from './step-scope.ts';

/** The variables that GitHub sets itself, as far as there is something to say. Source: docs.github.com, "Variables reference", "Default environment variables". */
export function builtInVariables(run: JobRun, runner: Runner, python: Python | null, change: Change): Variable[] {
  const refs = refsOf(change, run.event);
  const values = {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTION: '__run',
    GITHUB_ACTOR: actorOf(change),
    GITHUB_TRIGGERING_ACTOR: actorOf(change),
    GITHUB_API_URL: 'https://api.github.com',
    GITHUB_GRAPHQL_URL: 'https://api.github.com/graphql',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_EVENT_NAME: run.event,
    GITHUB_JOB: run.id,
    GITHUB_REF: refs.ref,
    GITHUB_REF_NAME: refs.ref_name,
    GITHUB_REF_TYPE: refs.ref_type,
    GITHUB_REF_PROTECTED: 'false',
    GITHUB_HEAD_REF: refs.head_ref,
    GITHUB_BASE_REF: refs.base_ref,
    GITHUB_REPOSITORY: change.repository,
    GITHUB_REPOSITORY_OWNER: change.repository.split('/')[0] ?? '',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_SHA: change.commit,
    GITHUB_WORKFLOW: run.workflow.name,
    GITHUB_WORKFLOW_REF: `${change.repository}/${run.workflow.file}@${refs.ref}`,
    GITHUB_WORKFLOW_SHA: change.commit,
    RUNNER_OS: systemName(runner),
    RUNNER_ARCH: architectureName(runner),
    RUNNER_NAME: 'Terrarium',
    RUNNER_ENVIRONMENT: 'self-hosted',
  };
  return [...Object.entries(values).map(([name, value]) => literal(name, value)), ...placesOf(runner, python)];
}

/** What only the machine knows. */
function placesOf({ system }: Runner, python: Python | null): Variable[] {
  const isWindows = system === 'windows';
  const places = isWindows
    ? {
        GITHUB_WORKSPACE: '%TERRARIUM_BUILD_DIR%',
        RUNNER_TEMP: '%TEMP%\\runner',
        RUNNER_TOOL_CACHE: '%USERPROFILE%\\toolcache',
        ...numbers((name) => `%${name}%`),
      }
    : {
        GITHUB_WORKSPACE: '"$TERRARIUM_BUILD_DIR"',
        RUNNER_TEMP: '"$TMPDIR/runner"',
        RUNNER_TOOL_CACHE: '"$HOME/toolcache"',
        ...numbers((name) => `"$${name}"`),
      };
  const location =
    python === null || isWindows ? {} : { pythonLocation: '"$VIRTUAL_ENV"', Python_ROOT_DIR: '"$VIRTUAL_ENV"', Python3_ROOT_DIR: '"$VIRTUAL_ENV"' };
  return Object.entries({ ...places, ...location }).map(([name, value]) => ({ name, value, expand: true }));
}

function numbers(variable: (name: string) => string): Record<string, string> {
  return { GITHUB_RUN_ID: variable('TERRARIUM_BUILD_ID'), GITHUB_RUN_NUMBER: variable('TERRARIUM_BUILD_NUMBER') };
}

/** Variables of the workflow and the job that are known; the others are set when the job begins. */
export function ownVariables(settings: readonly Setting[]): Variable[] {
  return exported(settings).flatMap(({ name, parts }) => {
    const text = knownText({ parts, whys: [] });
    return text === null ? [] : [literal(name, text)];
  });
}

function literal(name: string, value: string): Variable {
  return { name, value: value.replaceAll('\0', ''), expand: false };
}
