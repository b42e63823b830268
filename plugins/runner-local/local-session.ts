import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { PluginError, type ExecResult, type Session, type UploadFile } from '#plugins/api';
import { SESSION_FOLDER } from './control.ts';
import { launchHere, launchInside, type Launched } from './exec.ts';
import { Bell, readChunk, readGrowing, readWhole } from './follow.ts';
import { hasRecord, type MachineRecord } from './machine-folder.ts';
import { isAlive, killMarked } from './processes.ts';
import { SafeFolder } from './safe-files.ts';

/** A way into one machine of this host. It holds no connection: all goes through the machine's folder. */
export class LocalSession implements Session {
  readonly system = 'posix';
  readonly folder: string;
  readonly #machine: string;
  readonly #record: MachineRecord;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #files: SafeFolder;
  readonly #replies: SafeFolder;
  #disposed = false;

  /** `machine` is the machine's folder on the host; `environment` is for commands without sandbox. */
  constructor(machine: string, record: MachineRecord, environment: Readonly<Record<string, string>>) {
    this.#machine = machine;
    this.#record = record;
    this.#environment = environment;
    this.folder = record.isolation === 'sandbox' ? SESSION_FOLDER : join(machine, 'folder');
    const owner = record.uid === null ? null : { uid: record.uid, gid: record.uid };
    this.#files = new SafeFolder(join(machine, 'folder'), owner);
    this.#replies = new SafeFolder(join(machine, 'replies'), null);
  }

  async exec(
    argv: readonly string[],
    options: { readonly signal: AbortSignal; readonly onOutput?: (chunk: Uint8Array) => void },
  ): Promise<ExecResult> {
    this.#use(options.signal);
    if (argv.length === 0 || argv.some((word) => word.includes('\0')))
      throw new PluginError('invalid', 'A command is one word or more, without NUL.');
    const bell = new Bell(join(this.#machine, 'replies'), options.signal);
    try {
      const launched = this.#launch(argv, options.onOutput !== undefined, bell.ring);
      const exitCode = await this.#attend(launched, bell, options);
      launched.clean();
      return { exitCode };
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
    if (this.#record.isolation === 'sandbox') return launchInside(this.#machine, argv, output);
    return launchHere(this.#machine, argv, this.#environment, ring);
  }

  /** Passes the output on until the exit code is there; what was written before it is passed on before it. */
  async #attend(launched: Launched, bell: Bell, options: { signal: AbortSignal; onOutput?: (chunk: Uint8Array) => void }): Promise<number> {
    const output = new Output(this.#replies, `${launched.number}.output`, options.onOutput);
    try {
      for (;;) {
        if (options.signal.aborted) return await this.#abort(launched, bell, options.signal);
        const exitCode = launched.exitCode();
        output.pass();
        if (exitCode !== null) return exitCode;
        if (bell.late()) this.#use(null);
        await bell.wait();
      }
    } finally {
      output.close();
    }
  }

  /** A command may not have begun when it is to end: look for its processes until it has ended. */
  async #abort(launched: Launched, bell: Bell, signal: AbortSignal): Promise<never> {
    launched.withdraw();
    for (;;) {
      await killMarked('TERRARIUM_EXEC', launched.number, new AbortController().signal);
      if (launched.exitCode() !== null || !isReady(this.#machine, this.#record)) break;
      await bell.wait();
    }
    launched.clean();
    throw signal.reason;
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

/** The output of a command, passed on piece by piece. */
class Output {
  readonly #folder: SafeFolder;
  readonly #name: string;
  readonly #onOutput: ((chunk: Uint8Array) => void) | undefined;
  #descriptor: number | null = null;
  #position = 0;

  constructor(folder: SafeFolder, name: string, onOutput: ((chunk: Uint8Array) => void) | undefined) {
    this.#folder = folder;
    this.#name = name;
    this.#onOutput = onOutput;
  }

  pass(): void {
    if (this.#onOutput === undefined) return;
    this.#descriptor ??= this.#folder.openIfThere(this.#name);
    if (this.#descriptor === null) return;
    for (let chunk = readChunk(this.#descriptor, this.#position); chunk.length > 0; chunk = readChunk(this.#descriptor, this.#position)) {
      this.#position += chunk.length;
      this.#onOutput(chunk);
    }
  }

  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
  }
}
