import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseAgentEvent, type AgentBundle, type AgentEvent, type AgentJob } from '#agents/api';
import { posixAgent } from '../index.ts';

/** A shell to run the agent under: where it is, and how to call it. */
export interface Shell {
  readonly name: string;
  readonly path: string | null;
}

/** The shells of POSIX systems that are here; `path` null where one is not. */
export function shells(): Shell[] {
  return ['dash', 'bash', 'busybox'].map((name) => ({ name, path: which(name) }));
}

/** The absolute path of a program; null if it is not here. */
export function which(program: string): string | null {
  const path = spawnSync('sh', ['-c', 'command -v "$1"', 'sh', program], { encoding: 'utf8' }).stdout.trim();
  return path === '' ? null : path;
}

/** How a job ended, and all it left. */
export interface Outcome {
  readonly verdict: string;
  readonly reason: string;
  readonly output: string;
  readonly events: readonly AgentEvent[];
}

/** A folder in which jobs run as in a machine: upload, start, watch, end. */
export class JobFolder {
  readonly folder = mkdtempSync(join(tmpdir(), 'terrarium-agent-'));
  readonly #environment: NodeJS.ProcessEnv;
  bundle: AgentBundle | null = null;

  /** `shell` becomes the machine's `sh`. */
  constructor(shell: Shell) {
    const bin = mkdtempSync(join(tmpdir(), 'terrarium-agent-bin-'));
    symlinkSync(shell.path ?? '/bin/sh', join(bin, 'sh'));
    this.#environment = { PATH: `${bin}:${process.env['PATH'] ?? '/usr/bin:/bin'}`, LANG: 'C.UTF-8' };
  }

  /** Uploads a job; what is not given is as plain as can be. */
  upload(job: Partial<AgentJob>): AgentBundle {
    this.bundle = posixAgent.bundle({ ...plainJob(this.folder), ...job });
    for (const file of this.bundle.files) {
      mkdirSync(dirname(join(this.folder, file.path)), { recursive: true });
      writeFileSync(join(this.folder, file.path), file.content, { mode: file.mode });
    }
    return this.bundle;
  }

  /** Runs a command as a session does, and waits for it. */
  async exec(argv: readonly string[]): Promise<number> {
    const [program = '', ...rest] = argv;
    const child = spawn(program, rest, { cwd: this.folder, env: this.#environment, stdio: 'ignore', detached: true });
    const [code]: unknown[] = await once(child, 'exit');
    return typeof code === 'number' ? code : 128;
  }

  /** Runs a whole job. */
  async run(job: Partial<AgentJob>): Promise<Outcome> {
    const bundle = this.upload(job);
    await this.exec(bundle.start);
    return this.ended();
  }

  /** Waits for the job's last event. */
  async ended(): Promise<Outcome> {
    const events = await this.until((all) => all.some((one) => one.type === 'end'));
    const end = events.find((one) => one.type === 'end');
    if (end?.type !== 'end') throw new Error('The job has no end.');
    return { verdict: end.verdict, reason: end.reason, output: this.read('agent/output'), events };
  }

  /** Waits until the events are as wanted. */
  until(wanted: (events: readonly AgentEvent[]) => boolean): Promise<readonly AgentEvent[]> {
    return this.#watch('agent/events', () => {
      const events = this.events();
      return wanted(events) ? events : null;
    });
  }

  /** Waits until the output contains a text. */
  untilOutput(text: string): Promise<string> {
    return this.#watch('agent/output', () => {
      const output = this.read('agent/output');
      return output.includes(text) ? output : null;
    });
  }

  /** The events so far. */
  events(): AgentEvent[] {
    return this.read('agent/events')
      .split('\n')
      .map((line) => parseAgentEvent(line))
      .filter((one) => one !== null);
  }

  /** A file of the folder as text, a character a byte; nothing if it is gone. */
  read(path: string): string {
    return this.has(path) ? readFileSync(join(this.folder, path), 'latin1') : '';
  }

  has(path: string): boolean {
    return existsSync(join(this.folder, path));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #watch<T>(path: string, look: () => T | null): Promise<T> {
    return new Promise((resolve) => {
      const watcher = watch(join(this.folder, path), check);
      function check(): void {
        const found = look();
        if (found === null) return;
        watcher.close();
        resolve(found);
      }
      check();
    });
  }
}

/** A job without anything in it. */
export function plainJob(folder: string): AgentJob {
  return {
    folder,
    workTree: 'build/owner/name',
    shell: 'sh',
    phases: [],
    variables: [],
    interpreter: null,
    checkout: null,
    limits: { timeSeconds: 60, silenceSeconds: 60, outputBytes: 10_000_000 },
  };
}

/** The phase `script`, as Travis runs it. */
export function scriptPhase(...commands: readonly string[]): AgentJob['phases'] {
  return [{ name: 'script', when: 'passing', onFailure: 'fail-later', commands: commands.map((run) => ({ run })) }];
}
