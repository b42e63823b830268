import { PluginError } from '#plugins/api';
import { assertBeside } from './git-local-places.ts';
import type { GitMirror } from './git-mirror.ts';
import { assertTreePath, type TreeFile } from './git-tree.ts';
import { submoduleUrl, type GitUrl } from './git-url.ts';

const LARGEST_DESCRIPTION = 1024 * 1024;

/** A submodule of a commit, found harmless. */
export interface Submodule {
  /** What the super-project's `.gitmodules` calls it. */
  readonly name: string;
  readonly path: string;
  readonly url: GitUrl;
  readonly commit: string;
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
  if (description.size > LARGEST_DESCRIPTION) throw new PluginError('invalid', 'The .gitmodules file is larger than 1 MB.');
  const described = await readDescription(mirror, description.id, signal);
  const submodules: Submodule[] = [];
  for (const place of places) {
    const { name, url } = described.get(place.path) ?? {};
    if (name === undefined || url === undefined) throw new PluginError('invalid', `The submodule ${place.path} has no URL in .gitmodules.`);
    submodules.push({ name, path: place.path, url: await harmless(mirror.url, place.path, url), commit: place.id });
  }
  return submodules;
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
  assertTreePath(place, 'A submodule has a path');
  assertTreePath(name, 'A submodule has a name');
  return [[place, { name, url }]];
}

async function harmless(parent: GitUrl, place: string, url: string): Promise<GitUrl> {
  try {
    const found = submoduleUrl(parent, url);
    if (found.transport === 'file') await assertBeside(parent.path, found.path);
    return found;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : '';
    throw new PluginError('invalid', `The submodule ${place} is refused. ${why}`, { cause });
  }
}
