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
const Folder = z.string().startsWith('/', 'must be an absolute path');

/** What a machine has unless its pool says otherwise. */
const Resources = z.strictObject({
  cpus: z.number().int().min(1).max(64).default(1),
  memoryMegabytes: z.number().int().min(128).max(1_048_576).default(1024),
  /** Null: as large as its image was made. */
  diskGigabytes: z.number().int().min(1).max(10_000).nullable().default(null),
});

/** A computer that runs machines: this one, or, with `ssh`, another. */
export const HostConfig = z.strictObject({
  /** Unique among the hosts of the instance. */
  name: Name,
  /** How many machines it may have at once. */
  machines: z.number().int().min(1).default(4),
  /** Where machines, memory snapshots and (on other hosts) copies of images are; null: the instance's own folder here, `~/.terrarium` there. */
  folder: Folder.nullable().default(null),
  /** `auto`: KVM where it really runs guests, else TCG, QEMU's own translation. */
  accelerator: z.enum(['auto', 'kvm', 'tcg']).default('auto'),
  /** Absent: this computer. */
  ssh: z
    .strictObject({
      host: z.string().min(1),
      port: z.number().int().min(1).max(65_535).default(22),
      user: z.string().min(1),
      privateKeyFile: Folder,
      /** Fingerprint (`SHA256:...`) or known_hosts line; another key is refused. */
      hostKey: HostKeyText,
    })
    .optional(),
});
export type HostConfig = z.infer<typeof HostConfig>;

/** An instance of runner-qemu. */
export const QemuConfig = z.strictObject({
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
  /** Where images are kept on this computer; instances may share them. Null: the instance's own folder. */
  images: Folder.nullable().default(null),
  /** What machines have where their pool says nothing. */
  resources: Resources.prefault({}),
  /** A host that has not answered for so long is drained: its machines count as lost. Seconds. */
  lostSeconds: z.number().positive().default(60),
  /** How a machine that is ready waits: `running` costs half a percent of a core and begins its job at once; `paused` costs none, and some 20 ms when its job comes. */
  waits: z.enum(['running', 'paused']).default('running'),
});
export type QemuConfig = z.infer<typeof QemuConfig>;
