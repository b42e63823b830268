import { z } from 'zod';

/**
 * The spool protocol: how the server and the agent in a machine understand each other.
 *
 * The server uploads the files of an `AgentBundle` and runs `start`, which returns as soon as the agent is detached. From then on the
 * agent needs nobody: it runs the program and appends to two files, which the server follows from byte offsets, as often as it must.
 *
 * - `output`: raw bytes, standard output and standard error of everything the job runs, in the order written. Append-only.
 * - `events`: one line an event, append-only: `TYPE SECONDS OFFSET [WORD...]`, separated by single spaces. SECONDS is Unix time with up to
 *   three decimals, OFFSET the size of `output` when the event happened, so that all output before OFFSET precedes the event.
 *
 * | line | meaning |
 * | --- | --- |
 * | `start SECONDS 0 VERSION` | the first line |
 * | `step SECONDS OFFSET N` | step N begins (index into `AgentBundle.steps`) |
 * | `done SECONDS OFFSET N CODE` | step N ended with that exit code |
 * | `beat SECONDS OFFSET` | still alive; at least every ten seconds |
 * | `end SECONDS OFFSET VERDICT REASON` | the last line; `output` does not grow past OFFSET any more |
 *
 * Both files are untrusted: the job can write to them. A line that does not parse is passed over and counted.
 */
export const PROTOCOL_VERSION = 1;

/** How often the agent writes a `beat` at least. Milliseconds. */
export const BEAT_INTERVAL_MS = 10_000;

/** Why a job ended. `exit`: its program came to its end. `setup`: a step whose failure is an error failed. `lost`: its shell vanished. */
export const EndReason = z.enum(['exit', 'setup', 'time-limit', 'silence-limit', 'output-limit', 'canceled', 'lost']);
export type EndReason = z.infer<typeof EndReason>;

export const AgentVerdict = z.enum(['passed', 'failed', 'errored', 'canceled']);
export type AgentVerdict = z.infer<typeof AgentVerdict>;

/** A line of the events file. `at` is in milliseconds since 1970, by the machine's clock; `offset` in bytes of output. */
export type AgentEvent =
  | { readonly type: 'start'; readonly at: number; readonly offset: number; readonly version: number }
  | { readonly type: 'step'; readonly at: number; readonly offset: number; readonly step: number }
  | { readonly type: 'done'; readonly at: number; readonly offset: number; readonly step: number; readonly exitCode: number }
  | { readonly type: 'beat'; readonly at: number; readonly offset: number }
  | { readonly type: 'end'; readonly at: number; readonly offset: number; readonly verdict: AgentVerdict; readonly reason: EndReason };

const NUMBER = /^(0|[1-9][0-9]{0,15})$/;
const EXIT_CODE = /^(0|[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])$/;
const SECONDS = /^[0-9]{1,11}(\.[0-9]{1,3})?$/;

/** Reads one line without its line feed; null if it is not an event. Never throws. */
export function parseAgentEvent(line: string): AgentEvent | null {
  const [type, seconds, offsetText, first, second, ...rest] = line.split(' ');
  if (seconds === undefined || !SECONDS.test(seconds) || offsetText === undefined || !NUMBER.test(offsetText) || rest.length > 0) return null;
  const at = Math.round(Number(seconds) * 1000);
  const offset = Number(offsetText);
  const number = first !== undefined && NUMBER.test(first) ? Number(first) : null;
  if (type === 'beat') return first === undefined ? { type, at, offset } : null;
  if (type === 'end') return parseEnd(at, offset, first, second);
  if (number === null) return null;
  if (type === 'done') return second !== undefined && EXIT_CODE.test(second) ? { type, at, offset, step: number, exitCode: Number(second) } : null;
  if (second !== undefined) return null;
  if (type === 'start') return { type, at, offset, version: number };
  return type === 'step' ? { type, at, offset, step: number } : null;
}

function parseEnd(at: number, offset: number, verdictText: string | undefined, reasonText: string | undefined): AgentEvent | null {
  const verdict = AgentVerdict.safeParse(verdictText);
  const reason = EndReason.safeParse(reasonText);
  if (!verdict.success || !reason.success) return null;
  return { type: 'end', at, offset, verdict: verdict.data, reason: reason.data };
}

/** What a command can be written for: see `CommandShell` of the plugin seam. */
export type AgentShell = 'sh' | 'bash' | 'cmd' | 'powershell' | 'pwsh';

/** A piece of the program: see `Program`, `Phase` and `Command` of the plugin seam, of which this is the same shape. */
export interface AgentPhase {
  readonly name: string;
  readonly when: 'always' | 'passing' | 'failing';
  readonly onFailure: 'error' | 'fail' | 'fail-later' | 'ignore';
  readonly commands: readonly { readonly run: string; readonly title?: string | undefined; readonly shell?: AgentShell | undefined }[];
}

/** Everything the agent is to do. Nothing in it reaches a command line: it all travels as files. */
export interface AgentJob {
  /** The folder of the session, absolute, inside the machine. */
  readonly folder: string;
  /** The work tree's place below the job's home: `build/owner/name`. Characters `A-Za-z0-9._-` and `/` only. */
  readonly workTree: string;
  readonly shell: 'sh' | 'bash';
  readonly phases: readonly AgentPhase[];
  readonly variables: readonly { readonly name: string; readonly value: string; readonly expand: boolean }[];
  /** The interpreter to put in front: `python`, `python3`, `pip` of the job's shell are its own; null: whatever the machine has. */
  readonly interpreter: { readonly name: string; readonly path: string } | null;
  /**
   * POSIX sh that lays out the work tree, with its variables; null: an empty work tree. `archive` is the tar archive that the script unpacks and removes, where it does
   * nothing else: a name in the session's folder. Agents of machines without sh do the same with it.
   */
  readonly checkout: {
    readonly title: string;
    readonly script: string;
    readonly variables: Readonly<Record<string, string>>;
    readonly archive?: string | undefined;
  } | null;
  readonly limits: { readonly timeSeconds: number; readonly silenceSeconds: number; readonly outputBytes: number };
}

/** What the log shows as one foldable step. */
export interface AgentStep {
  /** `interpreter`, `checkout`, or a phase's name. */
  readonly phase: string;
  readonly title: string;
}

/** A job made ready for one kind of machine. Paths are relative to the session's folder. */
export interface AgentBundle {
  readonly files: readonly { readonly path: string; readonly content: Uint8Array; readonly mode: number }[];
  readonly steps: readonly AgentStep[];
  /** Detaches the agent and returns 0 at once; run twice it starts nothing new. `output` and `events` exist when it returns. */
  readonly start: readonly string[];
  /** Asks the agent to stop: it kills the process tree and writes `end ... canceled canceled`. Harmless when there is nothing to cancel. */
  readonly cancel: readonly string[];
  readonly output: string;
  readonly events: string;
}

/** One kind of machine's agent. Pure: the same job gives the same bundle. `bundle` throws for what cannot be run: a command for a shell that the agent has not. */
export interface Agent {
  readonly system: 'posix' | 'windows';
  bundle(job: AgentJob): AgentBundle;
}
