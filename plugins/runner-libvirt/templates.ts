import { createHash } from 'node:crypto';
import { type Logger, PluginError, isPluginError } from '#plugins/api';
import { Turns } from '#plugins/kit/turns';
import { DOMAIN_VERSION, hiddenPrefix } from './domain.ts';
import { GuestAgent } from '#plugins/kit/vm/guest-agent';
import { SAVE_IMAGE_BEGINNING, readSaveImage } from './save-image.ts';
import { BEGINNING, HAS_TEMPLATE, KEEP_TEMPLATE, REMOVE, RESUME, SWEEP } from './scripts.ts';
import type { Site } from './site.ts';
import { type Shape, type Template, diskBytes, start } from './start.ts';
import type { HostFacts } from './survey.ts';

/** How long a guest may take to come up. Milliseconds. */
export const BOOT_MS = 4 * 60_000;

/** The templates on the hosts: each is made when it is first needed, by booting the image once. */
export class Templates {
  readonly #turns = new Turns();
  readonly #known = new Map<string, Template | null>();
  readonly #swept = new Set<string>();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /**
   * The template for machines of that shape on that host, made now if there is none. Null where machines must boot: their guest has no agent, or this libvirt
   * saves machines in a way that is not known here.
   */
  async get(site: Site, shape: Shape, signal: AbortSignal): Promise<Template | null> {
    if (shape.manifest.access.kind !== 'seeded') return null;
    const facts = await site.facts(signal);
    const key = keyOf(shape, facts);
    const name = `${site.config.name}/${key}`;
    return await this.#turns.take(name, async () => {
      const known = this.#known.get(name);
      if (known !== undefined) return known;
      const template = await this.#find(site, shape, { root: facts.root, key }, signal);
      this.#known.set(name, template);
      return template;
    });
  }

  /** Whether there is one already. */
  async has(site: Site, shape: Shape, signal: AbortSignal): Promise<boolean> {
    const facts = await site.facts(signal);
    return (await site.run(HAS_TEMPLATE, [`${facts.root}/templates/${keyOf(shape, facts)}`], signal)).exitCode === 0;
  }

  /** After something was removed there, or did not work: what is needed is looked at anew. */
  forget(site: Site): void {
    for (const name of this.#known.keys()) if (name.startsWith(`${site.config.name}/`)) this.#known.delete(name);
  }

  /** A machine could not be started from it: it is removed, and the next who needs one makes it anew. */
  async discard(site: Site, template: Template, signal: AbortSignal): Promise<void> {
    this.forget(site);
    this.#logger.warn('a saved machine could not be used and is made anew', { host: site.config.name, template: template.path });
    await site.run(REMOVE, [`${template.folder}/state`], signal);
  }

  async #find(
    site: Site,
    shape: Shape,
    { root, key }: { readonly root: string; readonly key: string },
    signal: AbortSignal,
  ): Promise<Template | null> {
    const path = `templates/${key}`;
    const folder = `${root}/${path}`;
    if ((await site.run(HAS_TEMPLATE, [folder], signal)).exitCode !== 0) await this.#make(site, shape, { root, key, folder }, signal);
    const { exitCode, output, errors } = await site.run(BEGINNING, [`${folder}/state`, String(SAVE_IMAGE_BEGINNING)], signal);
    try {
      if (exitCode !== 0)
        throw new PluginError('unsupported', `What libvirt saved on host ${site.config.name} cannot be read: ${errors.trim().slice(0, 500)}`);
      return { folder, path, image: readSaveImage(Buffer.from(output, 'base64')) };
    } catch (error) {
      if (!isPluginError(error, 'unsupported')) throw error;
      this.#logger.warn('machines boot one by one', { host: site.config.name, reason: error.message });
      return null;
    }
  }

  async #make(
    site: Site,
    shape: Shape,
    { root, key, folder }: { readonly root: string; readonly key: string; readonly folder: string },
    signal: AbortSignal,
  ): Promise<void> {
    await this.#sweep(site, root, signal);
    const began = Date.now();
    const id = `template-${key}`;
    const making = { id, name: `${hiddenPrefix(site.tag.mark)}${id}`, folder: `${root}/machines/.${id}`, shape, template: null };
    try {
      await start(site, making);
      await bootUp(site, making, signal, async () => undefined);
      await site.ask(KEEP_TEMPLATE, [making.name, making.folder, folder], new AbortController().signal);
    } finally {
      // Not under the signal: libvirt may still be at it.
      await site.end(making.name, making.folder, new AbortController().signal);
    }
    this.#logger.info('a booted image was saved', { image: shape.manifest.name, host: site.config.name, milliseconds: Date.now() - began });
  }

  /** What an earlier process began and nobody will end. Only the process that makes machines comes here. */
  async #sweep(site: Site, root: string, signal: AbortSignal): Promise<void> {
    const { name } = site.config;
    await this.#turns.take(`${name} sweep`, async () => {
      if (this.#swept.has(name)) return;
      await site.ask(SWEEP, [root, hiddenPrefix(site.tag.mark)], signal);
      this.#swept.add(name);
    });
  }
}

/** Lets a paused machine run until its agent says that it is up, then `use`s the agent. */
export async function bootUp(
  site: Site,
  { name, folder }: { readonly name: string; readonly folder: string },
  signal: AbortSignal,
  use: (agent: GuestAgent) => Promise<void>,
): Promise<void> {
  const agent = new GuestAgent(await site.host.connect(`${folder}/seed`, signal));
  const late = AbortSignal.timeout(BOOT_MS);
  try {
    await site.ask(RESUME, [name], signal);
    await agent.ready(AbortSignal.any([signal, late]));
    await use(agent);
  } catch (error) {
    if (!late.aborted || signal.aborted) throw error;
    throw new PluginError('unavailable', `The machine did not come up within ${BOOT_MS / 1000} seconds; \`virsh console\` shows what one says.`, {
      cause: error,
    });
  } finally {
    agent.close();
  }
}

/** A template fits machines that are equal in all this. */
function keyOf({ manifest, resources }: Shape, { accelerator, versions }: HostFacts): string {
  const { cpus, memoryMegabytes } = resources;
  const parts = [manifest.digest, cpus, memoryMegabytes, diskBytes({ manifest, resources }), accelerator, versions, DOMAIN_VERSION];
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 24);
}
