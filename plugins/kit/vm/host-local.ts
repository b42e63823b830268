import { spawn } from 'node:child_process';
import { constants as fileConstants } from 'node:fs';
import { copyFile, open, rename, rm } from 'node:fs/promises';
import { type Socket, connect } from 'node:net';
import { homedir } from 'node:os';
import { basename, dirname } from 'node:path';
import type { Duplex } from 'node:stream';
import { PluginError } from '#plugins/api';
import type { ScriptResult } from '../ssh-connection.ts';
import type { Host } from './host.ts';

const MAX_OUTPUT = 4_000_000;
const MAX_ERRORS = 65_536;
const ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', HOME: homedir() };
/** The longest path that a socket's address holds on Linux, its end included. Bytes. */
const LONGEST_ADDRESS = 107;

/** This computer. */
export class LocalHost implements Host {
  constructor(readonly name: string) {}

  run(script: string, parameters: readonly string[], signal: AbortSignal): Promise<ScriptResult> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      // Its own group, so that an abort reaches what the script waits for.
      const child = spawn('/bin/sh', ['-c', script, 'terrarium', ...parameters], {
        env: ENVIRONMENT,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const output: Buffer[] = [];
      let length = 0;
      let errors = '';
      let failure: unknown;
      const stop = (reason: unknown): void => {
        failure ??= reason;
        killGroup(child.pid);
      };
      const abort = (): void => stop(signal.reason);
      signal.addEventListener('abort', abort, { once: true });
      child.stdout.on('data', (chunk: Buffer) => {
        output.push(chunk);
        length += chunk.length;
        if (length > MAX_OUTPUT) stop(new PluginError('rejected', `A script on ${this.name} prints more than 4 MB.`));
      });
      child.stderr.on('data', (chunk: Buffer) => {
        errors = (errors + chunk.toString()).slice(-MAX_ERRORS);
      });
      child.once('error', (error) => {
        failure ??= new PluginError('unavailable', `No shell can be started on ${this.name}: ${error.message}.`, { cause: error });
      });
      // What it detached may hold its output open: `exit` is the end, after which the pipes are read dry.
      child.once('close', (code, name) => {
        signal.removeEventListener('abort', abort);
        if (failure !== undefined) reject(failure);
        else resolve({ exitCode: code ?? (name === null ? 255 : 137), output: Buffer.concat(output).toString(), errors });
      });
    });
  }

  /** However long the path is: a folder's descriptor stands for it. */
  async connect(path: string, signal: AbortSignal): Promise<Duplex> {
    if (Buffer.byteLength(path) <= LONGEST_ADDRESS) return connected(connect(path), path, signal);
    const folder = await open(dirname(path), fileConstants.O_RDONLY | fileConstants.O_DIRECTORY);
    try {
      return await connected(connect(`/proc/self/fd/${folder.fd}/${basename(path)}`), path, signal);
    } finally {
      await folder.close();
    }
  }

  connectPort(port: number, signal: AbortSignal): Promise<Duplex> {
    return connected(connect({ host: '127.0.0.1', port, noDelay: true }), `port ${port}`, signal);
  }

  async putFile(from: string, to: string, signal: AbortSignal): Promise<void> {
    const partial = `${to}.partial`;
    try {
      await copyFile(from, partial, fileConstants.COPYFILE_FICLONE);
      signal.throwIfAborted();
      await rename(partial, to);
    } catch (error) {
      await rm(partial, { force: true });
      if (signal.aborted) throw signal.reason;
      throw new PluginError('rejected', `${from} cannot be copied to ${to}.`, { cause: error });
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function connected(socket: Socket, what: string, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      signal.removeEventListener('abort', abort);
      socket.removeListener('error', fail);
    };
    const fail = (error: Error): void => {
      settle();
      socket.destroy();
      reject(new PluginError('unavailable', `Nobody answers at ${what}: ${error.message}.`, { cause: error }));
    };
    const abort = (): void => {
      settle();
      socket.destroy();
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    socket.once('error', fail).once('connect', () => {
      settle();
      resolve(socket);
    });
    if (signal.aborted) abort();
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
