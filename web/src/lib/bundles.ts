import type { BundleFormat, BundleView } from '#server/api';
import { count } from './numbers.ts';
import { whomOf } from './terms.ts';

/** What jobs call a bundle. */
export function bundleName({ name, version }: Pick<BundleView, 'name' | 'version'>): string {
  return `${name}-${version}`;
}

/** The variable by which a job finds what is in a bundle. */
export function bundleVariable(name: string): string {
  return `TERRARIUM_BUNDLE_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
}

/** What a project writes into its CI description to be given a bundle. */
export function bundleUse(bundle: BundleView): string {
  return `bundles: [${bundleName(bundle)}]`;
}

/** All bundles in a sentence: how many, and which nobody can use yet. */
export function bundlesSentence(bundles: readonly BundleView[]): string {
  const idle = bundles.filter(({ terms }) => whomOf(terms) === 'nobody');
  const words = `${count(bundles.length, 'bundle')} for jobs.`;
  if (idle.length === 0) return words;
  return `${words} No job is given ${idle.map(bundleName).join(', ')} before somebody says whom ${idle.length === 1 ? 'it is' : 'they are'} for.`;
}

/** What an archive is called, as a name, a version and a format; what cannot be told is left out. `instantclient-sdk-12.1.tar.gz`. */
export function readArchiveName(file: string): { name: string; version: string; format: BundleFormat | null } {
  const format = FORMATS.find(({ ending }) => ending.test(file));
  const stem = format ? file.replace(format.ending, '') : file;
  const parts = /^(?<name>.+?)[-_]v?(?<version>\d[0-9A-Za-z._+]*)$/.exec(stem)?.groups;
  const name = (parts?.['name'] ?? stem).toLowerCase().replaceAll(/[^a-z0-9._-]+/g, '-');
  return { name: name.replace(/^[^a-z0-9]+/, ''), version: parts?.['version'] ?? '', format: format?.format ?? null };
}

const FORMATS: readonly { format: BundleFormat; ending: RegExp }[] = [
  { format: 'tar.gz', ending: /\.(tar\.gz|tgz)$/i },
  { format: 'tar', ending: /\.tar$/i },
  { format: 'zip', ending: /\.zip$/i },
];
