import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { mirrorOfThisComputer, sourceLines } from '#plugins/kit/vm/build/mirror';
import { type DebianArchitecture, suiteOf } from '#plugins/kit/vm/build/suites';
import { keptFixture } from '../support/kept-fixture.ts';

const run = promisify(execFile);
const NEEDED = ['mmdebstrap', 'bwrap', 'flock'];
/** What pip and virtualenv install from where there is no index. */
const WHEELS = '/usr/share/python-wheels';

/** Why no Pythons of Debian can be had here; null if they can. For `describe.skipIf`. */
export function debianMissing(): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'they are unpacked on Linux with an x86_64 processor';
  if (process.geteuid?.() !== 0) return 'the tests unpack them as root';
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  const missing = NEEDED.filter((name) => !folders.some((folder) => existsSync(join(folder, name))));
  return missing.length === 0 ? null : `there is no ${missing.join(', ')}`;
}

/** A release of Debian, of which some packages are unpacked. */
export interface DebianRelease {
  readonly suite: string;
  readonly architecture: DebianArchitecture;
  readonly packages: readonly string[];
}

/** Its tree; unpacks it first where that has not been done. None of the packages' own scripts has run in it. */
export async function debianTree(release: DebianRelease): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(release));
  const folder = await keptFixture({
    kind: `pythons-${release.suite}-${release.architecture}`,
    fingerprint: hash
      .update(await readFile(import.meta.filename))
      .digest('hex')
      .slice(0, 16),
    isMade: (path) => Promise.resolve(existsSync(join(path, 'made'))),
    make: (path) => unpack(release, path),
  });
  return join(folder, 'root');
}

async function unpack({ suite, architecture, packages }: DebianRelease, folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const tree = join(folder, 'root');
  const sources = sourceLines({ ...(await mirrorOfThisComputer()), security: null }, suiteOf(suite));
  const options = ['--aptopt=Acquire::Languages "none"', '--aptopt=Acquire::Check-Valid-Until "false"', '--aptopt=Acquire::Retries "3"'];
  const hook = '--hook-dir=/usr/share/mmdebstrap/hooks/maybe-merged-usr';
  const what = [`--architectures=${architecture}`, `--include=${['ca-certificates', 'dash', ...packages].join(',')}`];
  await run('mmdebstrap', ['--mode=root', '--variant=extract', '--format=directory', ...options, hook, ...what, suite, tree, ...sources]);
  await prepare(tree);
  await writeFile(join(folder, 'made'), '');
}

/** What scripts of packages would have made: a shell by its name, and the authorities that pip wants to see. */
async function prepare(tree: string): Promise<void> {
  for (const name of ['proc', 'sys', 'dev', 'tmp', 'home', 'etc/ssl/certs']) await mkdir(join(tree, name), { recursive: true });
  if (!existsSync(join(tree, 'usr/bin/sh'))) await symlink('dash', join(tree, 'usr/bin/sh'));
  const folder = join(tree, 'usr/share/ca-certificates/mozilla');
  const texts = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')));
  await writeFile(join(tree, 'etc/ssl/certs/ca-certificates.crt'), texts.join('\n'));
}

/** How a command came out. */
export interface Outcome {
  readonly code: number;
  /** Of both its streams. */
  readonly output: string;
}

/** Runs a command in a tree, without any network; `home` of this computer is its /home, and its working directory. */
export async function runIn(
  tree: string,
  home: string,
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const variables = {
    PATH: '/usr/bin:/bin',
    HOME: '/home',
    LC_ALL: 'C',
    PIP_NO_INDEX: '1',
    PIP_FIND_LINKS: WHEELS,
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    ...environment,
  };
  const set = Object.entries(variables).flatMap(([name, value]) => ['--setenv', name, value]);
  const system = ['--ro-bind', tree, '/', '--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp', '--bind', home, '/home', '--chdir', '/home'];
  try {
    const { stdout, stderr } = await run('bwrap', ['--die-with-parent', '--unshare-net', ...system, '--clearenv', ...set, '--', ...argv], {
      maxBuffer: 16 * 1024 * 1024,
    });
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'number') throw error;
    const streams = error as { stdout?: string; stderr?: string };
    return { code: error.code, output: `${streams.stdout ?? ''}${streams.stderr ?? ''}` };
  }
}
