import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type TestSshd, startSshd } from '../sshd.ts';
import { temporaryFolder } from '../temporary.ts';
import { wineRoot } from './root.ts';
import { endWine, inRoot, runAlone, type Sandbox, WINE, wineEnvironment, WINESERVER } from './sandbox.ts';

const run = promisify(execFile);

/** How a Windows program ended; the code is what Unix keeps of it, its lowest 8 bits. */
export interface WindowsResult {
  readonly exitCode: number | null;
  readonly output: Buffer;
  readonly errors: Buffer;
}

/**
 * A Windows of one test file: a copy of the template's disk and registry, with processes of its own. In it are `C:\dotnet\dotnet.exe` (.NET Core 3.1) and `C:\Python311\python.exe`,
 * which tells what it was started with (python.c). PowerShell is not: Wine's does nothing. In the place of the compiler of .NET Framework is one that makes programs which run
 * `C:\hand\hand.dll` (compiler.c): whoever is to be compiled there must be compiled to that before.
 */
export interface TestWindows {
  /** Where `C:\` is on this computer. */
  readonly driveC: string;
  /** OpenSSH as Windows has it: commands go to cmd.exe as they came, SFTP's root has `/C:`. Its user's folder is `C:\users\ci`. */
  readonly sshd: TestSshd;
  /** Where a file of Windows (`C:\a\b`) is on this computer. */
  outside(path: string): string;
  /** Starts a program that Windows knows by its path; each argument reaches it as one of the C runtime. The folder is `C:\users\ci`. */
  spawn(argv: readonly string[], environment?: Readonly<Record<string, string>>): ChildProcess;
  /** Runs one to its end. */
  run(argv: readonly string[], environment?: Readonly<Record<string, string>>): Promise<WindowsResult>;
  /**
   * Compiles C# 5 (files of this computer) to a file of Windows: `C:\x\agent.dll`, to be run by `C:\dotnet\dotnet.exe C:\x\agent.dll`. Throws with what the compiler says. It knows
   * mscorlib, System and System.Core of .NET Framework 4.5.
   */
  compile(sources: readonly string[], target: string): Promise<void>;
  /** Ends all of it. */
  close(): Promise<void>;
}

/** Starts one; takes a second, and half a minute where Wine has to be made ready first. */
export async function startWindows(): Promise<TestWindows> {
  const root = await wineRoot();
  const folder = await temporaryFolder();
  const prefix = join(folder.path, 'prefix');
  const temporary = join(folder.path, 'tmp');
  await copyPrefix(root.prefix, prefix);
  await mkdir(temporary);
  const sandbox: Sandbox = {
    tree: root.tree,
    binds: [
      [prefix, '/prefix'],
      [temporary, '/tmp'],
    ],
    environment: wineEnvironment,
  };
  const driveC = join(prefix, 'drive_c');
  const outside = (path: string): string => {
    if (!path.startsWith('C:\\')) throw new Error(`${path} is no absolute path of drive C.`);
    return join(driveC, path.slice(3).replaceAll('\\', '/'));
  };
  const start = (argv: readonly string[], environment: Readonly<Record<string, string>> = {}): ChildProcess =>
    spawn('bwrap', inWindows(sandbox, environment, argv), { stdio: ['pipe', 'pipe', 'pipe'] });
  // It stays for a minute after the last program, so that each need not wait for a new one; neither do services.
  await runAlone(sandbox, [WINESERVER, '--persistent=60']);
  await runAlone(sandbox, [WINE, 'cmd.exe', '/c', 'ver']);
  const sshd = await startSshd([`ForceCommand ${await writeWayIn(folder.path, sandbox)}`, `Subsystem sftp ${SFTP}`]);
  return {
    driveC,
    sshd,
    outside,
    spawn: start,
    run: (argv, environment) => finish(start(argv, environment)),
    compile: (sources, target) => compile(sandbox, folder.path, sources, outside(target)),
    close: async () => {
      await sshd.close();
      await endWine(sandbox);
      await folder.remove();
    },
  };
}

/** What never changes is shared by links, which takes no time. The registry is written to, and Wine writes in place what has links. */
async function copyPrefix(from: string, to: string): Promise<void> {
  await run('cp', ['--archive', '--link', from, to]);
  for (const name of ['system.reg', 'user.reg', 'userdef.reg', '.update-timestamp', 'drive_c/windows/win.ini', 'drive_c/windows/system.ini']) {
    await rm(join(to, name));
    await cp(join(from, name), join(to, name));
  }
}

function inWindows(sandbox: Sandbox, environment: Readonly<Record<string, string>>, argv: readonly string[]): string[] {
  return inRoot({ ...sandbox, environment: { ...sandbox.environment, ...environment }, folder: HOME }, [WINE, ...argv]);
}

const HOME = '/prefix/drive_c/users/ci';
const SFTP = 'terrarium-sftp';

/** The script that sshd runs for each command. What the client sent is passed on in a variable: no shell reads it. */
async function writeWayIn(folder: string, sandbox: Sandbox): Promise<string> {
  const driveC = join(folder, 'prefix', 'drive_c');
  const command = inWindows(sandbox, {}, [String.raw`C:\lab\command.exe`]);
  // SFTP of this computer, which sees its own programs and drive C at the place where OpenSSH for Windows shows it.
  const seen = ['/usr', '/etc/passwd'].flatMap((path) => ['--ro-bind', path, path]);
  const links = ['lib', 'lib64', 'bin'].flatMap((name) => ['--symlink', `usr/${name}`, `/${name}`]);
  const places = ['--dev', '/dev', '--proc', '/proc', '--bind', driveC, '/C:', '--chdir', '/C:/users/ci'];
  const sftp = ['--die-with-parent', ...seen, ...links, ...places, '--', '/usr/lib/openssh/sftp-server'];
  const at = command.indexOf('--chdir');
  const line = (words: readonly string[]): string => words.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
  const script = [
    '#!/bin/sh',
    `[ "$SSH_ORIGINAL_COMMAND" = ${SFTP} ] && exec bwrap ${line(sftp)}`,
    `exec bwrap ${line(command.slice(0, at))} --setenv TERRARIUM_LINE "$SSH_ORIGINAL_COMMAND" ${line(command.slice(at))}`,
    '',
  ];
  const file = join(folder, 'way-in');
  await writeFile(file, script.join('\n'), { mode: 0o755 });
  return file;
}

async function finish(child: ChildProcess): Promise<WindowsResult> {
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk));
  child.stdin?.end();
  await once(child, 'close');
  return { exitCode: child.exitCode, output: Buffer.concat(output), errors: Buffer.concat(errors) };
}

async function compile(sandbox: Sandbox, folder: string, sources: readonly string[], target: string): Promise<void> {
  const work = join(folder, 'source');
  await rm(work, { recursive: true, force: true });
  for (const source of sources) await cp(source, join(work, basename(source)));
  const argv = [
    'mono',
    '/usr/lib/mono/4.5/mcs.exe',
    '-langversion:5',
    '-warnaserror',
    '-r:System.Core',
    '-out:/source/a.dll',
    ...sources.map((source) => `/source/${basename(source)}`),
  ];
  await run('bwrap', inRoot({ ...sandbox, binds: [[work, '/source']], environment: { PATH: '/usr/bin', LC_ALL: 'C.UTF-8' } }, argv));
  await mkdir(dirname(target), { recursive: true });
  await cp(join(work, 'a.dll'), target);
  await writeFile(target.replace(/\.[^.]*$/, '.runtimeconfig.json'), RUNTIME);
}

/** What dotnet.exe reads beside an assembly to know which runtime it wants. */
const RUNTIME = JSON.stringify({ runtimeOptions: { framework: { name: 'Microsoft.NETCore.App', version: '3.1.0' } } });
