import { readFile } from 'node:fs/promises';
import { PluginError } from '#plugins/api';
import { type SshAuthentication, type SshTarget, parseHostKey } from '#plugins/kit/ssh';
import type { HostConfig } from './config.ts';

/** Where to connect to. A key file is read now; `unauthorized` if it cannot be. */
export async function targetOf(host: HostConfig): Promise<SshTarget> {
  return {
    host: host.host,
    port: host.port,
    user: host.user,
    hostKeys: host.hostKey.map(parseHostKey),
    authentication: await authenticationOf(host),
  };
}

async function authenticationOf(host: HostConfig): Promise<SshAuthentication> {
  if (host.agent !== undefined) return { kind: 'agent', socket: host.agent };
  if (host.password !== undefined) return { kind: 'password', password: host.password };
  const privateKey = host.privateKey ?? (await readKey(host));
  return { kind: 'key', privateKey, passphrase: host.passphrase ?? null };
}

async function readKey(host: HostConfig): Promise<string> {
  const file = host.privateKeyFile ?? '';
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new PluginError('unauthorized', `The private key for host ${host.name}, ${file}, cannot be read.`, { cause: error });
  }
}
