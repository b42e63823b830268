import { randomBytes } from 'node:crypto';
import { PluginError } from '#plugins/api';
import type { StoredManifest } from '#plugins/kit/vm/image-store';
import { type SshKey, newSshKey } from '#plugins/kit/vm/keys';
import type { Seed } from '#plugins/kit/vm/seed';
import { GuestAgent } from '#plugins/kit/vm/guest-agent';
import { fixedKey } from './images.ts';
import type { MachineRecord, MachineRecords } from './records.ts';
import { RESUME } from './scripts.ts';
import type { Site } from './site.ts';
import { type Shape, type Starting, TemplateRefused, start } from './start.ts';
import { type Templates, bootUp } from './templates.ts';

/** How long a guest that runs may take to answer its agent's port. Milliseconds. */
const SEED_MS = 60_000;

/** What a machine is made with. */
export interface Making {
  readonly site: Site;
  readonly templates: Templates;
  readonly records: MachineRecords;
  readonly image: StoredManifest;
  readonly shape: Shape;
}

/**
 * Makes a machine: from a template where there can be one, else by booting it. Before it may be connected to it is given a clock, a random pool and keys of its
 * own: in all that a clone equals its template. What a failure leaves is the caller's to destroy.
 */
export async function makeMachine(making: Making, id: string, signal: AbortSignal): Promise<MachineRecord> {
  const { site, records, image } = making;
  const { access, digest, system } = image.manifest;
  const hostKey = newSshKey();
  const userKey = newSshKey();
  const common = { host: site.config.name, digest, system, port: 0, user: access.user, ready: false };
  const keys =
    access.kind === 'seeded'
      ? { hostKey: hostKey.publicLine, privateKey: userKey.privateText }
      : { hostKey: access.hostKey, privateKey: await fixedKey(image) };
  // Known before it is made, so that it is found whatever happens meanwhile.
  await records.set(id, { ...common, ...keys });
  const port = await bringUp(making, id, access.kind === 'seeded' ? () => seedOf(id, hostKey, userKey) : null, signal);
  return { ...common, ...keys, port };
}

/** Starts the machine and seeds it, if it takes a seed. Returns its port. */
async function bringUp(making: Making, id: string, seed: (() => Seed) | null, signal: AbortSignal): Promise<number> {
  const { site, templates, shape } = making;
  const template = await templates.get(site, shape, signal);
  const starting: Starting = { id, name: site.nameOf(id), folder: await site.folderOf(id, signal), shape, template };
  signal.throwIfAborted();
  const port = await startOrDiscard(making, starting);
  signal.throwIfAborted();
  if (seed === null) await site.ask(RESUME, [starting.name], signal);
  else if (template === null) await bootUp(site, starting, signal, (agent) => agent.seed(seed(), signal));
  else await seedClone(site, starting.folder, seed, signal);
  return port;
}

async function startOrDiscard({ site, templates }: Making, starting: Starting): Promise<number> {
  try {
    return await start(site, starting);
  } catch (error) {
    if (!(error instanceof TemplateRefused) || starting.template === null) throw error;
    await templates.discard(site, starting.template, new AbortController().signal);
    throw new PluginError('unavailable', `Host ${site.config.name} did not restore a saved machine: ${error.message}`, { cause: error });
  }
}

async function seedClone(site: Site, folder: string, seed: () => Seed, signal: AbortSignal): Promise<void> {
  const agent = new GuestAgent(await site.host.connect(`${folder}/seed`, signal));
  const late = AbortSignal.timeout(SEED_MS);
  try {
    await agent.seed(seed(), AbortSignal.any([signal, late]));
  } catch (error) {
    if (!late.aborted || signal.aborted) throw error;
    throw new PluginError('unavailable', `The machine does not answer within ${SEED_MS / 1000} seconds.`, { cause: error });
  } finally {
    agent.close();
  }
}

/** For this very moment. */
function seedOf(id: string, hostKey: SshKey, userKey: SshKey): Seed {
  const name = id.toLowerCase().replaceAll('_', '-');
  const hosts = `127.0.0.1 localhost ${name}\n`;
  return { random: randomBytes(64), time: Date.now(), name, hostKey: hostKey.raw, userKey: userKey.publicLine, hosts };
}
