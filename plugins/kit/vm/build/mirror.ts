import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PluginError } from '#plugins/api';
import { type Suite, SUITES } from './suites.ts';

/** A line of apt's configuration: an archive and what of it is used. */
export interface Source {
  readonly uri: string;
  readonly suite: string;
}

/** Where packages come from. */
export interface Mirror {
  readonly main: string;
  /** Null where nothing is known of an archive with security updates. */
  readonly security: string | null;
}

/** Reads sources of binary packages from apt's one-line format (`sources.list`). Lines that are no source are passed over: apt itself complains of them. */
export function parseOneLine(text: string): Source[] {
  return text.split('\n').flatMap((line): Source[] => {
    const [, uri, suite] = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)/.exec(line.replace(/#.*/, '')) ?? [];
    return uri === undefined || suite === undefined ? [] : [{ uri: withoutSlash(uri), suite }];
  });
}

/** Reads sources of binary packages from apt's paragraphs (`*.sources`). */
export function parseDeb822(text: string): Source[] {
  return text.split(/\n[ \t]*\n/).flatMap((paragraph) => {
    const fields = fieldsOf(paragraph);
    if (fields.get('enabled')?.[0]?.toLowerCase() === 'no' || !fields.get('types')?.includes('deb')) return [];
    return (fields.get('uris') ?? []).flatMap((uri) => (fields.get('suites') ?? []).map((suite) => ({ uri: withoutSlash(uri), suite })));
  });
}

function fieldsOf(paragraph: string): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of paragraph.split('\n')) {
    if (line.startsWith('#')) continue;
    const [, name, value = line] = /^([A-Za-z-]+):(.*)$/.exec(line) ?? [];
    if (name !== undefined) fields.set(name.toLowerCase(), (current = []));
    current.push(...value.split(/\s+/).filter((word) => word !== ''));
  }
  return fields;
}

/** The archives of Debian among the sources; null if there are none. */
export function mirrorAmong(sources: readonly Source[]): Mirror | null {
  const names = SUITES.map(({ name }) => name).join('|');
  const find = (pattern: string): string | null => sources.find(({ suite }) => new RegExp(pattern).test(suite))?.uri ?? null;
  const main = find(`^(?:${names}|buster|stable|oldstable|oldoldstable|testing|unstable)$`);
  return main === null ? null : { main, security: find('(?:-security|/updates)$') };
}

/** What a person says: `URL`, or `URL URL` with the security archive second. `invalid` if it is none. */
export function parseMirror(text: string): Mirror {
  const [main, security, ...more] = text.trim().split(/\s+/);
  const isUri = (uri: string): boolean => /^(https?|file):\/\/?[^\s[\]@]+$/.test(uri);
  if (main === undefined || more.length > 0 || !isUri(main) || (security !== undefined && !isUri(security)))
    throw new PluginError(
      'invalid',
      `"${text}" is no Debian mirror: it must be a URL, and after a space the one of its security archive if there is one.`,
    );
  return { main: withoutSlash(main), security: security === undefined ? null : withoutSlash(security) };
}

/** The mirror that this computer's apt uses. `unsupported` if it has none of Debian. `folder` is for tests. */
export async function mirrorOfThisComputer(folder = '/etc/apt'): Promise<Mirror> {
  const parts = await readdir(join(folder, 'sources.list.d')).catch(none([]));
  const read = async (path: string, parse: (text: string) => Source[]): Promise<Source[]> => parse(await readFile(path, 'utf8').catch(none('')));
  const sources = await Promise.all([
    read(join(folder, 'sources.list'), parseOneLine),
    ...parts.filter((name) => name.endsWith('.list')).map((name) => read(join(folder, 'sources.list.d', name), parseOneLine)),
    ...parts.filter((name) => name.endsWith('.sources')).map((name) => read(join(folder, 'sources.list.d', name), parseDeb822)),
  ]);
  const mirror = mirrorAmong(sources.flat());
  if (mirror) return mirror;
  throw new PluginError('unsupported', 'The apt configuration of this computer names no Debian mirror: name one in the recipe (`--mirror URL`).');
}

/** One-line sources of a suite. */
export function sourceLines(mirror: Mirror, suite: Suite): string[] {
  const line = (uri: string, name: string): string => `deb [signed-by=${KEYRING}] ${uri} ${name} main`;
  return [line(mirror.main, suite.name), ...(suite.security && mirror.security !== null ? [line(mirror.security, `${suite.name}-security`)] : [])];
}

/** What Debian signs its archives with; package debian-archive-keyring. */
export const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

function withoutSlash(uri: string): string {
  return uri.replace(/\/+$/, '');
}

function none<Nothing>(nothing: Nothing): (error: unknown) => Nothing {
  return (error) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return nothing;
    throw error;
  };
}
