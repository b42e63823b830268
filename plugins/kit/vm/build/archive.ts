import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PluginError } from '#plugins/api';
import { CommandError, runCommand } from '../command.ts';
import { type Mirror, sourceLines } from './mirror.ts';
import type { DebianArchitecture, Suite } from './suites.ts';

/** The packages of one suite for one architecture, as a mirror has them now. */
export interface Archive {
  readonly suite: Suite;
  readonly architecture: DebianArchitecture;
  /** One-line sources that have been read. */
  readonly sources: readonly string[];
  /** The folder with apt's lists of them. */
  readonly lists: string;
  /** apt's configuration for it. */
  readonly configuration: string;
}

/** What opening an archive needs. */
export interface ArchiveRequest {
  readonly suite: Suite;
  readonly architecture: DebianArchitecture;
  readonly mirror: Mirror;
  /** An empty place for its files. */
  readonly folder: string;
}

/**
 * Reads the lists of an archive into a folder, apart from this computer's own. `unavailable` if they cannot be had; security updates that cannot be had are told
 * and left out.
 */
export async function openArchive(request: ArchiveRequest, progress: (line: string) => void, signal: AbortSignal): Promise<Archive> {
  const { suite, architecture, mirror, folder } = request;
  const all = sourceLines(mirror, suite);
  try {
    return await read(request, all, signal);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    if (all.length < 2) throw unavailable(suite, error);
    progress(`${suite.name} (${architecture}) is taken without security updates, which cannot be read: ${firstError(error)}`);
  }
  try {
    return await read({ ...request, folder: join(folder, 'main') }, all.slice(0, 1), signal);
  } catch (error) {
    throw error instanceof CommandError ? unavailable(suite, error) : error;
  }
}

async function read({ suite, architecture, folder }: ArchiveRequest, sources: readonly string[], signal: AbortSignal): Promise<Archive> {
  await Promise.all(
    ['state/lists/partial', 'cache/archives/partial', 'etc/apt.conf.d'].map((path) => mkdir(join(folder, path), { recursive: true })),
  );
  const configuration = join(folder, 'apt.conf');
  await Promise.all([
    writeFile(join(folder, 'sources.list'), `${sources.join('\n')}\n`),
    writeFile(join(folder, 'status'), ''),
    writeFile(configuration, aptConfiguration(folder, architecture)),
  ]);
  const archive = { suite, architecture, sources, lists: join(folder, 'state', 'lists'), configuration };
  await apt(archive, ['apt-get', '-q', '-o', 'APT::Update::Error-Mode=any', 'update'], signal);
  return archive;
}

/** The names among `names` that the archive does not have. */
export async function missingPackages(archive: Archive, names: readonly string[], signal: AbortSignal): Promise<string[]> {
  const known = new Set((await apt(archive, ['apt-cache', 'pkgnames'], signal)).split('\n'));
  return names.filter((name) => !known.has(name));
}

/** The packages that one depends on directly, by name. */
export async function dependenciesOf(archive: Archive, name: string, signal: AbortSignal): Promise<string[]> {
  const text = await apt(archive, ['apt-cache', 'depends', '--important', name], signal);
  return [...text.matchAll(/^\s*\|?(?:Pre)?Depends: ([a-z0-9][a-z0-9+.-]+)$/gm)].flatMap(([, found]) => found ?? []);
}

/** Downloads packages into an existing folder; apt checks them. */
export async function download(archive: Archive, names: readonly string[], into: string, signal: AbortSignal): Promise<void> {
  await runCommand({ argv: ['apt-get', '-q', 'download', ...names], cwd: into, env: { APT_CONFIG: archive.configuration } }, signal);
}

async function apt(archive: Archive, argv: readonly [string, ...string[]], signal: AbortSignal): Promise<string> {
  const output = await runCommand({ argv, env: { APT_CONFIG: archive.configuration } }, signal);
  return output.toString('utf8');
}

/** This computer's settings (a proxy, for one) stay; files and lists are the folder's. Old suites are past the date until which their lists are valid. */
function aptConfiguration(folder: string, architecture: DebianArchitecture): string {
  const at = (path: string): string => `"${join(folder, path).replaceAll('"', '\\"')}"`;
  return [
    `Dir::State ${at('state')};`,
    `Dir::State::status ${at('status')};`,
    `Dir::Cache ${at('cache')};`,
    `Dir::Etc::sourcelist ${at('sources.list')};`,
    'Dir::Etc::sourceparts "/dev/null";',
    'Dir::Etc::preferencesparts "/dev/null";',
    `APT::Architecture "${architecture}";`,
    `APT::Architectures { "${architecture}"; };`,
    'APT::Sandbox::User "root";',
    'Acquire::Check-Valid-Until "false";',
    'Acquire::Languages "none";',
    'Acquire::Retries "3";',
    '',
  ].join('\n');
}

/** The first thing that apt complains of. */
function firstError({ message }: CommandError): string {
  return /^E: (.*)$/m.exec(message)?.[1] ?? message;
}

function unavailable(suite: Suite, cause: CommandError): PluginError {
  return new PluginError('unavailable', `The Debian mirror does not give the packages of ${suite.name}: ${cause.message}`, { cause });
}
