import { randomInt, randomUUID } from 'node:crypto';
import { type MachineResources, PluginError } from '#plugins/api';
import type { Manifest } from '#plugins/kit/vm/manifest';
import { domainXml } from './domain.ts';
import { type SaveImage, beginningFor } from './save-image.ts';
import { DISK_FULL, PORT_TAKEN, START } from './scripts.ts';
import type { Site } from './site.ts';

/** What a machine is made of. */
export interface Shape {
  readonly manifest: Manifest;
  /** The image's folder on the host. */
  readonly imageFolder: string;
  readonly resources: MachineResources;
}

/** A booted image, saved on a host. */
export interface Template {
  readonly folder: string;
  /** `templates/KEY`. */
  readonly path: string;
  readonly image: SaveImage;
}

/** What is to be started. */
export interface Starting {
  /** The machine's, for its metadata. */
  readonly id: string;
  readonly name: string;
  readonly folder: string;
  readonly shape: Shape;
  /** Null: it boots. */
  readonly template: Template | null;
}

/** libvirt does not take a saved machine: it may be damaged. */
export class TemplateRefused extends Error {}

/** Below the ports that the kernel gives to outgoing connections, above those of well-known services. */
const PORTS = { first: 20_000, last: 32_767 } as const;
const ATTEMPTS = 8;

/** Longer than libvirt ever takes, unless it hangs. Milliseconds. */
const START_MS = 120_000;

/**
 * Makes a machine's folder, disk and domain, which runs if it comes from a template and is paused at its first instruction otherwise. Returns the port of the host's
 * loopback that leads to its SSH server. What a failure leaves is the caller's to destroy. `exhausted` where the host's disk is full;
 * throws `TemplateRefused` where it may be the template's fault.
 *
 * It cannot be aborted: libvirt goes on with what it began, and a domain that appears after its destruction would be nobody's.
 */
export async function start(site: Site, starting: Starting): Promise<number> {
  const signal = AbortSignal.timeout(START_MS);
  for (let attempt = 1; ; attempt += 1) {
    const port = randomInt(PORTS.first, PORTS.last + 1);
    const { exitCode, errors } = await site.run(START, await parametersOf(site, starting, port, signal), signal).catch((error: unknown) => {
      throw signal.aborted ? new PluginError('unavailable', `libvirt on host ${site.config.name} hangs.`, { cause: error }) : error;
    });
    if (exitCode === 0) return port;
    const text = errors.trim().slice(-2000);
    if (exitCode === DISK_FULL) throw new PluginError('exhausted', `The disk of host ${site.config.name} is too small for another machine: ${text}.`);
    if (exitCode !== PORT_TAKEN && starting.template !== null) throw new TemplateRefused(text);
    if (exitCode !== PORT_TAKEN || attempt === ATTEMPTS)
      throw new PluginError('unavailable', `No machine can be started on host ${site.config.name}: ${text}`);
    await site.end(starting.name, starting.folder, signal);
  }
}

async function parametersOf(site: Site, { id, name, folder, shape, template }: Starting, port: number, signal: AbortSignal): Promise<string[]> {
  const { accelerator } = await site.facts(signal);
  const backing = [...(template === null ? [] : [`${template.folder}/disk.qcow2`]), `${shape.imageFolder}/disk.qcow2`];
  const definition = domainXml({ ...shape, id, name, folder, backing, port, accelerator, uuid: randomUUID(), tag: site.tag });
  const uses = [`images/${shape.manifest.digest}`, ...(template === null ? [] : [template.path])].join('\n');
  const state = template === null ? ['', ''] : [`${template.folder}/state`, beginningFor(template.image, definition).toString('base64')];
  return [site.config.uri, folder, backing[0] ?? '', String(diskBytes(shape)), uses, definition, ...state];
}

/** The size of a machine's disk. */
export function diskBytes({ manifest, resources }: Pick<Shape, 'manifest' | 'resources'>): number {
  return Math.max(manifest.diskBytes, resources.diskGigabytes * 1024 ** 3);
}
