import { setTimeout as delay } from 'node:timers/promises';
import type { Agent, AgentBundle, AgentEvent, AgentJob, AgentPhase, AgentShell } from '../index.ts';
import { parseAgentEvent } from '../index.ts';

/** A folder in a machine where one job runs: the part of a `Session` that an agent lives by, so that any session is one. */
export interface AgentRoom {
  readonly folder: string;
  upload(files: AgentBundle['files'], signal: AbortSignal): Promise<void>;
  exec(argv: readonly string[], options: { readonly signal: AbortSignal }): Promise<{ readonly exitCode: number }>;
  download(path: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
  dispose(): Promise<void>;
}

/** How the suite's commands are written for a kind of machine. Each function gives the text of a command. */
export interface AgentWords {
  readonly shell: AgentShell;
  /** Writes a plain word and an end of line. */
  say(word: string): string;
  /** Ends with a code, 1 to 255. */
  fail(code: number): string;
  /** Sets a variable for what comes after, to a plain word. */
  set(name: string, word: string): string;
  /** Writes a variable's value, its bytes in UTF-8, and a `|`. */
  show(name: string): string;
  /** Writes the bytes of the file whose path a variable holds. */
  cat(name: string): string;
  /** Starts a program with these arguments, which writes each in square brackets. Null: this shell has no way to write them down. */
  pass(words: readonly string[]): string | null;
  /** Makes the root of the file system the current folder; writes the current folder and an end of line. */
  readonly goToRoot: string;
  readonly sayFolder: string;
  /** Says `ready`, then is silent for ever. */
  readonly wait: string;
  /** Writes without end. */
  readonly flood: string;
  /** Leaves a process in the background that writes a little again and again, says `left` and ends. */
  readonly leave: string;
  /** A value with `expand` that names the variable A and is a plain word after it. */
  readonly expands: string;
}

/** An agent, machines for it, and how to write for them. */
export interface AgentSubject {
  readonly agent: Agent;
  readonly words: AgentWords;
  /** A new folder of a machine. */
  open(): Promise<AgentRoom>;
  /** What a path below the room's folder looks like inside the machine. */
  readonly path: (folder: string, relative: string) => string;
}

/** How a job ended, and all it left. `output` has one character a byte. */
export interface AgentOutcome {
  readonly verdict: string;
  readonly reason: string;
  readonly output: string;
  readonly events: readonly AgentEvent[];
}

const LOOK_MS = 50;

/** A room with an agent at work in it. */
export class AgentWork {
  readonly room: AgentRoom;
  readonly #subject: AgentSubject;

  constructor(subject: AgentSubject, room: AgentRoom) {
    this.#subject = subject;
    this.room = room;
  }

  /** Uploads a job; what is not given is as plain as can be. */
  async upload(job: Partial<AgentJob>): Promise<AgentBundle> {
    const bundle = this.#subject.agent.bundle({ ...plainJob(this.room.folder), ...job });
    await this.room.upload(bundle.files, never());
    return bundle;
  }

  async exec(argv: readonly string[]): Promise<number> {
    return (await this.room.exec(argv, { signal: never() })).exitCode;
  }

  /** Runs a whole job. */
  async run(job: Partial<AgentJob>): Promise<AgentOutcome> {
    const bundle = await this.upload(job);
    await this.exec(bundle.start);
    return await this.ended(bundle);
  }

  async ended(bundle: AgentBundle): Promise<AgentOutcome> {
    const events = await this.until(bundle, (all) => all.some((one) => one.type === 'end'));
    const end = events.find((one) => one.type === 'end');
    if (end?.type !== 'end') throw new Error('The job has no end.');
    return { verdict: end.verdict, reason: end.reason, output: await this.read(bundle.output), events };
  }

  /** Waits until the events are as wanted. */
  async until(bundle: AgentBundle, wanted: (events: readonly AgentEvent[]) => boolean): Promise<readonly AgentEvent[]> {
    for (;;) {
      const events = await this.events(bundle);
      if (wanted(events)) return events;
      await delay(LOOK_MS);
    }
  }

  /** Waits until the output holds a text. */
  async untilOutput(bundle: AgentBundle, text: string): Promise<void> {
    while (!(await this.read(bundle.output)).includes(text)) await delay(LOOK_MS);
  }

  async events(bundle: AgentBundle): Promise<AgentEvent[]> {
    const lines = (await this.read(bundle.events)).split('\n');
    return lines.map((line) => parseAgentEvent(line)).filter((one) => one !== null);
  }

  /** A file of the room, a character a byte. */
  async read(path: string): Promise<string> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.room.download(path, never())) chunks.push(chunk);
    return Buffer.concat(chunks).toString('latin1');
  }
}

function never(): AbortSignal {
  return new AbortController().signal;
}

function plainJob(folder: string): AgentJob {
  return {
    folder,
    workTree: 'build/owner/name',
    shell: 'sh',
    phases: [],
    variables: [],
    interpreter: null,
    checkout: null,
    limits: limits({}),
  };
}

/** Limits that no test comes near, but for those given. */
export function limits(changed: Partial<AgentJob['limits']>): AgentJob['limits'] {
  return { timeSeconds: 60, silenceSeconds: 60, outputBytes: 10_000_000, ...changed };
}

/** A phase of commands for one shell. */
export function phase(
  shell: AgentShell,
  name: string,
  when: AgentPhase['when'],
  onFailure: AgentPhase['onFailure'],
  ...commands: string[]
): AgentPhase {
  return { name, when, onFailure, commands: commands.map((run) => ({ run, shell })) };
}

/** What the log holds without the agent's own bold titles, its lines ended as on POSIX. */
export function plain(output: string): string {
  return output.replaceAll(/\u001B\[1m\$ [^\u001B]*\u001B\[0m\n/g, '').replaceAll('\r\n', '\n');
}
