import { setTimeout as pause } from 'node:timers/promises';
import { type Logger, type MachineRequest, PluginError, type Session, isPluginError } from '#plugins/api';
import { SshConnection, SshSession, parseHostKey } from '#plugins/kit/ssh';
import type { WindowsFacts } from '#plugins/kit/windows/facts';
import type { WindowsSession } from '#plugins/kit/windows/session';
import { openThrowAway } from '#plugins/kit/windows/throw-away';
import { GuestAgent } from '#plugins/kit/vm/guest-agent';
import { openSocket, withQmp } from './launch.ts';
import type { AccessRecord, Site } from './site.ts';

/** Between two tries to reach a guest that boots. Each costs it a process. Milliseconds. */
const KNOCK_MS = 2_000;
/** Where a session's folder is in our own images. */
const FOLDER = '/work';
/** Where it is made in others. */
const FOLDER_SCRIPT = `for d in ${FOLDER} "$HOME/.terrarium"; do
  if mkdir -p "$d" 2>/dev/null && [ -w "$d" ]; then cd "$d" && pwd -P && exit; fi
done
exit 1`;
/** How many calls of a session wait in the machine for their orders: a job's first ones are an upload, a start and two follows. */
const PREPARED = 4;
/** Of the rehearsal: the same, what removes it, and `TOOLS`. */
const REHEARSED = 6;
/** What most jobs run, started once. */
const TOOLS = 'for p in python3 git tar; do command -v "$p" && "$p" --version; done </dev/null';
/** A guest under load answers late; that its QEMU or its host is gone is noticed at once, by the end of the stream. */
const KEEP_ALIVE = { intervalMs: 20_000, failures: 6 };

/** Who is paused does not answer. */
const NEVER_ASKED = { intervalMs: 0, failures: 1 };
/** How long a machine that was paused may take to set its clock. Milliseconds. */
const WAKE_MS = 5_000;

/** How a machine waits for its job. */
interface Waiting {
  readonly accelerator: 'kvm' | 'tcg';
  /** See `MachineRequest.rehearse`. */
  readonly rehearse: MachineRequest['rehearse'];
  readonly logger: Logger;
}

/**
 * The ways into machines. The connection over which a new machine was first reached is kept for its job, which so begins without a handshake; whoever comes later
 * opens another.
 */
export class Doors {
  readonly #kept = new Map<string, SshSession | WindowsSession>();
  /** Machines that rehearse; the abort ends that. */
  readonly #warming = new Map<string, AbortController>();
  /** Machines that are known to run. */
  readonly #woken = new Set<string>();
  readonly #waits: 'running' | 'paused';
  readonly #logger: Logger;

  constructor(waits: 'running' | 'paused', logger: Logger) {
    this.#waits = waits;
    this.#logger = logger;
  }

  /**
   * Reaches a new machine, waiting until it answers, and lets it wait for its job. It warms up meanwhile, unless it is to be paused: a job that waits need not wait for
   * that as well.
   */
  async open(site: Site, { id, rehearse }: MachineRequest, access: AccessRecord, signal: AbortSignal): Promise<void> {
    const session = access.seeded ? await this.#session(site, id, access, signal) : await this.#knock(site, id, access, signal);
    this.#kept.set(id, session);
    // What warms a machine up is known for POSIX ones only.
    if (!(session instanceof SshSession)) return;
    const { accelerator } = await site.facts(signal);
    const how = { accelerator, rehearse, logger: this.#logger };
    if (this.#waits === 'running' || !access.seeded) {
      void this.#warmLater(id, session, how);
      return;
    }
    await warm(session, how, signal);
    await withQmp(site, id, (qmp) => qmp.execute('stop'), signal);
  }

  /** A session with a machine: the kept one, or a new one. `unavailable` if it does not answer. */
  async enter(site: Site, id: string, signal: AbortSignal): Promise<Session> {
    if (this.#waits === 'paused' && !this.#woken.has(id)) await this.#wake(site, id, signal);
    this.#warming.get(id)?.abort(new Error('its job is there'));
    const kept = this.#kept.get(id);
    this.#kept.delete(id);
    if (kept !== undefined && !kept.lost) return kept;
    const access = await site.access(id, signal);
    if (access === null)
      throw new PluginError('unavailable', `There is no machine ${id} on host ${site.config.name}, or it was not made to its end.`);
    return await this.#session(site, id, access, signal);
  }

  /** What a new machine with Windows, which is known to answer, says of itself; null for others. */
  async ask(id: string, signal: AbortSignal): Promise<WindowsFacts | null> {
    const kept = this.#kept.get(id);
    return kept === undefined || kept instanceof SshSession ? null : await kept.facts(signal);
  }

  /** Lets go of a machine that is to be destroyed. */
  async shut(id: string): Promise<void> {
    this.#warming.get(id)?.abort(new Error('it is to be destroyed'));
    const kept = this.#kept.get(id);
    this.#kept.delete(id);
    this.#woken.delete(id);
    await kept?.dispose();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#kept.keys()].map((id) => this.shut(id)));
  }

  async #warmLater(id: string, session: SshSession, how: Waiting): Promise<void> {
    const ending = new AbortController();
    this.#warming.set(id, ending);
    try {
      await warm(session, how, ending.signal);
    } catch (error) {
      if (!ending.signal.aborted) this.#logger.info('a machine that waits did not warm up', { machine: id, error });
    } finally {
      if (this.#warming.get(id) === ending) this.#warming.delete(id);
    }
  }

  /** A machine that an earlier process left paused is woken, too; one that runs already is told the time once more. */
  async #wake(site: Site, id: string, signal: AbortSignal): Promise<void> {
    const access = await site.access(id, signal);
    if (access?.seeded !== true) return;
    await withQmp(site, id, (qmp) => qmp.execute('cont'), signal);
    const agent = new GuestAgent(await openSocket(site, id, 'agent', signal));
    // A guest whose job runs already need not answer, and its clock went on.
    const tired = setTimeout(() => agent.close(), WAKE_MS);
    try {
      await agent.setTime(Date.now(), signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!isPluginError(error)) throw error;
    } finally {
      clearTimeout(tired);
      agent.close();
    }
    this.#woken.add(id);
  }

  async #knock(site: Site, id: string, access: AccessRecord, signal: AbortSignal): Promise<SshSession | WindowsSession> {
    for (;;) {
      try {
        return await this.#session(site, id, access, signal);
      } catch (error) {
        if (!isPluginError(error, 'unavailable') || !(await site.isAlive(id, signal))) throw error;
      }
      await pause(KNOCK_MS, undefined, { signal });
    }
  }

  async #session(site: Site, id: string, access: AccessRecord, signal: AbortSignal): Promise<SshSession | WindowsSession> {
    const connection = await SshConnection.open(
      {
        host: id,
        port: 22,
        user: access.user,
        hostKeys: [parseHostKey(access.hostKey)],
        authentication: { kind: 'key', privateKey: access.privateKey, passphrase: null },
        reach: (limited) => openSocket(site, id, 'ssh', limited),
        connectTimeoutMs: 30_000,
        keepAlive: this.#waits === 'paused' ? NEVER_ASKED : KEEP_ALIVE,
      },
      signal,
    );
    try {
      if (access.system === 'windows') return await openThrowAway(connection, signal);
      const folder = access.seeded ? FOLDER : await foreignFolder(connection, access.user, signal);
      return await SshSession.open(connection, { folder, marker: site.tagOf(id) }, signal);
    } catch (error) {
      await connection.close();
      throw error;
    }
  }
}

/**
 * Makes a job's beginning quick. A translating QEMU needs several times as long for a program's first run, and it is the same whether the job pays for it or the machine
 * that still waits. What is under way when the signal aborts may still come to its end.
 */
async function warm(session: SshSession, how: Waiting, signal: AbortSignal): Promise<void> {
  if (how.accelerator === 'tcg') await rehearsed(session, how, signal);
  await session.prepare(PREPARED, signal);
}

/** A machine whose rehearsal fails is as good as one that had none. */
async function rehearsed(session: SshSession, { rehearse, logger }: Waiting, signal: AbortSignal): Promise<void> {
  try {
    await session.prepare(REHEARSED, signal);
    await rehearse?.(session, signal);
    await session.exec(['sh', '-c', TOOLS], { signal });
  } catch (error) {
    signal.throwIfAborted();
    if (session.lost) throw error;
    logger.info('a machine that waits did not rehearse to the end', { error });
  }
}

async function foreignFolder(connection: SshConnection, user: string, signal: AbortSignal): Promise<string> {
  const { exitCode, output } = await connection.runScript(FOLDER_SCRIPT, [], signal);
  if (exitCode !== 0) throw new PluginError('rejected', `${user} has no folder in the machine where its job could be put.`);
  return output.trim();
}
