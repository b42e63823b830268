import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { PluginError, isPluginError } from '#plugins/api';
import type { Manifest } from '#plugins/kit/vm/manifest';
import { type Guest, qemuCommand } from './command.ts';
import { type Gate, rules } from './network.ts';
import { Qmp } from './qmp.ts';
import { LAUNCH, START } from './scripts.ts';
import type { AccessRecord, Site } from './site.ts';
import type { Snapshot } from './snapshots.ts';

/** All there is to know to start a machine's QEMU. */
export interface Launch {
  readonly id: string;
  readonly guest: Guest;
  /** The image's folder on the host. */
  readonly imageFolder: string;
  /** Null: it boots. */
  readonly snapshot: Snapshot | null;
  readonly gates: readonly Gate[];
  /** Null for a template, which nobody ever gets into. */
  readonly access: AccessRecord | null;
}

/** Exit codes of `LAUNCH` that are not about this machine alone. */
const SNAPSHOT_CHANGED = 3;
const DISK_FULL = 4;

/** The snapshot is not what it was when it was made: it must never be used again. */
export class SnapshotChanged extends Error {}

/** Starts a machine's QEMU; its processes are there, nothing runs yet where it comes from a snapshot. What a failure leaves is the caller's to destroy. */
export async function launch(site: Site, launching: Launch, signal: AbortSignal): Promise<void> {
  const { id, guest, imageFolder, snapshot, gates, access } = launching;
  const inside = gates.flatMap((gate, index) => [gate.address, String(gate.port), String(index)]);
  const parameters = [
    await site.folderOf(id, signal),
    site.tagOf(id),
    START,
    rules(gates),
    access === null ? '' : JSON.stringify(access),
    snapshot === null ? '/i/disk.qcow2' : '/s/disk.qcow2',
    String(diskBytes(guest)),
    snapshot?.folder ?? '',
    snapshot?.stamp ?? '',
    imageFolder,
    guest.accelerator,
    ...gates.flatMap((gate) => [gate.host, String(gate.hostPort ?? gate.port)]),
    '--',
    '--',
    'sh',
    '/m/start.sh',
    ...inside,
    '--',
    ...qemuCommand(guest),
  ];
  const { exitCode, errors } = await site.run(LAUNCH, parameters, signal);
  signal.throwIfAborted();
  if (exitCode === 0) return;
  const text = errors.trim().slice(-2000);
  if (exitCode === SNAPSHOT_CHANGED) throw new SnapshotChanged(text);
  if (exitCode === DISK_FULL) throw new PluginError('exhausted', `The disk of host ${site.config.name} is too small for another machine: ${text}.`);
  throw new PluginError('unavailable', `No machine can be started on host ${site.config.name}: ${text}`);
}

/** The size of a machine's disk: its image's, or more where its pool says so. */
export function diskBytes({ manifest, resources }: { readonly manifest: Manifest; readonly resources: { readonly diskGigabytes: number } }): number {
  return Math.max(manifest.diskBytes, resources.diskGigabytes * 1024 ** 3);
}

/** Between two tries to reach a socket, and how often. A socket's file is there a moment before anybody listens. */
const AGAIN_MS = 20;
const TRIES = 250;

/** Opens one of a machine's sockets. `unavailable` if nobody listens to it for five seconds. */
export async function openSocket(site: Site, id: string, name: 'qmp' | 'agent' | 'ssh', signal: AbortSignal): Promise<Duplex> {
  const path = `${await site.folderOf(id, signal)}/vm/${name}`;
  for (let tries = 1; ; tries += 1) {
    try {
      return await site.host.connect(path, signal);
    } catch (error) {
      if (tries === TRIES || !isPluginError(error, 'unavailable') || site.isDown) throw error;
    }
    await pause(AGAIN_MS, undefined, { signal });
  }
}

/** Talks to a machine's QEMU for as long as `use` takes. */
export async function withQmp<Result>(site: Site, id: string, use: (qmp: Qmp) => Promise<Result>, signal: AbortSignal): Promise<Result> {
  const stream = await openSocket(site, id, 'qmp', signal);
  const abort = (): void => void stream.destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await use(await Qmp.open(stream));
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
    stream.destroy();
  }
}

/** Puts a snapshot's memory and devices into a machine that was started for it, and lets it run. */
export async function restore(site: Site, id: string, signal: AbortSignal): Promise<void> {
  await withQmp(
    site,
    id,
    async (qmp) => {
      await qmp.execute('migrate-set-capabilities', { capabilities: [sharedMemory(), { capability: 'events', state: true }] });
      await migrated(qmp, () => qmp.execute('migrate-incoming', { uri: 'fd:6' }));
      await qmp.execute('cont');
    },
    signal,
  );
}

/** Begins what moves a machine's state, and waits for its end. `unavailable` if it fails. */
export async function migrated(qmp: Qmp, begin: () => Promise<unknown>): Promise<void> {
  let failed = false;
  const over = qmp.until((event, { status }) => {
    failed = status === 'failed';
    return event === 'MIGRATION' && (status === 'completed' || failed);
  });
  await begin();
  await over;
  if (failed) throw new PluginError('unavailable', 'The memory snapshot of the machine could not be written or read.');
}

/** The memory is not part of the state: it is a file that every machine maps for itself. */
export function sharedMemory(): { capability: string; state: boolean } {
  return { capability: 'x-ignore-shared', state: true };
}
