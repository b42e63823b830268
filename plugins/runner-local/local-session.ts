import { closeSync, fstatSync } from 'node:fs';
import { join } from 'node:path';
import { isPluginError, PluginError, type ExecResult, type Session, type UploadFile } from '#plugins/api';
import { SESSION_FOLDER } from './control.ts';
import { launchHere, launchInside, type Launched } from './exec.ts';
import { Bell, readChunk, readGrowing, readWhole } from './follow.ts';
import { hasRecord, type MachineRecord } from './machine-folder.ts';
import { isAlive, killMarked } from './processes.ts';
import { type Owner, SafeFolder } from './safe-files.ts';

/** How long a command that is to end may take to say so: a job can stop the shell that would. Its machine's end is its own, then. */
const ABORT_PATIENCE_MS = 5000;

type ExecOptions = Parameters<Session['exec']>[1];

/** A way into one machine of this host. It holds no connection: all goes through the machine's folder. */
export class LocalSession implements Session {
  readonly system = 'posix';
  readonly folder: string;
  readonly #machine: string;
  readonly #record: MachineRecord;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #files: SafeFolder;
  readonly #owner: Owner;
  #disposed = false;

  /** `machine` is the machine's folder on the host; `environment` is for commands without sandbox. */
  constructor(machine: string, record: MachineRecord, environment: Readonly<Record<string, string>>) {
    this.#machine = machine;
    this.#record = record;
    this.#environment = environment;
    this.folder = record.isolation === 'sandbox' ? SESSION_FOLDER : join(machine, 'folder');
    this.#owner = record.uid === null ? null : { uid: record.uid, gid: record.uid };
    this.#files = new SafeFolder(join(machine, 'folder'), this.#owner);
  }

  async exec(argv: readonly string[], options: ExecOptions): Promise<ExecResult> {
    this.#use(options.signal);
    if (argv.length === 0 || argv.some((word) => word.includes('\0')))
      throw new PluginError('invalid', 'A command is one word or more, without NUL.');
    const bell = new Bell(join(this.#machine, 'replies'), options.signal);
    try {
      return await this.#attend(this.#launch(argv, options.onOutput !== undefined, bell.ring), bell, options);
    } finally {
      bell.close();
    }
  }

  async upload(files: readonly UploadFile[], signal: AbortSignal): Promise<void> {
    this.#use(signal);
    await this.#files.upload(files, signal);
  }

  async *follow(path: string, offset: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    this.#use(null);
    if (signal.aborted) return;
    const watched = { path: join(this.#machine, 'folder', path), check: () => this.#use(null) };
    yield* readGrowing(this.#files.open(path), offset, watched, signal);
  }

  async *download(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    this.#use(signal);
    yield* readWhole(this.#files.open(path), signal);
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
  }

  #launch(argv: readonly string[], output: boolean, ring: () => void): Launched {
    const launch = { folder: this.#machine, owner: this.#owner, argv, output };
    return this.#record.isolation === 'sandbox' ? launchInside(launch) : launchHere(launch, this.#environment, ring);
  }

  /** Stays with a command to its end, or brings that about. */
  async #attend(launched: Launched, bell: Bell, options: ExecOptions): Promise<ExecResult> {
    const output = new Output(launched.output, options.onOutput);
    try {
      const exitCode = await this.#passAll(launched, output, bell, options.signal);
      if (exitCode === null) await this.#abort(launched, bell);
      launched.clean();
      if (exitCode !== null) return { exitCode };
    } finally {
      output.close();
    }
    if (output.failure !== null) throw output.failure.error;
    throw options.signal.reason;
  }

  /** Passes the output on until the exit code is there; what was written before it is passed on before it. Null if it is to end before. */
  async #passAll(launched: Launched, output: Output, bell: Bell, signal: AbortSignal): Promise<number | null> {
    while (!signal.aborted) {
      const exitCode = launched.exitCode();
      await output.pass(signal);
      if (output.failure !== null) return null;
      if (exitCode !== null && !signal.aborted) return exitCode;
      if (bell.late()) this.#use(null);
      await bell.wait();
    }
    return null;
  }

  /** A command may not have begun when it is to end: look for its processes until it has ended. */
  async #abort(launched: Launched, bell: Bell): Promise<void> {
    launched.withdraw();
    for (const began = performance.now(); performance.now() - began < ABORT_PATIENCE_MS;) {
      await killMarked('TERRARIUM_EXEC', launched.number, new AbortController().signal);
      if (hasEnded(launched) || !isReady(this.#machine, this.#record)) return;
      await bell.wait();
    }
  }

  #use(signal: AbortSignal | null): void {
    if (this.#disposed) throw new PluginError('unavailable', 'This session is disposed.');
    if (!isReady(this.#machine, this.#record)) throw new PluginError('unavailable', 'The machine is gone.');
    signal?.throwIfAborted();
  }
}

/** Whether a machine is there and its processes run. */
export function isReady(folder: string, record: MachineRecord): boolean {
  return hasRecord(folder) && record.processes.every((one) => isAlive(one));
}

/** A reply that the job has spoiled is an end as well. */
function hasEnded(launched: Launched): boolean {
  try {
    return launched.exitCode() !== null;
  } catch (error) {
    if (isPluginError(error, 'invalid')) return true;
    throw error;
  }
}

/** The output of a command, passed on piece by piece. */
class Output {
  readonly #descriptor: number | null;
  readonly #onOutput: ExecOptions['onOutput'];
  #position = 0;
  /** What `onOutput` has thrown: it wants no more. */
  failure: { readonly error: unknown } | null = null;

  constructor(descriptor: number | null, onOutput: ExecOptions['onOutput']) {
    this.#descriptor = descriptor;
    this.#onOutput = onOutput;
  }

  /** Passes on what is there now, to its end or an abort: a job that goes on writing cannot hold it up. */
  async pass(signal: AbortSignal): Promise<void> {
    if (this.#descriptor === null) return;
    const end = fstatSync(this.#descriptor).size;
    for (let more = true; more;) {
      const chunk = await readChunk(this.#descriptor, this.#position);
      if (chunk.length === 0 || signal.aborted) return;
      this.#position += chunk.length;
      this.#tell(chunk);
      more = this.#position < end && this.failure === null;
    }
  }

  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
  }

  #tell(chunk: Uint8Array): void {
    try {
      this.#onOutput?.(chunk);
    } catch (error) {
      this.failure = { error };
    }
  }
}
