import { z } from 'zod';
import { isPluginError } from '#plugins/api';
import { parseHostKey } from '#plugins/kit/ssh';

const HostKeyText = z.string().superRefine((text, context) => {
  try {
    parseHostKey(text);
  } catch (error) {
    if (!isPluginError(error)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
});

const Name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/, 'may hold letters, digits, ".", "_" and "-", 40 at most');
/** QEMU's options have commas of their own, and a socket's path is no longer than 107 bytes. */
const HostFolder = z.string().regex(/^(?:\/[A-Za-z0-9._-]+)+$/, 'must be an absolute path of letters, digits, ".", "_" and "-"');
const LocalPath = z.string().startsWith('/', 'must be an absolute path');

/** A computer that runs libvirt: this one, or, with `ssh`, another. */
export const HostConfig = z.strictObject({
  /** Unique among the hosts of the instance. A host that is renamed is another one. */
  name: Name,
  /** Which libvirt, as seen from the host itself: `virsh` runs there. */
  uri: z
    .string()
    .regex(/^qemu(?:\+unix)?:\/\/\/(?:system|session)(?:\?[!-~]*)?$/, 'must be a local one: qemu:///system or qemu:///session')
    .default('qemu:///system'),
  /** How many machines it may have at once. */
  machines: z.number().int().min(1).default(4),
  /** Where disks and copies of images are on the host. QEMU's account must be able to pass through it. */
  folder: HostFolder.default('/var/lib/terrarium'),
  /** `auto`: KVM where it really runs guests, else TCG, QEMU's own translation. */
  accelerator: z.enum(['auto', 'kvm', 'tcg']).default('auto'),
  /** Absent: this computer. */
  ssh: z
    .strictObject({
      host: z.string().min(1),
      port: z.number().int().min(1).max(65_535).default(22),
      user: z.string().min(1),
      privateKeyFile: LocalPath,
      /** Fingerprint (`SHA256:...`) or known_hosts line; another key is refused. */
      hostKey: HostKeyText,
    })
    .optional(),
});
export type HostConfig = z.infer<typeof HostConfig>;

/** What a machine has unless its pool says otherwise. */
const Resources = z.strictObject({
  cpus: z.number().int().min(1).max(64).default(1),
  memoryMegabytes: z.number().int().min(128).max(1_048_576).default(1024),
  /** Null: as large as its image was made. */
  diskGigabytes: z.number().int().min(1).max(10_000).nullable().default(null),
});

/** An instance of runner-libvirt. */
export const LibvirtConfig = z.strictObject({
  hosts: z
    .array(HostConfig)
    .min(1)
    .default([HostConfig.parse({ name: 'here' })])
    .superRefine((hosts, context) => {
      const names = hosts.map((host) => host.name);
      for (const [index, name] of names.entries()) {
        if (names.indexOf(name) !== index) context.addIssue({ code: 'custom', path: [index, 'name'], message: `${name} is used twice` });
      }
    }),
  resources: Resources.prefault({}),
  /** Another instance's folder of images on this computer, to use them; they are made and removed there. Null: the instance's own. */
  images: LocalPath.nullable().default(null),
  /** A host that has not answered for so long is drained: its machines count as lost. Seconds. */
  lostSeconds: z.number().positive().default(60),
});
export type LibvirtConfig = z.infer<typeof LibvirtConfig>;
