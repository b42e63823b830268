import { createHash, randomBytes } from 'node:crypto';
import { type Logger, type MachineResources, PluginError, isPluginError } from '#plugins/api';
import type { ScriptResult } from '#plugins/kit/ssh';
import type { Manifest } from '#plugins/kit/vm/manifest';
import { Turns } from '#plugins/kit/turns';
import { COMMAND_VERSION } from './command.ts';
import { GuestAgent } from '#plugins/kit/vm/guest-agent';
import { diskBytes, launch, migrated, openSocket, sharedMemory, withQmp } from './launch.ts';
import { GATHER_SNAPSHOT, KEEP_SNAPSHOT, LOOK_AT_SNAPSHOT, REMOVE, WAIT_GONE } from './scripts.ts';
import { type Site, TEMPLATE } from './site.ts';
import type { HostFacts } from './survey.ts';

/** A memory snapshot on a host. */
export interface Snapshot {
  /** Holds `memory`, `state` and `disk.qcow2`. */
  readonly folder: string;
  /** What the memory file looked like when it was made: a QEMU may write to it, and one that was taken over might. */
  readonly stamp: string;
}

/** What a snapshot is made of. */
export interface Shape {
  readonly manifest: Manifest;
  readonly imageFolder: string;
  readonly resources: MachineResources;
}

/** How long a guest may take to come up. Milliseconds. */
const BOOT_MS = { kvm: 60_000, tcg: 4 * 60_000 };

/** The memory snapshots of booted images on the hosts: each is made when it is first needed, by booting the image once. */
export class Snapshots {
  readonly #turns = new Turns();
  readonly #known = new Map<string, Snapshot>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** The snapshot for machines of that shape on that host, made now if there is none; null for an image that cannot have one: its guest has no agent. */
  async get(site: Site, shape: Shape, signal: AbortSignal): Promise<Snapshot | null> {
    if (shape.manifest.access.kind !== 'seeded') return null;
    const facts = await site.facts(signal);
    const key = keyOf(shape, facts);
    const name = `${site.config.name}/${key}`;
    try {
      return this.#known.get(name) ?? (await this.#turns.take(name, () => this.#find(site, shape, `${facts.root}/snapshots/${key}`, name, signal)));
    } catch (error) {
      signal.throwIfAborted();
      const isSlow = facts.accelerator === 'kvm' && isPluginError(error, 'unavailable') && site.abandonKvm(error.message);
      if (!isSlow) throw error;
      return await this.get(site, shape, signal);
    }
  }

  /** Whether there is one already. */
  async has(site: Site, shape: Shape, signal: AbortSignal): Promise<boolean> {
    const facts = await site.facts(signal);
    return (await site.run(LOOK_AT_SNAPSHOT, [`${facts.root}/snapshots/${keyOf(shape, facts)}`], signal)).exitCode === 0;
  }

  /** A snapshot turned out to be bad: it is removed, and the next who needs one makes it anew. */
  async discard(site: Site, snapshot: Snapshot, signal: AbortSignal): Promise<void> {
    this.#logger.error('a memory snapshot was changed by somebody and is made anew; was a machine broken out of?', { host: site.config.name });
    for (const [name, known] of this.#known) if (known === snapshot) this.#known.delete(name);
    await site.run(REMOVE, [snapshot.folder], signal);
  }

  async #find(site: Site, shape: Shape, folder: string, name: string, signal: AbortSignal): Promise<Snapshot> {
    const known = this.#known.get(name);
    if (known) return known;
    const { exitCode, output } = await site.run(LOOK_AT_SNAPSHOT, [folder], signal);
    if (exitCode !== 0) await site.run(REMOVE, [folder], signal);
    const snapshot = { folder, stamp: (exitCode === 0 ? output : await this.#make(site, shape, folder, signal)).trim() };
    this.#known.set(name, snapshot);
    return snapshot;
  }

  async #make(site: Site, shape: Shape, folder: string, signal: AbortSignal): Promise<string> {
    const id = `${TEMPLATE}${folder.slice(folder.lastIndexOf('/') + 1)}-${randomBytes(4).toString('hex')}`;
    const began = Date.now();
    const { accelerator } = await site.facts(signal);
    const { signal: patience, clear } = within(BOOT_MS[accelerator], signal);
    try {
      await site.destroyStale(signal);
      await this.#boot(site, shape, id, patience);
      const place = await site.folderOf(id, signal);
      await must(site.run(WAIT_GONE, [site.tagOf(id)], signal));
      await must(site.run(GATHER_SNAPSHOT, [place], signal));
      const kept = await must(site.run(KEEP_SNAPSHOT, [`${place}/kept`, folder, shape.manifest.digest], signal));
      this.#logger.info('a memory snapshot was made', { image: shape.manifest.name, host: site.config.name, milliseconds: Date.now() - began });
      return kept;
    } finally {
      clear();
      await site.destroy(id, new AbortController().signal);
    }
  }

  async #boot(site: Site, { manifest, imageFolder, resources }: Shape, id: string, signal: AbortSignal): Promise<void> {
    const { accelerator } = await site.facts(signal);
    const guest = { manifest, accelerator, resources, start: 'template' } as const;
    await launch(site, { id, guest, imageFolder, snapshot: null, gates: [], access: null }, signal);
    const agent = new GuestAgent(await openSocket(site, id, 'agent', signal));
    try {
      await withQmp(site, id, (qmp) => qmp.execute('cont'), signal);
      await agent.ready(signal);
    } finally {
      agent.close();
    }
    await withQmp(
      site,
      id,
      async (qmp) => {
        await qmp.execute('stop');
        await qmp.execute('migrate-set-capabilities', { capabilities: [sharedMemory(), { capability: 'events', state: true }] });
        await migrated(qmp, () => qmp.execute('migrate', { uri: 'exec:cat >/m/state' }));
        // Whatever is still in its buffers for the disk is written when it ends by itself.
        const gone = qmp.until((event) => event === 'SHUTDOWN').catch(() => undefined);
        await qmp.execute('quit');
        await gone;
      },
      signal,
    );
  }
}

/** What a script printed, if it succeeded. */
async function must(running: Promise<ScriptResult>): Promise<string> {
  const { exitCode, output, errors } = await running;
  if (exitCode === 0) return output;
  throw new PluginError('unavailable', `The memory snapshot could not be kept: ${errors.trim().slice(0, 500)}`);
}

/** A snapshot fits machines that are equal in all this. */
function keyOf({ manifest, resources }: Shape, { accelerator, version }: HostFacts): string {
  const { cpus, memoryMegabytes } = resources;
  const parts = [manifest.digest, cpus, memoryMegabytes, diskBytes({ manifest, resources }), accelerator, version, COMMAND_VERSION];
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 24);
}

/** A signal that aborts with `signal`, or with a `PluginError` after a time. */
function within(milliseconds: number, signal: AbortSignal): { signal: AbortSignal; clear: () => void } {
  const controller = new AbortController();
  const give = (): void => controller.abort(signal.reason);
  signal.addEventListener('abort', give, { once: true });
  if (signal.aborted) give();
  const late = new PluginError('unavailable', `The image did not come up within ${milliseconds / 1000} seconds.`);
  const timer = setTimeout(() => controller.abort(late), milliseconds);
  return {
    signal: controller.signal,
    clear: () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', give);
    },
  };
}
