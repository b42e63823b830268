import type { AgentJob } from '#agents/api';
import type { Change, CheckoutPlan, Interpreter, JobSpec } from '#plugins/api';

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
  readonly secrets: Readonly<Record<string, string>>;
  readonly limits: Limits;
}

/** Puts a job's description and its circumstances together for the agent. Pure. */
export function agentJob(spec: JobSpec, context: JobContext): AgentJob {
  const { checkout, interpreter, limits } = context;
  return {
    folder: context.folder,
    workTree: workTreeOf(context.change.repository),
    shell: spec.program.shell,
    phases: spec.program.phases,
    variables: [...numbers(context), ...literals(context.secrets), ...spec.variables],
    interpreter: interpreter === null ? null : { name: interpreter.name, path: interpreter.path },
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

function numbers(context: JobContext): AgentJob['variables'] {
  const job = `${context.buildNumber}.${context.position}`;
  return literals({
    TERRARIUM: 'true',
    TERRARIUM_BUILD_ID: String(context.buildId),
    TERRARIUM_BUILD_NUMBER: String(context.buildNumber),
    TERRARIUM_JOB_ID: String(context.jobId),
    TERRARIUM_JOB_NUMBER: job,
    TERRARIUM_COMMIT: context.change.commit,
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

function literals(values: Readonly<Record<string, string>>): AgentJob['variables'] {
  return Object.entries(values).map(([name, value]) => ({ name, value, expand: false }));
}
