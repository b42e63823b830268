import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { mirrorOfThisComputer, sourceLines } from '#plugins/kit/vm/build/mirror';
import { suiteOf } from '#plugins/kit/vm/build/suites';
import { keptFixture } from '../kept-fixture.ts';
import { sshdMissing } from '../sshd.ts';
import { fetchDotnet } from './dotnet.ts';
import { endWine, inRoot, runAlone, WINE, wineEnvironment } from './sandbox.ts';

const run = promisify(execFile);
const SUITE = 'trixie';
/** Wine, what UTF-8 file names need, a C compiler for Windows, a C# compiler. Not installed: unpacked, with what they need. */
const PACKAGES = ['wine64', 'libc-bin', 'gcc-mingw-w64-x86-64-win32', 'mono-mcs'];
/** Programs of this computer that are needed. */
const NEEDED = ['mmdebstrap', 'bwrap', 'flock', 'npm'];
/** Files of this folder that decide what is made. */
const MAKERS = new Set(['root.ts', 'sandbox.ts', 'dotnet.ts']);
const WINE_LIBRARIES = 'usr/lib/x86_64-linux-gnu/wine';

/** Why no Windows programs can be run here; null if they can. For `describe.skipIf`. */
export function wineMissing(): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'Wine is made ready on Linux with an x86_64 processor';
  if (process.geteuid?.() !== 0) return 'the tests unpack Wine as root';
  const server = sshdMissing();
  if (server !== null) return server;
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  const missing = NEEDED.filter((name) => !folders.some((folder) => existsSync(join(folder, name))));
  return missing.length === 0 ? null : `there is no ${missing.join(', ')}`;
}

/** A small Debian with Wine, and a fresh Windows disk in it. Tests must not change either: they copy the prefix (`startWindows`). */
export interface WineRoot {
  /** The Debian tree, absolute. */
  readonly tree: string;
  /** What Wine calls a prefix: `drive_c` and the registry. */
  readonly prefix: string;
}

/** Gives it; makes it first where that has not been done since this folder changed, which takes half a minute. */
export async function wineRoot(): Promise<WineRoot> {
  const folder = await keptFixture({
    kind: 'wine',
    fingerprint: await fingerprint(),
    isMade: (path) => Promise.resolve(existsSync(join(path, 'made'))),
    make,
  });
  return rootIn(folder);
}

function rootIn(folder: string): WineRoot {
  return { tree: join(folder, 'root'), prefix: join(folder, 'prefix') };
}

async function fingerprint(): Promise<string> {
  const names = (await readdir(import.meta.dirname)).filter((name) => name.endsWith('.c') || MAKERS.has(name)).sort();
  const hash = createHash('sha256');
  for (const name of names) hash.update(`${name}\0`).update(await readFile(join(import.meta.dirname, name)));
  return hash.digest('hex').slice(0, 16);
}

async function make(folder: string): Promise<void> {
  const root = rootIn(folder);
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(root.prefix, 'drive_c', 'windows', 'system32'), { recursive: true });
  await Promise.all([unpack(root.tree), fetchDotnet(join(root.prefix, 'drive_c', 'dotnet'))]);
  await prepareTree(root.tree);
  await preparePrefix(root);
  await writeFile(join(folder, 'made'), '');
}

async function unpack(tree: string): Promise<void> {
  const sources = sourceLines({ ...(await mirrorOfThisComputer()), security: null }, suiteOf(SUITE));
  const options = ['--aptopt=Acquire::Languages "none"', '--aptopt=Acquire::Check-Valid-Until "false"', '--aptopt=Acquire::Retries "3"'];
  const hook = '--hook-dir=/usr/share/mmdebstrap/hooks/maybe-merged-usr';
  const include = `--include=${PACKAGES.join(',')}`;
  await run('mmdebstrap', ['--mode=root', '--variant=extract', '--format=directory', ...options, hook, include, SUITE, tree, ...sources]);
}

/** Nothing of the packages' own scripts has run. Without the 32-bit half, which no test needs, Wine is ready in half the time. */
async function prepareTree(tree: string): Promise<void> {
  await rm(join(tree, WINE_LIBRARIES, 'i386-windows'), { recursive: true });
  for (const name of ['prefix', 'proc', 'sys', 'dev', 'tmp', 'source']) await mkdir(join(tree, name), { recursive: true });
  await symlink('/usr/x86_64-w64-mingw32/lib/zlib1.dll', join(tree, WINE_LIBRARIES, 'x86_64-windows', 'zlib1.dll'));
}

/** A new Windows: with a library that Wine does not count as its own, without windows, and with the programs of this folder. */
async function preparePrefix({ tree, prefix }: WineRoot): Promise<void> {
  const driveC = join(prefix, 'drive_c');
  const temporary = join(prefix, 'temporary');
  await mkdir(temporary);
  await copyFile(join(tree, 'usr/x86_64-w64-mingw32/lib/zlib1.dll'), join(driveC, 'windows', 'system32', 'zlib1.dll'));
  await writeFile(join(prefix, 'user.reg'), REGISTRY);
  const sandbox = { tree, binds: [[prefix, '/prefix'] as const, [temporary, '/tmp'] as const], environment: wineEnvironment };
  await runAlone(sandbox, [WINE, 'wineboot', '--init']);
  await endWine(sandbox);
  for (const [name, place] of PROGRAMS) {
    await mkdir(join(driveC, place, '..'), { recursive: true });
    const compiler = [
      'x86_64-w64-mingw32-gcc-win32',
      '-municode',
      '-O1',
      '-s',
      '-Wall',
      '-Werror',
      '-o',
      `/prefix/drive_c/${place}`,
      `/source/${name}`,
    ];
    const withSource = { ...sandbox, binds: [...sandbox.binds, [import.meta.dirname, '/source'] as const] };
    await run('bwrap', inRoot(withSource, compiler));
  }
  // Who comes by SFTP finds no other case than the one of the disk; Windows has it so.
  await symlink('windows', join(driveC, 'Windows'));
  await rm(temporary, { recursive: true });
}

/** C sources of this folder, and where what is made of them is on drive C. */
const PROGRAMS = [
  ['command.c', 'lab/command.exe'],
  ['python.c', 'Python311/python.exe'],
  ['hand.c', 'lab/hand.exe'],
  ['compiler.c', 'windows/Microsoft.NET/Framework64/v4.0.30319/csc.exe'],
] as const;

const REGISTRY = String.raw`WINE REGISTRY Version 2
#arch=win64

[Software\\Wine\\Drivers] 1
"Audio"=""
"Graphics"="null"
`;
