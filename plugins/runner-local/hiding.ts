import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { isBelow, outermost } from './paths.ts';

/** What lies in the way of what sandboxes are shown. All paths are absolute ones of the host. */
export interface HidingPlan {
  /** The instance's folder. */
  readonly folder: string;
  /** What is bound into sandboxes at its own path. */
  readonly shown: readonly string[];
  /** What the configuration wants to be seen, one by one; some of it may lie in others of `shown`. */
  readonly wanted: readonly string[];
  /** What is not to be seen, besides the server's data. */
  readonly hidden: readonly string[];
  /** An empty file, to hide others with. */
  readonly empty: string;
}

/**
 * Bubblewrap's arguments that hide the server's data and what else is not to be seen, wherever that lies in something that is shown; they come after those that show it. Of the
 * server's data only what is itself wanted is seen.
 */
export function hiding({ folder, shown, wanted, hidden, empty }: HidingPlan): string[] {
  const data = realpathSync(dataFolder(folder));
  const dataPlaces = placesOf(data, shown);
  const kept = dataPlaces.length === 0 ? [] : outermost(wanted.filter((path) => isWithin(path, data)));
  const isCovered = (path: string): boolean => dataPlaces.length > 0 && isBelow(path, data) && !kept.some((one) => isBelow(path, realpathSync(one)));
  const others = realPaths([...hidden, folder]).filter((path) => !isCovered(path));
  const otherPlaces = outermost(others.flatMap((path) => placesOf(path, [...shown, ...kept])));
  return [
    ...dataPlaces.flatMap((path) => mask(path, empty)),
    ...kept.flatMap((path) => ['--ro-bind', path, path]),
    ...otherPlaces.flatMap((path) => mask(path, empty)),
    ...[...dataPlaces, ...otherPlaces].filter(isFolder).flatMap((path) => ['--remount-ro', path]),
  ];
}

/**
 * The server's data folder, which holds its key, its logs and its database's socket. An instance is not told where that is, only its own folder, which is `plugins/INSTANCE` of it; in any
 * other place nothing but that folder can be known to be the server's.
 */
function dataFolder(folder: string): string {
  const plugins = dirname(folder);
  return basename(plugins) === 'plugins' ? dirname(plugins) : folder;
}

/** Where sandboxes see a path without links, by any of what they are shown. */
function placesOf(path: string, shown: readonly string[]): string[] {
  const places = shown.flatMap((at) => {
    const real = realpathSync(at);
    return isBelow(path, real) ? [join(at, relative(real, path))] : [];
  });
  return [...new Set(places)];
}

function isWithin(path: string, folder: string): boolean {
  const real = realpathSync(path);
  return real !== folder && isBelow(real, folder);
}

function realPaths(paths: readonly string[]): string[] {
  return paths.filter((path) => existsSync(path)).map((path) => realpathSync(path));
}

function mask(path: string, empty: string): string[] {
  return isFolder(path) ? ['--tmpfs', path] : ['--ro-bind', empty, path];
}

function isFolder(path: string): boolean {
  return statSync(path).isDirectory();
}
