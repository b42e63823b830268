import { randomBytes } from 'node:crypto';
import { PluginError } from '#plugins/api';
import { type SshKey, newSshKey } from '#plugins/kit/vm/keys';
import type { Seed } from '#plugins/kit/vm/seed';
import { GuestAgent } from '#plugins/kit/vm/guest-agent';
import { type Launch, SnapshotChanged, launch, openSocket, restore } from './launch.ts';
import { type Gate, hostsFile } from './network.ts';
import type { AccessRecord, Site } from './site.ts';
import type { Shape, Snapshots } from './snapshots.ts';

/** What a machine is made with. `key`: the private key of an image whose machines all have the same; null where each gets its own. */
export interface Making {
  readonly site: Site;
  readonly snapshots: Snapshots;
  readonly shape: Shape;
  readonly key: string | null;
}

/**
 * Makes a machine: from the image's memory snapshot where it can have one, else by booting it. Before it may be connected to it is given a clock, a random pool and
 * keys of its own: in all that a clone equals its template. What a failure leaves is the caller's to destroy.
 */
export async function makeMachine(
  making: Making,
  { id, gates }: { readonly id: string; readonly gates: readonly Gate[] },
  signal: AbortSignal,
): Promise<AccessRecord> {
  if (making.key !== null) return await bootForeign(making, id, gates, making.key, signal);
  const hostKey = newSshKey();
  const userKey = newSshKey();
  const { access: how, digest } = making.shape.manifest;
  const access = { user: how.user, hostKey: hostKey.publicLine, privateKey: userKey.privateText, digest, system: 'linux' as const, seeded: true };
  await restoreSeeded(making, { id, gates, access, seed: () => seedOf(id, hostKey, userKey, gates) }, signal);
  return access;
}

/** The seed for a machine, for this very moment. */
function seedOf(id: string, hostKey: SshKey, userKey: SshKey, gates: readonly Gate[]): Seed {
  const name = id.toLowerCase().replaceAll('_', '-');
  return { random: randomBytes(64), time: Date.now(), name, hostKey: hostKey.raw, userKey: userKey.publicLine, hosts: hostsFile(name, gates) };
}

/** A clone is there within some seconds, a translated one on a busy host within some more. One that is not will never be: it has missed a word. Milliseconds. */
const CLONE_MS = 60_000;

interface Own {
  readonly id: string;
  readonly gates: readonly Gate[];
  readonly access: AccessRecord;
  readonly seed: () => Seed;
}

async function restoreSeeded(making: Making, own: Own, signal: AbortSignal): Promise<void> {
  const { site, snapshots, shape } = making;
  const { accelerator } = await site.facts(signal);
  const snapshot = await snapshots.get(site, shape, signal);
  const launching: Launch = {
    ...own,
    guest: { ...shape, accelerator, start: 'restore' },
    imageFolder: shape.imageFolder,
    snapshot,
  };
  try {
    await launch(site, launching, signal);
  } catch (error) {
    if (!(error instanceof SnapshotChanged) || snapshot === null) throw error;
    await snapshots.discard(site, snapshot, signal);
    throw new PluginError('unavailable', `The memory snapshot on host ${site.config.name} was not what it was when it was made, and is made anew.`);
  }
  await inTime(site, signal, (bound) => wake(site, own, bound));
}

async function wake(site: Site, own: Own, signal: AbortSignal): Promise<void> {
  const agent = new GuestAgent(await openSocket(site, own.id, 'agent', signal));
  try {
    await restore(site, own.id, signal);
    await agent.seed(own.seed(), signal);
  } finally {
    agent.close();
  }
}

/** `unavailable` for a clone that is not there in time: whoever wanted it asks for another, and this one is destroyed. */
async function inTime(site: Site, signal: AbortSignal, work: (bound: AbortSignal) => Promise<void>): Promise<void> {
  const late = AbortSignal.timeout(CLONE_MS);
  const either = AbortSignal.any([signal, late]);
  const aborted = new Promise<never>((_, reject) => {
    either.addEventListener('abort', () => reject(either.reason), { once: true });
  });
  aborted.catch(() => undefined);
  try {
    await Promise.race([work(either), aborted]);
  } catch (error) {
    signal.throwIfAborted();
    if (!late.aborted) throw error;
    const text = `A machine on host ${site.config.name} did not answer within ${CLONE_MS / 1000} seconds after it was restored, and is made anew.`;
    throw new PluginError('unavailable', text, { cause: error });
  }
}

/** A guest without our agent boots each time; its SSH is waited for by whoever connects. */
async function bootForeign(making: Making, id: string, gates: readonly Gate[], privateKey: string, signal: AbortSignal): Promise<AccessRecord> {
  const { site, shape } = making;
  const { access: how, digest, system } = shape.manifest;
  if (how.kind !== 'fixed') throw new Error(`image ${shape.manifest.name} has a key but is seeded`);
  const access = { user: how.user, hostKey: how.hostKey, privateKey, digest, system, seeded: false };
  const { accelerator } = await site.facts(signal);
  await launch(site, { id, guest: { ...shape, accelerator, start: 'boot' }, imageFolder: shape.imageFolder, snapshot: null, gates, access }, signal);
  return access;
}
