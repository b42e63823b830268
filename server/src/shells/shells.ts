import type { Pool } from 'pg';
import type { Logger, Session, Shell, Terminal } from '#plugins/api';
import type { Audit } from '../audit/audit.ts';
import type { Asker } from '../auth/asker.ts';
import { CoreError } from '../common/errors.ts';
import type { DomainEvents } from '../common/domain-events.ts';
import type { MachinePools } from '../machines/machine-pools.ts';
import { lastShellWords } from './last-words.ts';
import type { OpenDoor, ShellDoor } from './shell-door.ts';

export interface ShellsParts {
  readonly pool: Pool;
  readonly events: DomainEvents;
  readonly pools: Pick<MachinePools, 'machineView'>;
  readonly door: ShellDoor;
  readonly audit: Audit;
  readonly logger: Logger;
}

/** How many shells there may be at once. */
export const SHELL_LIMITS = { perJob: 4, inAll: 32 };
/** How long a machine may take to open one. */
const OPEN_MS = 30_000;

/** How a shell ended. `reason`: why it was cut off, as a sentence. */
export interface ShellEnd {
  readonly exitCode: number;
  readonly reason: string | null;
}

/** A shell that a person has in a job's machine. */
export interface OpenShell {
  readonly shell: Shell;
  /** Resolves when it is over and that is written down; never rejects. */
  readonly ended: Promise<ShellEnd>;
  /** Ends it. */
  close(reason: string): void;
  /** Closes the way into the machine: to be called when what the shell has shown is read. */
  leave(): Promise<void>;
}

/** One that is open, or about to be. */
interface Entry {
  readonly door: OpenDoor;
  readonly asker: Asker;
  readonly since: number;
  shell: Shell | null;
  ended: Promise<ShellEnd> | null;
  reason: Promise<string> | null;
}

/** The shells that people have in machines of this server: each is written down when it opens and when it ends. */
export class Shells {
  private readonly entries = new Set<Entry>();

  constructor(private readonly parts: ShellsParts) {
    parts.events.on('machine', (id) => this.machineChanged(id));
  }

  /** Lets somebody into a job's machine. Throws a sentence that says why not: `forbidden`, `conflict`, `not-found`, or what the machine's runner says. */
  async enter(asker: Asker, jobId: number, terminal: Terminal, signal: AbortSignal): Promise<OpenShell> {
    await this.checkRight(asker, jobId);
    const door = await this.parts.door.of(jobId);
    if (typeof door === 'string') throw new CoreError('conflict', door);
    const entry = this.reserve(asker, door);
    try {
      await this.note(entry, 'shell.open', {});
      return await this.open(entry, terminal, signal);
    } catch (error) {
      this.entries.delete(entry);
      throw error;
    }
  }

  /** Ends all of them; resolves when that is written down. */
  async close(reason: string): Promise<void> {
    const entries = [...this.entries];
    for (const entry of entries) this.end(entry, Promise.resolve(reason));
    await Promise.all(entries.flatMap((entry) => entry.ended ?? []));
  }

  private async checkRight(asker: Asker, jobId: number): Promise<void> {
    if (asker.mayShell) return;
    await this.parts.audit.note({
      who: asker.name,
      action: 'shell.refused',
      target: `job ${jobId}`,
      details: { reason: 'without the right to shells' },
    });
    throw new CoreError('forbidden', WITHOUT_RIGHT);
  }

  private reserve(asker: Asker, door: OpenDoor): Entry {
    const here = [...this.entries].filter((entry) => entry.door.jobId === door.jobId).length;
    if (here >= SHELL_LIMITS.perJob)
      throw new CoreError('conflict', `${here} shells are open in this job's machine, which is the most: close one first.`);
    if (this.entries.size >= SHELL_LIMITS.inAll) {
      throw new CoreError('conflict', `${this.entries.size} shells are open on this server, which is the most: close one first.`);
    }
    const entry = { door, asker, since: Date.now(), shell: null, ended: null, reason: null };
    this.entries.add(entry);
    return entry;
  }

  private async open(entry: Entry, terminal: Terminal, signal: AbortSignal): Promise<OpenShell> {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(OPEN_MS)]);
    let session: Session | null = null;
    try {
      session = await entry.door.driver.connect(entry.door.machineId, patience);
      if (session.shell === undefined) throw new CoreError('conflict', 'Machines of this runner cannot be entered.');
      return this.opened(entry, session, await session.shell(terminal, patience));
    } catch (error) {
      await session?.dispose();
      await this.note(entry, 'shell.end', { reason: `it did not open: ${error instanceof Error ? error.message : String(error)}` });
      throw error;
    }
  }

  private opened(entry: Entry, session: Session, shell: Shell): OpenShell {
    entry.shell = shell;
    const ended = this.follow(entry, shell);
    entry.ended = ended;
    // Its end may have been asked for while it was being opened.
    if (entry.reason !== null) shell.close();
    return { shell, ended, close: (reason) => this.end(entry, Promise.resolve(reason)), leave: () => session.dispose() };
  }

  private async follow(entry: Entry, shell: Shell): Promise<ShellEnd> {
    const exitCode = await shell.ended;
    this.entries.delete(entry);
    const reason = (await entry.reason) ?? (exitCode === 255 ? CUT_OFF : null);
    const seconds = Math.round((Date.now() - entry.since) / 1000);
    try {
      await this.note(entry, 'shell.end', { seconds, exitCode, reason });
    } catch (error) {
      // That it was opened is written down; its end is in the log at least.
      this.parts.logger.error('the end of a shell could not be written down', { job: entry.door.jobId, who: entry.asker.name, error });
    }
    return { exitCode, reason };
  }

  private machineChanged(id: string): void {
    for (const entry of this.entries) {
      if (entry.door.machineId !== id || this.parts.pools.machineView(id)?.state === 'assigned') continue;
      this.end(entry, lastShellWords(this.parts.pool, entry.door));
    }
  }

  private end(entry: Entry, reason: Promise<string>): void {
    entry.reason ??= reason;
    entry.shell?.close();
  }

  private async note({ asker, door }: Entry, action: 'shell.open' | 'shell.end', details: Record<string, string | number | null>): Promise<void> {
    const where = { attempt: door.attempt, machine: door.machineId };
    await this.parts.audit.note({ who: asker.name, action, target: `job ${door.jobId}`, details: { ...where, ...details } });
  }
}

const WITHOUT_RIGHT =
  'You may not be let into machines: that is a right of its own. An admin can give it to an account ("shells"); a token of that account needs the scope shell.';
const CUT_OFF = 'The shell was cut off, or ended with 255 itself: the way into its machine may be gone.';
