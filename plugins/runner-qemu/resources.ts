import type { MachineResources } from '#plugins/api';
import type { Manifest } from '#plugins/kit/vm/manifest';
import type { QemuConfig } from './config.ts';

/** What a machine has: what its pool says, else what the instance says; its disk is never smaller than the image's. */
export function resourcesFor(wanted: MachineResources | undefined, { resources }: QemuConfig, { diskBytes }: Manifest): MachineResources {
  const least = Math.ceil(diskBytes / 1024 ** 3);
  const { cpus, memoryMegabytes, diskGigabytes } = wanted ?? resources;
  return { cpus, memoryMegabytes, diskGigabytes: Math.max(least, diskGigabytes ?? least) };
}
