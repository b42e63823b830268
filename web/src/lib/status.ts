import type { BuildState, BuildSummary, DeliveryState, HostView, JobState, MachineState, OutboxView } from '#server/api';

/** The drawn form of a state: readable without colour. */
export type Shape = 'check' | 'cross' | 'bolt' | 'arc' | 'arc-short' | 'arc-long' | 'dot' | 'dotted' | 'hand' | 'bar' | 'dash' | 'disc';

/** Names a colour variable of tokens.css. */
export type Tone = 'pass' | 'fail' | 'error' | 'run' | 'held' | 'wait' | 'idle';

/** How a state looks and what it is called. */
export interface StatusLook {
  shape: Shape;
  tone: Tone;
  word: string;
}

/** Every state a job can be in. A new state does not compile until it has a look. */
export const JOB_LOOK: Record<JobState, StatusLook> = {
  held: { shape: 'hand', tone: 'held', word: 'held' },
  waiting: { shape: 'dotted', tone: 'wait', word: 'waiting' },
  queued: { shape: 'dot', tone: 'wait', word: 'queued' },
  starting: { shape: 'arc-short', tone: 'run', word: 'starting' },
  running: { shape: 'arc', tone: 'run', word: 'running' },
  finishing: { shape: 'arc-long', tone: 'run', word: 'finishing' },
  passed: { shape: 'check', tone: 'pass', word: 'passed' },
  failed: { shape: 'cross', tone: 'fail', word: 'failed' },
  errored: { shape: 'bolt', tone: 'error', word: 'errored' },
  canceled: { shape: 'bar', tone: 'idle', word: 'canceled' },
  skipped: { shape: 'dash', tone: 'idle', word: 'skipped' },
};

/** A build's states are named like its jobs' and look like them. */
export const BUILD_LOOK: Record<BuildState, StatusLook> = {
  queued: JOB_LOOK.queued,
  running: JOB_LOOK.running,
  passed: JOB_LOOK.passed,
  failed: JOB_LOOK.failed,
  errored: JOB_LOOK.errored,
  canceled: JOB_LOOK.canceled,
};

/** What says how a build stands. */
type BuildStanding = Pick<BuildSummary, 'state' | 'trust' | 'finishedAt'>;

/** Whether a build waits for an approval. One that was cancelled before anybody said anything waits no longer. */
export function isHeld({ trust, finishedAt }: Pick<BuildSummary, 'trust' | 'finishedAt'>): boolean {
  return trust.level === 'held' && finishedAt === null;
}

/** How a build looks: as its state, but one that waits for an approval as held. */
export function lookOfBuild(build: BuildStanding): StatusLook {
  return isHeld(build) ? JOB_LOOK.held : BUILD_LOOK[build.state];
}

/** Every state a machine can be in. */
export const MACHINE_LOOK: Record<MachineState, StatusLook> = {
  creating: { shape: 'arc-short', tone: 'run', word: 'creating' },
  ready: { shape: 'dot', tone: 'pass', word: 'ready' },
  assigned: { shape: 'arc', tone: 'run', word: 'busy' },
  destroying: { shape: 'arc-long', tone: 'wait', word: 'destroying' },
  gone: { shape: 'dash', tone: 'idle', word: 'gone' },
  failed: { shape: 'bolt', tone: 'error', word: 'failed' },
};

/** Every state a host of machines can be in. */
export const HOST_LOOK: Record<HostView['state'], StatusLook> = {
  up: { shape: 'check', tone: 'pass', word: 'up' },
  drained: { shape: 'bolt', tone: 'error', word: 'drained' },
};

/** Every state a delivery of a code host can be in. */
export const DELIVERY_LOOK: Record<DeliveryState, StatusLook> = {
  received: { shape: 'dot', tone: 'wait', word: 'waiting' },
  done: { shape: 'check', tone: 'pass', word: 'done' },
  ignored: { shape: 'dash', tone: 'idle', word: 'ignored' },
  failed: { shape: 'cross', tone: 'fail', word: 'failed' },
};

/** Every state of what is to be told outside. */
export const OUTBOX_LOOK: Record<OutboxView['state'], StatusLook> = {
  sent: { shape: 'check', tone: 'pass', word: 'sent' },
  waiting: { shape: 'dot', tone: 'wait', word: 'waiting' },
  failed: { shape: 'cross', tone: 'fail', word: 'failed' },
};

/** The order in which states are counted and listed: what needs a person first. */
export const JOB_STATE_ORDER: readonly JobState[] = [
  'failed',
  'errored',
  'held',
  'running',
  'starting',
  'finishing',
  'queued',
  'waiting',
  'passed',
  'canceled',
  'skipped',
];

/** Whether the job has a machine or soon will: its duration is still growing. */
export function isOnMachine(state: JobState): boolean {
  return state === 'starting' || state === 'running' || state === 'finishing';
}

/** Whether the build has its verdict. */
export function isBuildDone(state: BuildState): boolean {
  return state !== 'queued' && state !== 'running';
}

/** Whether somebody should look: failed by the code or by the farm. */
export function isBroken(state: JobState | BuildState): boolean {
  return state === 'failed' || state === 'errored';
}
