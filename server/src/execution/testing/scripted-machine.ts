import { type ExecResult, PluginError, type RunnerDriver, type Session } from '#plugins/api';

/**
 * A machine whose files and answers a test writes. The test holds this controller; what is tested gets `driver()`. Nothing runs, and nothing happens
 * but what the test makes happen.
 */
export class ScriptedMachine {
  /** Whether the driver still lists it, and whether it can be reached. */
  listed = true;
  reachable = true;
  /** What was asked of it, in order. */
  readonly commands: (readonly string[])[] = [];
  readonly uploads: string[] = [];
  connections = 0;
  disposed = 0;
  /** Where reading began, for each file that was followed. */
  readonly followed: { path: string; offset: number }[] = [];
  /** What a command does; its exit code. Never settles: a command that hangs. */
  onCommand: (argv: readonly string[]) => Promise<number> = () => Promise.resolve(0);
  /** What an upload does. */
  onUpload: () => Promise<void> = () => Promise.resolve();
  private readonly files = new Map<string, Buffer>();
  private readonly waiting = new Set<() => void>();
  private broken: PluginError | null = null;
  private generation = 0;

  constructor(readonly id = 'scripted') {}

  /** Lets a file grow. */
  append(path: string, content: string | Uint8Array): void {
    this.files.set(path, Buffer.concat([this.files.get(path) ?? Buffer.alloc(0), Buffer.from(content)]));
    this.wake();
  }

  /** Breaks everything that is connected now; a new connection works, if the machine is reachable. */
  cut(error = new PluginError('unavailable', 'the connection broke')): void {
    this.broken = error;
    this.generation += 1;
    this.wake();
  }

  /** It is there no more: its driver knows nothing of it, and whoever is connected is cut off. */
  vanish(): void {
    this.listed = false;
    this.reachable = false;
    this.cut();
  }

  driver(): RunnerDriver {
    return {
      describe: () => Promise.resolve([]),
      create: () => Promise.resolve({ host: null, digest: null }),
      destroy: () => Promise.resolve(),
      list: () => Promise.resolve(this.listed ? [this.id] : []),
      connect: () => this.connect(),
    };
  }

  /** A way in. Throws `unavailable` while the machine is not reachable. */
  connect(): Promise<Session> {
    this.connections += 1;
    if (!this.reachable) return Promise.reject(new PluginError('unavailable', 'it does not answer'));
    return Promise.resolve(this.session());
  }

  private session(): Session {
    return {
      system: 'posix',
      folder: '/session',
      exec: (argv, { signal }) => this.run(argv, signal),
      upload: (files) => {
        this.uploads.push(...files.map((file) => file.path));
        return this.onUpload();
      },
      follow: (path, offset, signal) => this.follow(path, offset, signal),
      download: (path, signal) => this.follow(path, 0, signal),
      dispose: () => {
        this.disposed += 1;
        return Promise.resolve();
      },
    };
  }

  private async run(argv: readonly string[], signal: AbortSignal): Promise<ExecResult> {
    this.commands.push(argv);
    const aborted = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
    return { exitCode: await Promise.race([this.onCommand(argv), aborted]) };
  }

  private async *follow(path: string, offset: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    this.followed.push({ path, offset });
    const { generation } = this;
    for (let position = offset; !signal.aborted;) {
      if (generation !== this.generation && this.broken !== null) throw this.broken;
      const chunk = (this.files.get(path) ?? Buffer.alloc(0)).subarray(position);
      position += chunk.length;
      if (chunk.length > 0) yield chunk;
      else await this.change(signal);
    }
  }

  private change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.waiting.add(done);
      signal.addEventListener('abort', done);
    });
  }

  private wake(): void {
    const all = [...this.waiting];
    this.waiting.clear();
    for (const resolve of all) resolve();
  }
}
