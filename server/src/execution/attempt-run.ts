import { type CheckoutPlan, type Interpreter, type Logger, type Session, type UploadFile, isPluginError } from '#plugins/api';
import type { AttemptEnd } from '../builds/sql/move-attempt.ts';
import type { LogStore } from '../logs/index.ts';
import type { LogWriter } from '../logs/types.ts';
import { type Limits, agentJob } from './agent-job.ts';
import { explainEnd } from './end-reason.ts';
import { AttemptSink, type SinkTargets } from './attempt-sink.ts';
import { AttemptTests } from './attempt-tests.ts';
import type { AgentEnd } from './follow-spool.ts';
import type { LoadedAttempt } from './load-attempt.ts';
import { MachineLost, lostEnd } from './machine-lost.ts';
import type { JobCompiler } from '../toolchains/msvc.ts';
import type { PackageOffer } from './package-offer.ts';
import type { Provisions } from './provisions.ts';
import { type MachineRun, runOnMachine } from './run-on-machine.ts';
import { unpackCommands } from './unpacked-interpreter.ts';

/** What an attempt is given to run with. */
export interface AttemptMeans {
  readonly driver: MachineRun['driver'];
  readonly interpreter: Interpreter | null;
  readonly provisions: Provisions;
  readonly compiler: JobCompiler | null;
  /** How it uses the cache of packages; null: not at all. */
  readonly packages: PackageOffer | null;
  /** Takes out what a job has made that is for something else than a verdict, while its machine is still there. Absent: nothing. */
  readonly collect?: (session: Session, signal: AbortSignal) => Promise<void>;
  /** The text that the attempt's change has at a path of the repository; null if it has no such file. */
  readonly committed: (path: string) => Promise<string | null>;
  readonly limits: Limits;
  readonly logs: LogStore;
  readonly logger: Logger;
  readonly targets: Omit<SinkTargets, 'inline'>;
  readonly checkout: () => Promise<CheckoutPlan>;
  readonly started: () => Promise<void>;
  /** Whether the attempt is still this process's, so that its log may be written to. */
  readonly isOurs: () => Promise<boolean>;
  readonly cancel: AbortSignal;
  /** Lets go of the attempt without an end: the process stops, or lost the right to it. */
  readonly signal: AbortSignal;
}

/** Reasons of a job that came to its end: of any other it was stopped, and killed whatever it had started. */
const BY_ITSELF: ReadonlySet<AgentEnd['reason']> = new Set(['exit', 'setup']);

/** How an attempt ended, in the words of the core. */
export type AttemptOutcome = Omit<AttemptEnd, 'attemptId'>;

/** Runs one attempt on its machine to its verdict. Throws only if `signal` aborted, or what is needed to know the verdict cannot be had now. */
export async function runAttempt(attempt: LoadedAttempt, means: AttemptMeans): Promise<AttemptOutcome> {
  const { secrets: variables, masked } = means.provisions;
  const secrets = [...Object.entries(variables).map(([name, value]) => ({ name, value })), ...masked];
  const writer = await means.logs.open(attempt.attemptId, { secrets, spoolLimit: attempt.recordedOffset });
  const sink = new AttemptSink(attempt, writer, { ...means.targets, inline: secrets.length === 0 });
  const tests = new AttemptTests(attempt, means, secrets);
  try {
    const outcome = await outcomeOf(attempt, means, tests, sink, writer);
    await writer.finish();
    sink.finished();
    return { ...outcome, ...(await tests.end()), logSize: writer.position().offset };
  } finally {
    await writer.close();
  }
}

async function outcomeOf(
  attempt: LoadedAttempt,
  means: AttemptMeans,
  tests: AttemptTests,
  sink: AttemptSink,
  writer: LogWriter,
): Promise<Omit<AttemptOutcome, 'logSize'>> {
  try {
    const end = await onMachine(attempt, means, tests, sink);
    return { ...explainEnd(end), inOrder: BY_ITSELF.has(end.reason) };
  } catch (error) {
    means.signal.throwIfAborted();
    if (means.cancel.aborted) return { verdict: 'canceled', reason: null };
    // Whoever took it over writes its log, and will see for itself what is wrong.
    if (!(await means.isOurs())) throw error;
    const { line, ...outcome } = endOf(attempt, error);
    // A log may be complete already if the process died between that and the verdict.
    if (!writer.complete) await sink.append(complaint(line));
    return outcome;
  }
}

function endOf(attempt: LoadedAttempt, error: unknown): Omit<AttemptOutcome, 'logSize'> & { readonly line: string } {
  const text = error instanceof Error ? error.message : String(error);
  return error instanceof MachineLost ? lostEnd(attempt, text) : { verdict: 'errored', reason: text, line: text };
}

/** Ends the log of an attempt that nothing more is to be learnt of, with the reason as its last line. */
export async function closeLog(logs: LogStore, attemptId: number, reason: string): Promise<number> {
  const writer = await logs.open(attemptId, { secrets: [] });
  try {
    if (!writer.complete) await writer.append(complaint(reason), Date.now());
    await writer.finish();
    return writer.position().offset;
  } finally {
    await writer.close();
  }
}

function complaint(text: string): Buffer {
  return Buffer.from(`\n\u001b[31;1mTerrarium: ${text}\u001b[0m\n`);
}

/** Of sources that are in the machine already, only that there are some counts: the steps are numbered with them. */
const LAID_OUT: CheckoutPlan = { files: [], script: '', archive: 'source.tar', variables: {}, title: 'checkout' };

function sourceFile({ from, name }: CheckoutPlan['files'][number]): UploadFile {
  return { path: name, content: { file: from }, mode: 0o600 };
}

async function onMachine(attempt: LoadedAttempt, means: AttemptMeans, tests: AttemptTests, sink: AttemptSink): Promise<AgentEnd> {
  const resumed = attempt.state === 'running';
  const checkout = attempt.spec.checkout === null ? null : resumed ? LAID_OUT : await means.checkout();
  const running = runOnMachine({
    driver: means.driver,
    machineId: attempt.machineId,
    job: (session) => agentJob(attempt.spec, { ...attempt, ...means, checkout, folder: session.folder, system: session.system }),
    files: [...(checkout?.files ?? []).map(sourceFile), ...means.provisions.files.map(({ path, content }) => ({ path, content, mode: 0o600 }))],
    prepare: (session) => unpackCommands(means.interpreter, session),
    ...(means.collect === undefined ? {} : { collect: means.collect }),
    ended: async (end, session) => {
      if (end.verdict !== 'canceled') await tests.readFiles(session);
    },
    sink,
    startedAt: attempt.startedAt,
    resumed,
    started: async (bundle) => {
      sink.name(bundle.steps);
      await means.started();
    },
    cancel: means.cancel,
    signal: means.signal,
  });
  return await running.catch((error: unknown) => {
    // Only here: a code host that cannot be reached is no loss of a machine.
    throw isPluginError(error, 'unavailable') ? new MachineLost(error.message, { cause: error }) : error;
  });
}
