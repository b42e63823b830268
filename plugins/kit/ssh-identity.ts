import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** A key to sign in with by OpenSSH, and the host keys that its owner knows. */
interface SshKey {
  /** PEM or OpenSSH form. */
  readonly privateKey: string;
  /** As in a known_hosts file; null: what is remembered counts. */
  readonly knownHosts: string | null;
}

/** An identity that is ready for use. Must be closed. */
export interface SshIdentity {
  /** What `SSH_COMMAND` needs in its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** What must not appear in errors and logs. */
  readonly secrets: readonly string[];
  /** Removes the files of the key. */
  close(): Promise<void>;
}

/**
 * How git and Mercurial call OpenSSH. A constant: they give it to a shell, which puts in what the environment holds. No configuration, agent or key of the
 * account is used.
 */
export const SSH_COMMAND = [
  'ssh -F /dev/null -T -o BatchMode=yes -o IdentitiesOnly=yes -o IdentityAgent=none -o "IdentityFile=$TERRARIUM_SSH_KEY"',
  '-o ClearAllForwardings=yes -o PermitLocalCommand=no -o ConnectTimeout=30 -o ServerAliveInterval=15 -o UpdateHostKeys=no',
  '-o GlobalKnownHostsFile=/dev/null -o "UserKnownHostsFile=$TERRARIUM_SSH_KNOWN_HOSTS" -o "StrictHostKeyChecking=$TERRARIUM_SSH_STRICT"',
].join(' ');

/** Removes keys that a killed server left behind in an instance's folder, and makes room for new ones. Once, before any identity is made. */
export async function prepareKeys(folder: string): Promise<void> {
  await rm(path.join(folder, 'keys'), { recursive: true, force: true });
  await mkdir(path.join(folder, 'keys'), { mode: 0o700 });
}

/**
 * Writes a key (null: none) into a folder of its own below the instance's `folder`, where `known_hosts` keeps the host keys seen so far. A host without a known key is
 * remembered at first sight, or refused.
 */
export async function makeIdentity(folder: string, key: SshKey | null, unknownHosts: 'remember' | 'refuse'): Promise<SshIdentity> {
  const own = path.join(folder, 'keys', randomUUID());
  await mkdir(own, { mode: 0o700 });
  const privateKey = key === null ? null : `${key.privateKey.replaceAll('\r\n', '\n').trim()}\n`;
  if (privateKey !== null) await writeFile(path.join(own, 'key'), privateKey, { mode: 0o600 });
  const known = key?.knownHosts ?? null;
  if (known !== null) await writeFile(path.join(own, 'known_hosts'), `${known.trim()}\n`, { mode: 0o600 });
  const env = {
    TERRARIUM_SSH_KEY: privateKey === null ? 'none' : sshPath(path.join(own, 'key')),
    TERRARIUM_SSH_KNOWN_HOSTS: sshPath(path.join(known === null ? folder : own, 'known_hosts')),
    TERRARIUM_SSH_STRICT: known === null && unknownHosts === 'remember' ? 'accept-new' : 'yes',
  };
  return { env, secrets: privateKey === null ? [] : [privateKey.trim()], close: () => rm(own, { recursive: true, force: true }) };
}

/** A path as ssh reads it in an option: quoted, with its own % signs doubled. */
function sshPath(file: string): string {
  return `"${file.replaceAll('%', '%%')}"`;
}
