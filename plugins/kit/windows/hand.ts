import { createHash, randomBytes } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PluginError } from '#plugins/api';
import { nameOf } from '../ssh-connect.ts';
import type { SshConnection } from '../ssh-connection.ts';
import { checkedFolder, sftpPath } from './paths.ts';
import type { SftpFiles } from './sftp.ts';

/** Where they are; the build of the server copies them beside the compiled modules. */
export const SOURCES = join(import.meta.dirname, 'hand');
/** Of .NET Framework 4, which every Windows since 8 and Server 2012 has. */
const COMPILERS = ['Framework64', 'Framework'].map((name) => `C:\\Windows\\Microsoft.NET\\${name}\\v4.0.30319\\csc.exe`);
/** What a machine has may be much. Characters. */
const MAX_SAID = 1_000_000;

/** Our program on a Windows machine; see README.md. */
export interface Hand {
  /** The command line that starts it; words of letters and digits may follow. */
  readonly line: string;
  /** The same as an argv. */
  readonly argv: readonly string[];
}

/** What a line said, standard output and error together; the newest of it. */
export async function runLine(connection: SshConnection, line: string, signal: AbortSignal): Promise<string> {
  const process = await connection.startLine(line, signal);
  const stop = (): void => process.close();
  let said = '';
  process.pushOutput((chunk) => {
    said = (said + chunk.toString()).slice(-MAX_SAID);
  });
  signal.addEventListener('abort', stop, { once: true });
  await process.ended;
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  connection.lost.throwIfAborted();
  return `${said}${process.errors}`.trim();
}

/** What is compiled on a machine: files by their names. */
export async function handSources(): Promise<ReadonlyMap<string, Buffer>> {
  const names = (await readdir(SOURCES)).filter((name) => name.endsWith('.cs')).sort();
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(SOURCES, name))] as const)));
}

/**
 * Has our program in `folder` of the machine, which must exist: it is compiled there unless that has been done. `unsupported`, with what is missing or what the compiler says, where that
 * does not work.
 */
export async function prepareHand(connection: SshConnection, files: SftpFiles, folder: string, signal: AbortSignal): Promise<Hand> {
  const sources = await handSources();
  const digest = createHash('sha256');
  for (const [name, text] of sources) digest.update(`${name}\0`).update(text);
  const place = checkedFolder(`${folder}\\hand-${digest.digest('hex').slice(0, 12)}`);
  const program = `${place}\\hand.exe`;
  if ((await files.look(sftpPath(program))) === null) {
    await files.makeFolder(sftpPath(place));
    for (const [name, text] of sources) await files.write(sftpPath(`${place}\\${name}`), [text]);
    await compile(connection, files, place, program, signal);
  }
  return { line: program, argv: [program] };
}

async function compile(connection: SshConnection, files: SftpFiles, place: string, program: string, signal: AbortSignal): Promise<void> {
  const compiler = await findCompiler(connection, files);
  // Two servers may do it at once: each makes its own, and the first one stays.
  const made = `${place}\\made-x${randomBytes(6).toString('hex')}.exe`;
  const said = await runLine(connection, `${compiler} /nologo /optimize+ /target:exe /out:${made} ${place}\\*.cs`, signal);
  if ((await files.look(sftpPath(made))) === null) {
    throw new PluginError(
      'unsupported',
      `${nameOf(connection.target)} does not compile what we run there: ${said.slice(-4000) || 'the compiler says nothing'}`,
    );
  }
  try {
    await files.rename(sftpPath(made), sftpPath(program));
  } catch (error) {
    if ((await files.look(sftpPath(program))) === null) throw error;
    await files.remove(sftpPath(made));
  }
}

async function findCompiler(connection: SshConnection, files: SftpFiles): Promise<string> {
  for (const compiler of COMPILERS) if ((await files.look(sftpPath(compiler))) !== null) return compiler;
  const message = `${nameOf(connection.target)} has no compiler of .NET Framework 4: there is neither ${COMPILERS.join(' nor ')}.`;
  throw new PluginError('unsupported', message);
}
