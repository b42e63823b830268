import { setTimeout as delay } from 'node:timers/promises';
import type { AgentBundle, AgentJob } from '#agents/api';
import { isPluginError, type RunnerDriver, type Session, type UploadFile } from '#plugins/api';
import { agentFor } from './agents.ts';
import { type AgentEnd, type SpoolSink, followSpool } from './follow-spool.ts';

/** One attempt on one machine, free of any database: the server and the command line run it alike. */
export interface MachineRun {
  readonly driver: RunnerDriver;
  readonly machineId: string;
  /** Made once the session is there, because it names folders of the machine. */
  readonly job: (session: Session) => AgentJob;
  /** Files of the checkout, absolute path here, name in the session's folder. */
  readonly files: readonly { readonly from: string; readonly name: string }[];
  readonly sink: SpoolSink;
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
/** How long a job may take to end after it was told to. */
const CANCEL_GRACE_MS = 15_000;

/**
 * Starts the agent (or finds it started) and follows it to its end, connecting again as often as the connection breaks. Throws a
 * `PluginError` where there is no end to be had: the machine is gone, cannot be reached for five minutes, or contradicts itself.
 */
export async function runOnMachine(run: MachineRun): Promise<AgentEnd> {
  let lastContact = Date.now();
  let canceledAt: number | null = null;
  let pause = 50;
  for (;;) {
    try {
      return await withSession(run, () => {
        lastContact = Date.now();
        pause = 50;
      });
    } catch (error) {
      run.signal.throwIfAborted();
      if (!isPluginError(error, 'unavailable') || Date.now() - lastContact > PATIENCE_MS) throw error;
      await mustExist(run, error);
      if (run.cancel.aborted) canceledAt ??= Date.now();
      if (canceledAt !== null && Date.now() - canceledAt > CANCEL_GRACE_MS) return canceledEnd(run);
      await delay(pause, undefined, { signal: run.signal });
      pause = Math.min(pause * 2, 5000);
    }
  }
}

async function mustExist(run: MachineRun, cause: unknown): Promise<void> {
  const ids = await run.driver.list(run.signal);
  if (!ids.includes(run.machineId) || (await run.driver.isLost?.(run.machineId, run.signal))) throw cause;
}

async function withSession(run: MachineRun, contact: () => void): Promise<AgentEnd> {
  const session = await run.driver.connect(run.machineId, run.signal);
  try {
    const bundle = agentFor(session.system).bundle(run.job(session));
    await start(run, session, bundle);
    contact();
    return await followOrCancel(run, session, bundle);
  } finally {
    await session.dispose();
  }
}

async function start(run: MachineRun, session: Session, bundle: AgentBundle): Promise<void> {
  if (!run.resumed) {
    const checkout: UploadFile[] = run.files.map((file) => ({ path: file.name, content: { file: file.from }, mode: 0o600 }));
    await session.upload([...checkout, ...bundle.files], run.signal);
  }
  const { exitCode } = await session.exec(bundle.start, { signal: run.signal });
  if (exitCode !== 0) throw new Error(`the agent did not start: exit code ${exitCode}`);
  await run.started(bundle);
}

async function followOrCancel(run: MachineRun, session: Session, bundle: AgentBundle): Promise<AgentEnd> {
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
    return await followSpool(session, bundle, run.sink, AbortSignal.any([run.signal, deadline.signal]));
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
