import type { AgentJob } from '#agents/api';
import type { Change, CheckoutPlan, Interpreter, JobSpec } from '#plugins/api';
import { BUNDLES_FOLDER, bundlePhase } from './bundle-phase.ts';
import type { JobCompiler } from '../toolchains/msvc.ts';
import { compilerPhase } from './compiler-phase.ts';
import { type PackageOffer, packageVariables } from './package-offer.ts';
import type { Provisions } from './provisions.ts';
import { systemPhases, systemVariables } from './system-phases.ts';
import { agentInterpreter } from './unpacked-interpreter.ts';

/** What an installation allows a job at most, unless the job asks for less or more time itself. */
export interface Limits {
  readonly timeSeconds: number;
  readonly silenceSeconds: number;
  readonly outputBytes: number;
}

/** Everything that makes a `JobSpec` concrete: its numbers, its machine, its sources. */
export interface JobContext {
  readonly folder: string;
  readonly interpreter: Interpreter | null;
  readonly checkout: CheckoutPlan | null;
  readonly change: Change;
  readonly buildId: number;
  readonly buildNumber: number;
  readonly jobId: number;
  /** Counts from 1 in the build. */
  readonly position: number;
  readonly provisions: Provisions;
  /** Null: it wants none. */
  readonly compiler: JobCompiler | null;
  /** How it uses the cache of packages; null: not at all. */
  readonly packages: PackageOffer | null;
  /** What kind of machine it is. */
  readonly system: 'posix' | 'windows';
  readonly limits: Limits;
}

/** Puts a job's description and its circumstances together for the agent. Pure. */
export function agentJob(spec: JobSpec, context: JobContext): AgentJob {
  const { checkout, interpreter, limits } = context;
  return {
    folder: context.folder,
    workTree: workTreeOf(context.change.repository),
    shell: spec.program.shell,
    phases: [
      ...bundlePhase(context.provisions.bundles, context.system),
      ...compilerPhase(context.compiler),
      ...systemPhases(spec, context.system),
      ...spec.program.phases,
    ],
    variables: [
      ...numbers(context),
      ...literals({ ...packageVariables(context.packages), ...systemVariables(spec) }),
      ...literals(context.provisions.secrets),
      ...places(context),
      ...spec.variables,
    ],
    interpreter: agentInterpreter(interpreter, context.folder, context.system),
    checkout: checkout === null ? null : { title: checkout.title, script: checkout.script, variables: checkout.variables, archive: checkout.archive },
    limits: {
      timeSeconds: spec.limits.time ?? limits.timeSeconds,
      silenceSeconds: spec.limits.silence ?? limits.silenceSeconds,
      outputBytes: limits.outputBytes,
    },
  };
}

/** `build/owner/name` in the characters that the agent accepts; whatever else a repository is called becomes a dash. */
export function workTreeOf(repository: string): string {
  const parts = repository.split('/').map((part) => part.replaceAll(/[^A-Za-z0-9._-]/g, '-').replace(/^\.+$/, '-'));
  return ['build', ...parts.filter((part) => part !== '')].join('/');
}

/** Where in the machine the job finds what it was given. */
function places({ provisions: { files, bundles }, folder, system }: JobContext): AgentJob['variables'] {
  if (files.length === 0) return [];
  const within = (path: string): string => (system === 'windows' ? `${folder}\\${path.replaceAll('/', '\\')}` : `${folder}/${path}`);
  return literals({
    TERRARIUM_FILES: folder,
    ...Object.fromEntries(files.flatMap(({ path, variable }) => (variable === null ? [] : [[variable, within(path)]]))),
    ...Object.fromEntries(bundles.flatMap(({ name, variables }) => variables.map((variable) => [variable, within(`${BUNDLES_FOLDER}/${name}`)]))),
  });
}

function numbers(context: JobContext): AgentJob['variables'] {
  const job = `${context.buildNumber}.${context.position}`;
  return literals({
    TERRARIUM: 'true',
    TERRARIUM_BUILD_ID: String(context.buildId),
    TERRARIUM_BUILD_NUMBER: String(context.buildNumber),
    TERRARIUM_JOB_ID: String(context.jobId),
    TERRARIUM_JOB_NUMBER: job,
    ...ofChange(context.change),
    TRAVIS_BUILD_ID: String(context.buildId),
    TRAVIS_BUILD_NUMBER: String(context.buildNumber),
    TRAVIS_JOB_ID: String(context.jobId),
    TRAVIS_JOB_NUMBER: job,
    APPVEYOR_BUILD_ID: String(context.buildId),
    APPVEYOR_BUILD_NUMBER: String(context.buildNumber),
    APPVEYOR_JOB_ID: String(context.jobId),
    APPVEYOR_JOB_NUMBER: String(context.position),
  });
}

/** What is built. Of what it is not, a pull request or a tag, there is no variable. */
function ofChange({ commit, branch, tag, kind, repository, pullRequest }: Change): Record<string, string> {
  return {
    TERRARIUM_COMMIT: commit,
    TERRARIUM_BRANCH: branch,
    TERRARIUM_EVENT: kind,
    TERRARIUM_REPOSITORY: repository,
    ...(tag === null ? {} : { TERRARIUM_TAG: tag }),
    ...(pullRequest === null ? {} : { TERRARIUM_PULL_REQUEST: String(pullRequest.number) }),
  };
}

function literals(values: Readonly<Record<string, string>>): AgentJob['variables'] {
  return Object.entries(values).map(([name, value]) => ({ name, value, expand: false }));
}
