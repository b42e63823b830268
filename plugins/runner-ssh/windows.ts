import { createHash } from 'node:crypto';
import { PluginError, type Session } from '#plugins/api';
import type { SshConnection } from '#plugins/kit/ssh';
import { failureIn, wordOf } from '#plugins/kit/windows/command';
import { probeWindows } from '#plugins/kit/windows/facts';
import { type Hand, prepareHand, runLine } from '#plugins/kit/windows/hand';
import { checkedFolder, sftpPath, windowsPath } from '#plugins/kit/windows/paths';
import { WindowsSession } from '#plugins/kit/windows/session';
import { SftpFiles } from '#plugins/kit/windows/sftp';
import type { HostConfig } from './config.ts';
import type { HostFacts } from './memory.ts';
import type { HostSystem, Question } from './system.ts';

/** What answers a question; what follows `taken` and `dirty` is a tag in hex. */
const ANSWER = /^terrarium (free|mine|here|gone|clean|other|(?:taken|dirty) (?:[0-9a-f]{2})+)\r?$/m;

/** What is needed for each question. */
interface Way {
  readonly base: string;
  readonly hand: Hand;
}

/**
 * A host with Windows and OpenSSH. It remembers the same as others, in files (`Host.cs`). Everything that a machine runs is in a job object of its name, which nothing leaves; a process
 * in it keeps the name as long as the machine lives.
 */
export class WindowsSystem implements HostSystem {
  readonly #config: HostConfig;

  constructor(config: HostConfig) {
    this.#config = config;
  }

  async ask(connection: SshConnection, question: Question, tag: string, _name: string, signal: AbortSignal): Promise<string> {
    const way = await this.#prepare(connection, signal);
    const answer = await this.#answer(connection, way, question, tag, signal);
    if (question === 'claim' && answer === 'mine') await this.#hold(connection, way, tag, signal);
    const [word = '', hex] = answer.split(' ');
    return `${hex === undefined ? word : `${word} ${Buffer.from(hex, 'hex').toString()}`}\n`;
  }

  async enter(connection: SshConnection, tag: string, _name: string, signal: AbortSignal): Promise<Session | null> {
    const way = await this.#prepare(connection, signal);
    if ((await this.#answer(connection, way, 'locate', tag, signal)) !== 'here') return null;
    return await this.#open(connection, way, tag, signal);
  }

  async visit(connection: SshConnection, signal: AbortSignal): Promise<Session> {
    const { base, hand } = await this.#prepare(connection, signal);
    return await WindowsSession.open(connection, { folder: base, machine: null, hand: () => Promise.resolve(hand) }, signal);
  }

  async probe(connection: SshConnection, signal: AbortSignal): Promise<HostFacts> {
    const { hand } = await this.#prepare(connection, signal);
    const facts = await probeWindows(connection, hand, signal);
    return { ...facts, interpreters: [...facts.interpreters], toolchains: [...facts.toolchains] };
  }

  /** The folder on the host, and our program in it. */
  async #prepare(connection: SshConnection, signal: AbortSignal): Promise<Way> {
    const files = new SftpFiles(await connection.openSftp(signal), connection.lost);
    try {
      const base = checkedFolder(this.#config.folder ?? `${windowsPath(await files.home())}\\.terrarium`);
      await files.makeFolders(sftpPath(base));
      return { base, hand: await prepareHand(connection, files, base, signal) };
    } finally {
      files.end();
    }
  }

  async #answer(connection: SshConnection, { base, hand }: Way, question: Question | 'locate', tag: string, signal: AbortSignal): Promise<string> {
    const said = await runLine(connection, `${hand.line} host ${question} ${wordOf(base)} ${wordOf(tag)} ${nameOfTag(tag)}`, signal);
    const [, answer] = ANSWER.exec(said) ?? [];
    if (answer !== undefined) return answer;
    throw new PluginError('rejected', `Host ${this.#config.name} cannot be used: ${failureIn(said).slice(0, 1000)}`);
  }

  /** Starts the process that keeps the name of the machine's job object. It stays when the connection is closed. */
  async #hold(connection: SshConnection, way: Way, tag: string, signal: AbortSignal): Promise<void> {
    const session = await this.#open(connection, way, tag, signal);
    await new Promise<void>((resolve, reject) => {
      let said = '';
      const onOutput = (chunk: Uint8Array): void => {
        said += Buffer.from(chunk).toString('latin1');
        if (said.includes('terrarium held')) resolve();
      };
      const ended = session.exec([...way.hand.argv, 'hold', nameOfTag(tag)], { signal, onOutput });
      ended.then(
        ({ exitCode }) => reject(new PluginError('rejected', `Host ${this.#config.name} keeps no job object: exit code ${exitCode}.`)),
        reject,
      );
    });
  }

  #open(connection: SshConnection, { base, hand }: Way, tag: string, signal: AbortSignal): Promise<WindowsSession> {
    const machine = nameOfTag(tag);
    return WindowsSession.open(connection, { folder: `${base}\\${machine}`, machine, hand: () => Promise.resolve(hand) }, signal);
  }
}

/** A machine's folder and job object: short, because paths on Windows must be, and of letters and digits. */
function nameOfTag(tag: string): string {
  return `m${createHash('sha256').update(tag).digest('hex').slice(0, 20)}`;
}
