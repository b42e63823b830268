import { lstat, realpath } from 'node:fs/promises';
import path from 'node:path';
import { PluginError } from '#plugins/api';

const UNREACHABLE: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'ENAMETOOLONG']);

/**
 * Throws `invalid` unless the local repository at `place`, a submodule of the local one at `parent`, lies somewhere below the folder that has `parent` in it, links followed:
 * whoever writes a `.gitmodules` could have any repository of this computer laid out otherwise. One that lies within a work tree must have a `.git` there: all else in a
 * work tree may have been pushed, also what git would take for a repository, or for a pointer to one.
 */
export async function assertBeside(parent: string, place: string): Promise<void> {
  const folder = path.dirname(withoutGit(parent));
  // A repository at the root of the disk has the whole disk beside it.
  if (folder === '/') throw notBeside(folder);
  const real = (await orMissing(realpath(folder))) ?? folder;
  const places = await realPlaces(place);
  if (places.length === 0 && !isBelow(folder, place)) throw notBeside(folder);
  for (const each of places) if (!isBelow(real, each) || (await isPushed(real, withoutGit(each)))) throw notBeside(folder);
}

/** Throws `invalid` if a local repository lies below `folder`, where the mirrors of all projects are, private ones too. */
export async function assertOutside(place: string, folder: string): Promise<void> {
  const own = await realpath(folder);
  const found = await realPlaces(place);
  if (isBelow(folder, place) || found.some((each) => isBelow(own, each)))
    throw new PluginError('invalid', 'What this server keeps for itself is no repository to build: name the one that it was fetched from.');
}

/** What git would look for where it is given a path, as far as it is there, links followed. */
async function realPlaces(place: string): Promise<string[]> {
  const names = [place, path.join(place, '.git'), `${place}.git`, path.join(`${place}.git`, '.git')];
  const found = await Promise.all(names.map((name) => orMissing(realpath(name))));
  return found.filter((each) => each !== null);
}

/** Whether something below `folder` may have come with a push: there is a work tree around it, and it has no `.git`, which git lets nobody push. */
async function isPushed(folder: string, place: string): Promise<boolean> {
  if (await exists(path.join(place, '.git'))) return false;
  for (let around = path.dirname(place); isBelow(folder, around); around = path.dirname(around)) {
    if (await exists(path.join(around, '.git'))) return true;
  }
  return false;
}

function isBelow(folder: string, place: string): boolean {
  const way = path.relative(folder, place);
  return way !== '' && way !== '..' && !way.startsWith('../');
}

/** A repository with a work tree may be named by its `.git` as well. */
function withoutGit(place: string): string {
  return path.basename(place) === '.git' ? path.dirname(place) : place;
}

async function exists(place: string): Promise<boolean> {
  return (await orMissing(lstat(place))) !== null;
}

/** What a path leads to; null where git would not get there either. */
async function orMissing<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Error && 'code' in error && UNREACHABLE.has(error.code)) return null;
    throw error;
  }
}

function notBeside(folder: string): PluginError {
  const where = folder === '/' ? 'its super-project lies at the root of the disk' : `it must lie below ${folder}, as its super-project does`;
  return new PluginError('invalid', `A submodule on the disk of the server cannot lie there: ${where}, and be no part of a work tree.`);
}
