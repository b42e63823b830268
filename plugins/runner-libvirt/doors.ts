import { setTimeout as pause } from 'node:timers/promises';
import { PluginError, isPluginError } from '#plugins/api';
import { SshConnection, SshSession, parseHostKey } from '#plugins/kit/ssh';
import type { WindowsSession } from '#plugins/kit/windows/session';
import { openThrowAway } from '#plugins/kit/windows/throw-away';
import type { MachineRecord } from './records.ts';
import type { Site } from './site.ts';
import { BOOT_MS } from './templates.ts';

/** Between two tries to reach a guest that boots. Milliseconds. */
const KNOCK_MS = 2_000;

/** Prints the folder of a session, physical: `/work` where the image has one, as ours do. */
const FOLDER = `
for d in /work "$HOME/.terrarium"; do
  if mkdir -p -- "$d" 2>/dev/null && [ -w "$d" ]; then cd -- "$d" && pwd -P && exit; fi
done
exit 1
`;

/** A guest under load answers late; that its QEMU or its host is gone is noticed at once, by the end of the stream. */
const KEEP_ALIVE = { intervalMs: 20_000, failures: 6 };

/**
 * The ways into machines. The connection by which a new machine was found to answer is kept for its job, which so begins without a handshake; whoever comes later
 * opens another.
 */
export class Doors {
  readonly #kept = new Map<string, SshSession | WindowsSession>();

  /** Waits until a new machine answers. One that was seeded does already. */
  async open(site: Site, id: string, record: MachineRecord, signal: AbortSignal): Promise<void> {
    this.#kept.set(id, await knock(site, id, record, signal));
  }

  /** A session with a machine: the kept one, or a new one. `unavailable` if it does not answer. */
  async enter(site: Site, id: string, record: MachineRecord, signal: AbortSignal): Promise<SshSession | WindowsSession> {
    const kept = this.#kept.get(id);
    this.#kept.delete(id);
    if (kept !== undefined && !kept.lost) return kept;
    return await openSession(site, id, record, signal);
  }

  /** Lets go of a machine. */
  async shut(id: string): Promise<void> {
    const kept = this.#kept.get(id);
    this.#kept.delete(id);
    await kept?.dispose();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#kept.keys()].map((id) => this.shut(id)));
  }
}

/** An imported image says nothing when it is up: it is tried. */
async function knock(site: Site, id: string, record: MachineRecord, signal: AbortSignal): Promise<SshSession | WindowsSession> {
  const end = Date.now() + BOOT_MS;
  for (;;) {
    try {
      return await openSession(site, id, record, signal);
    } catch (error) {
      if (!isPluginError(error, 'unavailable') || Date.now() > end || !(await site.isAlive(id, signal))) throw error;
    }
    await pause(KNOCK_MS, undefined, { signal });
  }
}

async function openSession(site: Site, id: string, record: MachineRecord, signal: AbortSignal): Promise<SshSession | WindowsSession> {
  const connection = await SshConnection.open(
    {
      host: id,
      port: 22,
      user: record.user,
      hostKeys: [parseHostKey(record.hostKey)],
      authentication: { kind: 'key', privateKey: record.privateKey, passphrase: null },
      reach: (limited) => site.host.connectPort(record.port, limited),
      connectTimeoutMs: 30_000,
      keepAlive: KEEP_ALIVE,
    },
    signal,
  );
  try {
    if (record.system === 'windows') return await openThrowAway(connection, signal);
    const { exitCode, output } = await connection.runScript(FOLDER, [], signal);
    if (exitCode !== 0) throw new PluginError('rejected', `${record.user} has no folder in the machine where its job could be put.`);
    return await SshSession.open(connection, { folder: output.trim(), marker: site.nameOf(id) }, signal);
  } catch (error) {
    await connection.close();
    throw error;
  }
}
