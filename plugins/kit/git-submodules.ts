import { PluginError } from '#plugins/api';
import type { GitMirror } from './git-mirror.ts';
import { submoduleUrl, type GitUrl } from './git-url.ts';

/** A line of `git ls-tree -r`. `path` has one character per byte. */
export interface TreeFile {
  readonly mode: string;
  readonly type: string;
  readonly id: string;
  readonly path: string;
}

/** A submodule of a commit, found harmless. */
export interface Submodule {
  /** What the super-project's `.gitmodules` calls it. */
  readonly name: string;
  readonly path: string;
  readonly url: GitUrl;
  readonly commit: string;
}

/** All files of a commit. Throws `invalid` for paths that no work tree may have. */
export async function listFiles(mirror: GitMirror, commit: string, signal: AbortSignal): Promise<TreeFile[]> {
  const args = [`--git-dir=${mirror.directory}`, 'ls-tree', '-r', '-z', '--full-tree', commit];
  const output = (await mirror.git.run({ ...(await mirror.local()), args }, signal)).toString('latin1');
  return output.split('\u0000').flatMap((line) => {
    const [, mode = '', type = '', id = '', path = ''] = /^(\d+) (\S+) ([0-9a-f]+)\t([^]+)$/.exec(line) ?? [];
    if (path === '') return [];
    assertPath(path, 'The commit holds a file');
    return [{ mode, type, id, path }];
  });
}

/** The submodules of a commit: the places its tree has for them, with the URLs of its `.gitmodules`. Throws `invalid` for hostile ones. */
export async function listSubmodules(mirror: GitMirror, files: readonly TreeFile[], signal: AbortSignal): Promise<Submodule[]> {
  const places = files.filter(({ type }) => type === 'commit');
  if (places.length === 0) return [];
  const description = files.find(({ path }) => path === '.gitmodules');
  if (description === undefined)
    throw new PluginError('invalid', `${places[0]?.path ?? ''} is a submodule, but there is no .gitmodules file that says where it comes from.`);
  if (!description.mode.startsWith('100'))
    throw new PluginError('invalid', 'The .gitmodules file is a symbolic link or something else that is no file.');
  const described = await readDescription(mirror, description.id, signal);
  return places.map((place) => {
    const { name, url } = described.get(place.path) ?? {};
    if (name === undefined || url === undefined) throw new PluginError('invalid', `The submodule ${place.path} has no URL in .gitmodules.`);
    return { name, path: place.path, url: harmless(mirror.url, place.path, url), commit: place.id };
  });
}

/** Names and URLs by path. Git itself reads the file: includes are off for it. */
async function readDescription(mirror: GitMirror, blob: string, signal: AbortSignal): Promise<Map<string, Described>> {
  const args = [`--git-dir=${mirror.directory}`, 'config', `--blob=${blob}`, '-z', '--list'];
  const output = (await mirror.git.run({ ...(await mirror.local()), args }, signal)).toString('latin1');
  const sections = new Map<string, Map<string, string>>();
  for (const item of output.split('\u0000')) {
    const [, name = '', key = '', value = ''] = /^submodule\.([^\n]+)\.([a-z]+)\n([^]*)$/.exec(item) ?? [];
    if (name === '') continue;
    sections.set(name, (sections.get(name) ?? new Map<string, string>()).set(key, value));
  }
  return new Map([...sections].flatMap(([name, section]) => describeOne(name, section.get('path'), section.get('url'))));
}

interface Described {
  readonly name: string;
  readonly url: string;
}

function describeOne(name: string, path: string | undefined, url: string | undefined): [string, Described][] {
  if (path === undefined || url === undefined) return [];
  const place = path.replace(/\/$/, '');
  assertPath(place, 'A submodule has a path');
  assertPath(name, 'A submodule has a name');
  return [[place, { name, url }]];
}

function harmless(parent: GitUrl, place: string, url: string): GitUrl {
  try {
    return submoduleUrl(parent, url);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : '';
    throw new PluginError('invalid', `The submodule ${place} is refused. ${why}`, { cause });
  }
}

/** Also what Windows and macOS would take for `.git` is refused. */
function assertPath(path: string, what: string): void {
  const parts = path.split('/');
  const bad = parts.some((part) => part === '' || part === '.' || part === '..' || /^(?:\.git[ .]*|git~[0-9]+)$/i.test(part));
  if (bad || (path.startsWith('-') && what.startsWith('A submodule')))
    throw new PluginError('invalid', `${what} that is refused: ${JSON.stringify(path)}.`);
}
