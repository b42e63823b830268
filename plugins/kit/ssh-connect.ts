import { connect as connectSocket } from 'node:net';
import type { Duplex } from 'node:stream';
import ssh2, { type Client, type ConnectConfig } from 'ssh2';
import { PluginError } from '#plugins/api';
import { type HostKey, fingerprintOf, hostKeyAlgorithms } from './ssh-host-key.ts';

/** How to prove who we are. Keys are PEM or OpenSSH text; `socket` is the path of an ssh-agent's socket. */
export type SshAuthentication =
  | { readonly kind: 'key'; readonly privateKey: string; readonly passphrase: string | null }
  | { readonly kind: 'agent'; readonly socket: string }
  | { readonly kind: 'password'; readonly password: string };

/** Where to connect to and as whom. */
export interface SshTarget {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** The keys the host may show, at least one. There is no trust on first use. */
  readonly hostKeys: readonly HostKey[];
  readonly authentication: SshAuthentication;
  /** How to reach it where that is not by `host` and `port`, which then only name it. */
  readonly reach?: (signal: AbortSignal) => Promise<Duplex>;
  /** Milliseconds for reaching it, the handshake and the authentication together; 15,000 where absent. */
  readonly connectTimeoutMs?: number;
  /** A peer that has not answered `failures` questions, one every `intervalMs`, is gone; 2,000 and 2 where absent: noticed within 6 seconds. */
  readonly keepAlive?: { readonly intervalMs: number; readonly failures: number };
  /** Channels open at once; what is more waits. 8 where absent: OpenSSH's MaxSessions is 10 where nobody changed it. */
  readonly maxChannels?: number;
}

/** `user@host:port`, for messages. */
export function nameOf(target: SshTarget): string {
  return `${target.user}@${target.host}:${target.port}`;
}

/** A client that is connected, with the socket under it. */
export interface Connected {
  readonly client: Client;
  readonly socket: Duplex;
}

/**
 * Connects and authenticates. Codes: `unauthorized` (another host key than the pinned ones, or we were refused), `unavailable` (not
 * reached in time, or cut), `unsupported` (no algorithm in common), `invalid` (no host key pinned, a private key nobody can read).
 */
export async function connectClient(target: SshTarget, signal: AbortSignal): Promise<Connected> {
  signal.throwIfAborted();
  const config = baseConfig(target);
  const socket = (await target.reach?.(signal)) ?? connectSocket({ host: target.host, port: target.port, noDelay: true });
  const client = new ssh2.Client();
  let shown: string | null = null;
  const hostVerifier = (key: Buffer): boolean => {
    shown = fingerprintOf(key);
    return target.hostKeys.some((pin) => pin.fingerprint === shown);
  };
  try {
    await handshake(client, { ...config, sock: socket, hostVerifier }, signal);
    return { client, socket };
  } catch (error) {
    socket.destroy();
    if (signal.aborted) throw signal.reason;
    throw connectError(target, shown, error);
  }
}

/** A client may report one failure several times while its socket closes: the first report counts, and `close` always follows. */
function ignoreRepeated(): void {}

function handshake(client: Client, config: ConnectConfig, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      client.removeListener('error', fail).removeListener('close', onClose).removeListener('end', onClose);
      signal.removeEventListener('abort', onAbort);
    };
    const fail = (error: unknown): void => {
      settle();
      reject(error);
    };
    const onAbort = (): void => fail(signal.reason);
    const onClose = (): void => fail(new Error('the connection was closed'));
    signal.addEventListener('abort', onAbort, { once: true });
    client.on('error', ignoreRepeated).once('error', fail).once('close', onClose).once('end', onClose);
    client.once('ready', () => {
      settle();
      resolve();
    });
    client.connect(config);
  });
}

function baseConfig(target: SshTarget): ConnectConfig {
  if (target.hostKeys.length === 0) {
    throw new PluginError('invalid', `No host key is pinned for ${nameOf(target)}: configure one, as ssh-keyscan prints it.`);
  }
  const serverHostKey = hostKeyAlgorithms(target.hostKeys);
  const keepAlive = target.keepAlive ?? { intervalMs: 2_000, failures: 2 };
  return {
    username: target.user,
    readyTimeout: target.connectTimeoutMs ?? 15_000,
    keepaliveInterval: keepAlive.intervalMs,
    keepaliveCountMax: keepAlive.failures,
    ...(serverHostKey === null ? {} : { algorithms: { serverHostKey } }),
    ...authenticationConfig(target),
  };
}

function authenticationConfig(target: SshTarget): ConnectConfig {
  const { authentication } = target;
  if (authentication.kind === 'agent') return { agent: authentication.socket };
  if (authentication.kind === 'password') return { password: authentication.password };
  const { privateKey, passphrase } = authentication;
  const parsed = ssh2.utils.parseKey(privateKey, passphrase ?? undefined);
  const key: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key instanceof Error) {
    throw new PluginError('invalid', `The private key for ${nameOf(target)} cannot be read: ${key.message}.`, { cause: key });
  }
  return passphrase === null ? { privateKey } : { privateKey, passphrase };
}

function connectError(target: SshTarget, shown: string | null, cause: unknown): PluginError {
  const pinned = target.hostKeys.map((key) => key.fingerprint);
  if (shown !== null && !pinned.includes(shown)) {
    const message = `${nameOf(target)} showed the host key ${shown}, but the pinned one is ${pinned.join(' or ')}: nothing was sent to it.`;
    return new PluginError('unauthorized', message, { cause });
  }
  const text = cause instanceof Error ? cause.message || cause.name : String(cause);
  const level = cause instanceof Error && 'level' in cause ? cause.level : null;
  if (level === 'client-authentication') {
    const offered = target.authentication.kind;
    return new PluginError('unauthorized', `${nameOf(target)} refused the ${offered} it was offered: ${text}.`, { cause });
  }
  if (level === 'agent') return new PluginError('unauthorized', `The ssh-agent for ${nameOf(target)} cannot be used: ${text}.`, { cause });
  if (level === 'handshake' && text.includes('no matching')) {
    return new PluginError('unsupported', `${nameOf(target)} and this client have no algorithm in common: ${text}.`, { cause });
  }
  return new PluginError('unavailable', `${nameOf(target)} cannot be reached: ${text}.`, { cause });
}
