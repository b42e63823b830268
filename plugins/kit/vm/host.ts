import type { Duplex } from 'node:stream';
import type { ScriptResult } from '../ssh-connection.ts';

/**
 * A host is where commands run: this computer, or one that is reached by SSH. All that a driver does for its machines it does through this, so that it
 * is the same for both. Codes of all methods: `unavailable` (the host cannot be reached, nobody listens), `rejected`.
 */
export interface Host {
  readonly name: string;
  /**
   * Runs a constant POSIX sh script with `parameters` as `$1`, `$2`, ... to its end. A script that fails is a result. Its environment is bare: a PATH with
   * the sbin folders, LC_ALL=C, HOME. An abort ends it and throws the signal's reason; what it detached goes on. `rejected` if it prints more than 4 MB.
   */
  run(script: string, parameters: readonly string[], signal: AbortSignal): Promise<ScriptResult>;
  /** A connection to a Unix socket there, by its absolute path. */
  connect(path: string, signal: AbortSignal): Promise<Duplex>;
  /** A connection to a TCP port of the host's own loopback. */
  connectPort(port: number, signal: AbortSignal): Promise<Duplex>;
  /** Copies a file of this computer there, whole or not at all, mode 0600. The folder must exist. */
  putFile(from: string, to: string, signal: AbortSignal): Promise<void>;
  /** Lets go of connections; what was started there goes on. */
  close(): Promise<void>;
}
