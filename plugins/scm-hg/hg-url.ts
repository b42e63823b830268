import { PluginError } from '#plugins/api';
import { parseGitUrl } from '#plugins/kit/git-url';

/** A URL that was found harmless. */
export interface HgUrl {
  readonly transport: 'https' | 'http' | 'ssh' | 'file';
  /** What Mercurial is given, as a URL always. Holds no credentials. */
  readonly text: string;
  /** `host` or `host:port`, lower case; null for `file`. Credentials belong to this and nothing else. */
  readonly host: string | null;
  /** The path at the host, with its leading slash; of `file` the absolute path. */
  readonly path: string;
}

const PREFIX = /^hg\+/i;
const READ = /^(?:(?:https?|ssh|file):\/\/|\/)/i;

/**
 * Reads the URL of a Mercurial repository: an https, http, ssh or file URL or an absolute path behind `hg+`, or an https, http or ssh URL that says itself that it is
 * Mercurial's (see `saysHg`). Everything that could make hg or ssh do something else than talk to that host throws `invalid` with a sentence, which does not repeat the
 * URL: it may hold a secret.
 */
export function parseHgUrl(written: string): HgUrl {
  const plain = written.replace(PREFIX, '');
  if (plain === written && !saysHg(plain)) throw invalid('does not begin with hg+, as those of Mercurial do');
  if (!READ.test(plain)) throw invalid('is of a kind that is not read: after hg+ come https://, http://, ssh://, file:// or an absolute path');
  const { transport, host, path } = parseGitUrl(plain);
  if (transport === 'git') throw invalid('is one of git');
  if (transport === 'file') return { transport, host, path, text: fileText(path) };
  assertPlainPath(path);
  const text = `${transport}://${userOf(plain)}${host}${path}`;
  return { transport, host, path, text };
}

/** Whether `parseHgUrl` would take it. */
export function isHgUrl(text: string): boolean {
  try {
    parseHgUrl(text);
    return true;
  } catch (error) {
    if (error instanceof PluginError) return false;
    throw error;
  }
}

/**
 * Whether a URL without `hg+` can only be meant for Mercurial: one of ssh for the user `hg`, or one whose host's name begins with `hg.`; unless it ends in `.git` or is for
 * the user `git`. A path that begins with `hg/` says nothing: at hosts of git that is the name of an owner.
 */
function saysHg(text: string): boolean {
  const [, scheme = '', user = '', host = ''] = /^(https?|ssh):\/\/(?:([^/@]*)@)?([^/@]+)\//i.exec(text) ?? [];
  if (scheme === '' || user === 'git' || /\.git\/*$/.test(text)) return false;
  return user === 'hg' || /^hg\./i.test(host);
}

/** Mercurial decodes escapes in a path before it gives it to the other side: what must not be there must not be there encoded either. */
function assertPlainPath(path: string): void {
  const decoded = decode(path);
  if (decoded.split('/').includes('..')) throw invalid('has `..` in its path');
  if (/^\/*-/.test(decoded)) throw invalid('has a path that begins with a dash');
  if (/[\u0000-\u001f\u007f]/.test(decoded)) throw invalid('holds control characters');
}

/** Mercurial puts variables of its environment into local paths, and takes what comes after a `#` for a branch. */
function fileText(path: string): string {
  if (path.includes('$')) throw invalid('has a dollar sign in its path, where Mercurial would put in a variable');
  return `file://${path.split('/').map(encodeURIComponent).join('/')}`;
}

/** `hg@`, or nothing. */
function userOf(url: string): string {
  return /^[^/]+\/\/([^/@]*@)/.exec(url)?.[1] ?? '';
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
