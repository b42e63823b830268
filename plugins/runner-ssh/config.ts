import { z } from 'zod';
import { isPluginError } from '#plugins/api';
import { parseHostKey } from '#plugins/kit/ssh';
import { checkedFolder } from '#plugins/kit/windows/paths';

const HostKeyText = z.string().superRefine((text, context) => {
  try {
    parseHostKey(text);
  } catch (error) {
    if (!isPluginError(error)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
});

/** Why a folder cannot be one for machines; null if it can. */
function folderProblem(folder: string, system: 'posix' | 'windows'): string | null {
  if (system === 'posix') return folder.startsWith('/') ? null : 'must be an absolute path';
  try {
    checkedFolder(folder);
    return null;
  } catch (error) {
    if (!isPluginError(error)) throw error;
    return error.message;
  }
}

const Argv = z.array(z.string()).min(1);

/** How to prove who we are; exactly one way. A key file is read again for every connection, so that a new key needs no restart. */
const Authentication = {
  privateKeyFile: z.string().startsWith('/', 'must be an absolute path').optional(),
  privateKey: z.string().min(1).optional(),
  passphrase: z.string().optional(),
  password: z.string().min(1).optional(),
  /** The path of an ssh-agent's socket. */
  agent: z.string().startsWith('/', 'must be an absolute path').optional(),
};
const WAYS = ['privateKeyFile', 'privateKey', 'password', 'agent'] as const;

/** One host: one machine at a time. */
export const HostConfig = z
  .strictObject({
    /** Unique among the hosts of the instance. Under this name it is remembered: a host that is renamed is another one. */
    name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'may hold letters, digits, ".", "_" and "-"'),
    host: z.string().min(1),
    port: z.number().int().min(1).max(65_535).default(22),
    user: z.string().min(1),
    ...Authentication,
    /** Fingerprints (`SHA256:...`) or known_hosts lines; a host that shows another key is refused. */
    hostKey: z.union([HostKeyText.transform((key) => [key]), z.array(HostKeyText).min(1)]),
    /** The image its machines are of; hosts of the same image stand in for each other. */
    image: z.string().min(1),
    /** How it is spoken to: by a POSIX shell, or as a Windows with OpenSSH. */
    system: z.enum(['posix', 'windows']).default('posix'),
    /** Where machines' folders are made on the host; null: `.terrarium` in the user's home. */
    folder: z.string().nullable().default(null),
    /** What the host is to a job; `vm` is a promise that the reset restores a snapshot. */
    isolation: z.enum(['none', 'vm']).default('none'),
    /** Makes the host as new after each machine: a program and its arguments, no shell. Null: processes and folder are removed, nothing else. */
    reset: Argv.nullable().default(null),
    /** Where the reset runs: on the host itself, or here on the server, as a hypervisor's command would. */
    resetOn: z.enum(['host', 'server']).default('host'),
    /** Within how many seconds the reset must have succeeded and the host answer again. */
    resetSeconds: z.number().positive().default(300),
  })
  .superRefine((host, context) => {
    const ways = WAYS.filter((way) => host[way] !== undefined);
    if (ways.length !== 1) {
      context.addIssue({ code: 'custom', message: `must have exactly one of ${WAYS.join(', ')}; it has ${ways.join(' and ') || 'none'}` });
    }
    const problem = host.folder === null ? null : folderProblem(host.folder, host.system);
    if (problem !== null) context.addIssue({ code: 'custom', path: ['folder'], message: problem });
    if (host.isolation === 'vm' && host.reset === null) {
      context.addIssue({ code: 'custom', path: ['isolation'], message: '`vm` needs a `reset` that restores a snapshot' });
    }
  });
export type HostConfig = z.infer<typeof HostConfig>;

/** An instance of runner-ssh. */
export const SshRunnerConfig = z.strictObject({
  hosts: z
    .array(HostConfig)
    .min(1)
    .superRefine((hosts, context) => {
      const names = hosts.map((host) => host.name);
      for (const [index, name] of names.entries()) {
        if (names.indexOf(name) !== index) context.addIssue({ code: 'custom', path: [index, 'name'], message: `${name} is used twice` });
      }
    }),
});
export type SshRunnerConfig = z.infer<typeof SshRunnerConfig>;
