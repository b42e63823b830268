import path from 'node:path';
import { PluginError } from '#plugins/api';

/** A URL that was found harmless. */
export interface GitUrl {
  readonly transport: 'https' | 'http' | 'ssh' | 'git' | 'file';
  /** What git is given: for `file` the absolute path, else the URL as written. Holds no credentials. */
  readonly text: string;
  /** `host` or `host:port`, lower case; null for `file`. Credentials belong to this and nothing else. */
  readonly host: string | null;
  /** The path at the host, with its leading slash. For `file` the same as `text`. */
  readonly path: string;
}

const LONGEST = 2048;
const CONTROL = /[\u0000-\u001f\u007f]/;
const ENCODED_CONTROL = /%(?:[01][0-9a-f]|7f)/i;
const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(.*)$/;
const AUTHORITY = /^(?:([^/@]*)@)?([^/@:[\]]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?(\/.*)$/;
const SCP_FORM = /^(?:([^/@:]+)@)?([^/@:[\]]+|\[[0-9A-Fa-f:.]+\]):(.+)$/;
const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\.?|\[[0-9A-Fa-f:.]+\])$/;
const USUAL_PORT = { https: /:443$/, http: /:80$/, ssh: /:22$/, git: /:9418$/, file: /$/ } as const;
const USER = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;

/**
 * Reads a repository's URL: https, http, ssh (also `user@host:path`), git, file, or an absolute path.
 * Everything that could make git or ssh do something else than fetch (transport helpers such as `ext::`, a leading `-`, control
 * characters, odd hosts) throws `invalid` with a sentence. The sentence does not repeat the URL: it may hold a secret.
 */
export function parseGitUrl(text: string): GitUrl {
  if (text === '' || text.length > LONGEST) throw invalid('is empty or longer than 2048 characters');
  if (CONTROL.test(text)) throw invalid('holds control characters');
  if (text.startsWith('-')) throw invalid('begins with a dash');
  if (/^[A-Za-z0-9+._-]*::/.test(text)) throw invalid('names a transport helper (`::`), which could run programs');
  if (text.startsWith('/')) return local(text);
  const scheme = SCHEME.exec(text);
  if (scheme) return withScheme(text, (scheme[1] ?? '').toLowerCase(), scheme[2] ?? '');
  return scpForm(text);
}

/** Whether `parseGitUrl` would take it. */
export function isGitUrl(text: string): boolean {
  try {
    parseGitUrl(text);
    return true;
  } catch (error) {
    if (error instanceof PluginError) return false;
    throw error;
  }
}

/**
 * What tells repositories apart, however they are reached: `host/path`, the host's name in small letters and without a port that its transport has anyway, the
 * path without its ending. Of a local one its path.
 */
export function repositoryIdentity(url: GitUrl): string {
  const path = url.path.replace(/\/+$/, '').replace(/\.git$/, '');
  if (url.host === null) return path;
  return `${url.host.replace(USUAL_PORT[url.transport], '')}${path.startsWith('/~') ? path.slice(1) : path}`;
}

/** `owner/name` as far as the URL has it: the last two parts of the path without `.git`. */
export function repositoryName(url: GitUrl): string {
  const parts = url.path.split('/').filter((part) => part !== '' && part !== '.git');
  return parts
    .slice(-2)
    .join('/')
    .replace(/\.git$/, '');
}

/**
 * The URL of a submodule as its super-project means it: `./x` and `../x` start from the super-project's own URL. Throws `invalid` like
 * `parseGitUrl`, and for a local path in a repository that is not local itself: that would read the server's own disk.
 */
export function submoduleUrl(parent: GitUrl, text: string): GitUrl {
  const found = /^\.\.?\//.test(text) ? parseGitUrl(relativeTo(parent, text)) : parseGitUrl(text);
  if (found.transport === 'file' && parent.transport !== 'file') throw invalid('of a submodule is a local path, but its super-project is not local');
  return found;
}

/**
 * The URL of the repository that a pull request comes from. Throws `invalid` like `parseGitUrl`, and for a local path where the repository that it
 * goes to is not local itself.
 */
export function forkUrl(base: GitUrl, text: string): GitUrl {
  const found = parseGitUrl(text);
  if (found.transport === 'file' && base.transport !== 'file') throw invalid('of a pull request is a local path, but what it goes to is not local');
  return found;
}

function relativeTo(parent: GitUrl, text: string): string {
  const head = parent.text.slice(0, parent.text.length - parent.path.replace(/^\//, '').length);
  const parts = parent.path.split('/').filter((part) => part !== '');
  for (const part of text.split('/').filter((each) => each !== '' && each !== '.')) {
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) throw invalid('of a submodule climbs above the root of its host');
  }
  return head + parts.join('/');
}

function withScheme(text: string, scheme: string, rest: string): GitUrl {
  if (scheme === 'file') return fileUrl(rest);
  if (scheme !== 'https' && scheme !== 'http' && scheme !== 'ssh' && scheme !== 'git') {
    throw invalid('has an unknown scheme: https, http, ssh, git and file are read');
  }
  const [, user, host = '', port, place = ''] = AUTHORITY.exec(rest) ?? [];
  if (!HOST.test(host)) throw invalid('has no proper host and path');
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) throw invalid('has a port outside 1-65535');
  if (user !== undefined && (scheme !== 'ssh' || !USER.test(user))) {
    throw invalid(scheme === 'ssh' ? 'has an odd user name' : 'holds a user or password: give them as credentials instead');
  }
  if (/\s/.test(text) || ENCODED_CONTROL.test(text)) throw invalid('holds white space or encoded control characters');
  if (/[?#]/.test(text)) throw invalid('has a query or fragment');
  if (place.split('/').includes('..')) throw invalid('has `..` in its path');
  if (place.startsWith('/-')) throw invalid('has a path that begins with a dash');
  return { transport: scheme, text, host: host.toLowerCase() + (port === undefined ? '' : `:${port}`), path: place };
}

function scpForm(text: string): GitUrl {
  const [, user, host = '', place = ''] = SCP_FORM.exec(text) ?? [];
  // Without a user a single word before the colon is more likely a mistaken scheme (`javascript:`) than a host.
  if (!HOST.test(host) || (user === undefined && !host.includes('.'))) throw invalid('is neither a URL nor an absolute path');
  if (user !== undefined && !USER.test(user)) throw invalid('has an odd user name');
  if (/\s/.test(text) || place.split('/').includes('..')) throw invalid('has white space or `..` in its path');
  if (/^\/?-/.test(place)) throw invalid('has a path that begins with a dash');
  return { transport: 'ssh', text, host: host.toLowerCase(), path: place.startsWith('/') ? place : `/${place}` };
}

function fileUrl(rest: string): GitUrl {
  const [, host = '', encoded = ''] = /^([^/]*)(\/.*)$/.exec(rest) ?? [];
  if (encoded === '' || (host !== '' && host !== 'localhost')) throw invalid('is a file URL of another host or without a path');
  return local(decode(encoded));
}

function local(text: string): GitUrl {
  if (CONTROL.test(text)) throw invalid('holds control characters');
  const normal = path.posix.normalize(text).replace(/(?<=.)\/+$/, '');
  return { transport: 'file', text: normal, host: null, path: normal };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new PluginError('invalid', 'The repository URL has a broken %-escape.', { cause });
  }
}

function invalid(what: string): PluginError {
  return new PluginError('invalid', `The repository URL ${what}.`);
}
