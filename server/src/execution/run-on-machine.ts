import { setTimeout as delay } from 'node:timers/promises';
import type { AgentBundle, AgentJob } from '#agents/api';
import { isPluginError, type RunnerDriver, type Session, type UploadFile } from '#plugins/api';
import { agentFor } from './agents.ts';
import { type AgentEnd, type SpoolLimits, type SpoolSink, followSpool } from './follow-spool.ts';
import { within } from './within.ts';

/** One attempt on one machine, free of any database: the server and the command line run it alike. */
export interface MachineRun {
  readonly driver: RunnerDriver;
  readonly machineId: string;
  /** Made once the session is there, because it names folders of the machine. */
  readonly job: (session: Session) => AgentJob;
  /** What goes into the session's folder besides the agent: sources, and what else the job is given. */
  readonly files: readonly UploadFile[];
  readonly sink: SpoolSink;
  /** When the job began, milliseconds since 1970: the server holds it to its limits by its own clock, too. */
  readonly startedAt: number;
  /** Run one after the other when the files are there, before the agent begins. Absent: nothing. */
  readonly prepare?: (session: Session) => readonly (readonly string[])[];
  /**
   * Takes out of the machine of a job that has passed what it was for, while that can still be reached; again where that broke. A cancellation ends it, and it may take five minutes in all.
   * Absent: nothing more is wanted.
   */
  readonly collect?: (session: Session, signal: AbortSignal) => Promise<void>;
  /** Called with the agent's end while the machine can still be reached, and again where that broke; it has its own limits, and throws only `unavailable`. Absent: nothing is looked at. */
  readonly ended?: (end: AgentEnd, session: Session) => Promise<void>;
  /** The agent is known to have been started before: nothing is uploaded again. */
  readonly resumed: boolean;
  /** Called once the agent is known to be started. */
  readonly started: (bundle: AgentBundle) => Promise<void>;
  /** Asks for the job's end: it is cancelled inside the machine and then ends as `canceled`. */
  readonly cancel: AbortSignal;
  /** Lets go at once; what runs in the machine goes on. */
  readonly signal: AbortSignal;
}

/** How long a machine that cannot be reached is tried again before its job is given up. */
const PATIENCE_MS = 5 * 60_000;
/** How long a driver may take to say whether a machine is still there. */
const ASK_MS = 60_000;
/** How long a job may take to end after it was told to. */
const CANCEL_GRACE_MS = 15_000;
/** How long reaching a machine, filling it and starting its agent may take, each. */
const STEP_MS = 5 * 60_000;
/** What the agent may take beyond the job's own limits before the server steps in: it has the first word. */
const GRACE_MS = 2 * 60_000;
const GRACE_BYTES = 16 * 1024 * 1024;

/**
 * Starts the agent (or finds it started) and follows it to its end, connecting again as often as the connection breaks. Throws a
 * `PluginError` where there is no end to be had: `unavailable` if the machine is gone or cannot be reached for five minutes, `rejected` if it
 * contradicts itself.
 */
export async function runOnMachine(run: MachineRun): Promise<AgentEnd> {
  const state: RunState = { lastContact: Date.now(), pause: FIRST_PAUSE_MS, started: run.resumed, collectingSince: null };
  let canceledAt: number | null = null;
  for (;;) {
    try {
      return await withSession(run, state);
    } catch (error) {
      run.signal.throwIfAborted();
      if (run.cancel.aborted) canceledAt ??= Date.now();
      if (canceledAt !== null && (!state.started || Date.now() - canceledAt > CANCEL_GRACE_MS)) return canceledEnd(run);
      if (!isPluginError(error, 'unavailable') || Date.now() - state.lastContact > PATIENCE_MS) throw error;
      await mustExist(run, error);
      await delay(state.pause, undefined, { signal: run.signal });
      state.pause = Math.min(state.pause * 2, 5000);
    }
  }
}

/** What is known over several connections. */
interface RunState {
  /** When something was last heard from the machine. */
  lastContact: number;
  /** How long to wait before the next try. */
  pause: number;
  /** The agent is there: nothing is uploaded again. */
  started: boolean;
  /** When what the job was for began to be taken out, milliseconds since 1970. */
  collectingSince: number | null;
}

const FIRST_PAUSE_MS = 50;

/** Throws `cause` if there is nothing to wait for: the machine is gone, or its driver knows that it will never answer again. */
async function mustExist(run: MachineRun, cause: unknown): Promise<void> {
  if (await isGone(run)) throw cause;
}

/** A driver that cannot tell, because a host does not answer perhaps, says nothing against the machine: then only time can. */
async function isGone({ driver, machineId, signal }: MachineRun): Promise<boolean> {
  try {
    return await within(ASK_MS, 'asking for the machine', signal, async (limited) => {
      const ids = await driver.list(limited);
      return !ids.includes(machineId) || (await driver.isLost?.(machineId, limited)) === true;
    });
  } catch (error) {
    signal.throwIfAborted();
    if (isPluginError(error, 'unavailable')) return false;
    throw error;
  }
}

async function withSession(run: MachineRun, state: RunState): Promise<AgentEnd> {
  // Until there is an agent to be told, a cancellation ends whatever is under way.
  const signal = state.started ? run.signal : AbortSignal.any([run.signal, run.cancel]);
  const session = await within(STEP_MS, 'connecting to the machine', signal, (limited) => run.driver.connect(run.machineId, limited));
  try {
    const job = run.job(session);
    const bundle = agentFor(session.system).bundle(job);
    await start(run, state, session, bundle, signal);
    const heard = (): void => {
      state.lastContact = Date.now();
      state.pause = FIRST_PAUSE_MS;
    };
    heard();
    const end = await followOrCancel(run, session, bundle, limitsOf(run, job), heard);
    await run.ended?.(end, session);
    if (end.verdict !== 'passed' || run.collect === undefined) return end;
    return (await collect(run, state, session, run.collect)) ? end : canceledEnd(run);
  } finally {
    // The end, or what broke the session, is what counts; one that cannot be closed in order goes with its machine.
    await session.dispose().catch(() => undefined);
  }
}

/**
 * Whether all was taken out; not if the job was cancelled meanwhile. One deadline for all connections: each of them alone would be given it anew. What it is too slow for is no loss of the
 * machine.
 */
async function collect(run: MachineRun, state: RunState, session: Session, work: NonNullable<MachineRun['collect']>): Promise<boolean> {
  state.collectingSince ??= Date.now();
  const until = state.collectingSince + STEP_MS;
  try {
    const signal = AbortSignal.any([run.signal, run.cancel]);
    await within(Math.max(0, until - Date.now()), 'taking out what the job has made', signal, (limited) => work(session, limited));
    return true;
  } catch (error) {
    run.signal.throwIfAborted();
    if (run.cancel.aborted) return false;
    if (Date.now() < until) throw error;
    throw new Error(`what the job has made could not be taken out of its machine in ${STEP_MS / 1000} s`, { cause: error });
  }
}

function limitsOf(run: MachineRun, { limits }: AgentJob): SpoolLimits {
  return { until: run.startedAt + limits.timeSeconds * 1000 + GRACE_MS, outputBytes: limits.outputBytes + GRACE_BYTES };
}

async function start(run: MachineRun, state: RunState, session: Session, bundle: AgentBundle, signal: AbortSignal): Promise<void> {
  if (!state.started) {
    await within(STEP_MS, 'uploading the sources', signal, (limited) => session.upload([...run.files, ...bundle.files], limited));
    for (const argv of run.prepare?.(session) ?? []) await prepare(session, argv, signal);
  }
  const { exitCode } = await within(STEP_MS, 'starting the agent', signal, (limited) => session.exec(bundle.start, { signal: limited }));
  if (exitCode !== 0) throw new Error(`the agent did not start: exit code ${exitCode}`);
  await run.started(bundle);
  state.started = true;
}

async function prepare(session: Session, argv: readonly string[], signal: AbortSignal): Promise<void> {
  const said: Uint8Array[] = [];
  const run = (limited: AbortSignal) => session.exec(argv, { signal: limited, onOutput: (chunk) => said.push(chunk) });
  const { exitCode } = await within(STEP_MS, `${argv[0]} in the machine`, signal, run);
  if (exitCode !== 0)
    throw new Error(`${argv[0]} ended with ${exitCode} in the machine: ${Buffer.concat(said).toString('utf8').trim().slice(0, 500)}`);
}

async function followOrCancel(run: MachineRun, session: Session, bundle: AgentBundle, limits: SpoolLimits, heard: () => void): Promise<AgentEnd> {
  const deadline = new AbortController();
  let grace: NodeJS.Timeout | undefined;
  const cancel = (): void => {
    // Not AbortSignal.timeout: combined with other signals it may be collected as garbage before it fires.
    grace = setTimeout(() => deadline.abort(new Error('the job did not end in time after it was canceled')), CANCEL_GRACE_MS);
    void cancelInside(run, session, bundle, deadline.signal);
  };
  if (run.cancel.aborted) cancel();
  run.cancel.addEventListener('abort', cancel, { once: true });
  try {
    return await followSpool(session, bundle, run.sink, limits, AbortSignal.any([run.signal, deadline.signal]), heard);
  } catch (error) {
    if (!deadline.signal.aborted) throw error;
    return canceledEnd(run);
  } finally {
    run.cancel.removeEventListener('abort', cancel);
    clearTimeout(grace);
    deadline.abort(new Error('the job has ended'));
  }
}

/** What a cancelled job ends with where its agent cannot say so. */
function canceledEnd(run: MachineRun): AgentEnd {
  return { type: 'end', at: Date.now(), offset: run.sink.spoolOffset, verdict: 'canceled', reason: 'canceled' };
}

/** Tells the agent; if no end comes in time, the machine's destruction will do. */
async function cancelInside(run: MachineRun, session: Session, bundle: AgentBundle, deadline: AbortSignal): Promise<void> {
  try {
    await session.exec(bundle.cancel, { signal: AbortSignal.any([run.signal, deadline]) });
  } catch {
    // Whatever kept the agent from hearing: the deadline is the answer to it.
  }
}
