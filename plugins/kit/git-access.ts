import { mkdir, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { RepositoryCredentials } from '#plugins/api';
import { PROGRAMS, assertFits, passwordSecrets } from './credentials.ts';
import type { GitUrl } from './git-url.ts';
import { SSH_COMMAND, makeIdentity, prepareKeys } from './ssh-identity.ts';

/** How git is run for one repository, with its credentials ready. Must be closed. */
export interface GitAccess {
  readonly env: Readonly<Record<string, string>>;
  /** Settings of git for talks with the host, `name=value`, besides those that hold for all; none of them secret. */
  readonly settings: readonly string[];
  /** What must not appear in errors and logs. */
  readonly secrets: readonly string[];
  /** Removes the files of the credentials. */
  close(): Promise<void>;
}

type SignedIn = Omit<GitAccess, 'settings'>;

export interface GitAccessOptions {
  /** The instance's private folder. */
  readonly folder: string;
  /** What to do with an ssh host that the credentials give no key of: remember its key at first sight, or refuse. */
  readonly unknownHosts: 'remember' | 'refuse';
  /** A PEM file with the certificate authorities to trust for https; null: the system's. */
  readonly authorities: string | null;
}

// The prompts end in `'https://host': ` or `'https://user@host': ` (git writes the user percent-encoded). A host that we were
// redirected to is asked about under its own name and gets nothing.
const ASKPASS = `#!/bin/sh
case "$1" in
  *"//$TERRARIUM_GIT_HOST': " | *"@$TERRARIUM_GIT_HOST': ") ;;
  *) exit 1 ;;
esac
case "$1" in
  Username*) printf '%s\\n' "$TERRARIUM_GIT_USER" ;;
  Password*) printf '%s\\n' "$TERRARIUM_GIT_PASSWORD" ;;
  *) exit 1 ;;
esac
`;

/** Keeps the files that git needs beside a repository: a home without anybody's settings, the askpass helper, keys while they are used. */
export class GitAccessDesk {
  private readonly options: GitAccessOptions;
  private ready: Promise<string> | null = null;

  constructor(options: GitAccessOptions) {
    this.options = options;
  }

  /**
   * Makes git ready for a repository. `home` is its own folder for git's global configuration; `settings` are those of `GitAccess`. Throws `invalid` for credentials that
   * do not fit.
   */
  async open(home: string, url: GitUrl, credentials: RepositoryCredentials | null, settings: readonly string[] = []): Promise<GitAccess> {
    return { ...(await this.signIn(home, url, credentials)), settings };
  }

  private async signIn(home: string, url: GitUrl, credentials: RepositoryCredentials | null): Promise<SignedIn> {
    const folder = await this.prepare();
    const base = { ...(await this.environment(home)), GIT_ALLOW_PROTOCOL: url.transport === 'http' ? 'http:https' : url.transport };
    if (credentials === null) return url.transport === 'ssh' ? this.withKey(folder, base, null) : { env: base, secrets: [], close: nothing };
    assertFits(url, credentials);
    if (credentials.kind === 'ssh-key') return this.withKey(folder, base, credentials);
    const { user, password } = credentials;
    const answers = { TERRARIUM_GIT_HOST: url.host ?? '', TERRARIUM_GIT_USER: user, TERRARIUM_GIT_PASSWORD: password };
    return { env: { ...base, ...answers, GIT_ASKPASS: path.join(folder, 'askpass') }, secrets: passwordSecrets(user, password), close: nothing };
  }

  /** The environment of a git that talks to nobody. */
  async environment(home: string): Promise<Record<string, string>> {
    await this.prepare();
    return {
      PATH: PROGRAMS,
      HOME: home,
      LC_ALL: 'C',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: path.join(home, '.gitconfig'),
      GIT_ATTR_NOSYSTEM: '1',
      GIT_CEILING_DIRECTORIES: path.dirname(home),
      GIT_TERMINAL_PROMPT: '0',
      GIT_ASKPASS: '',
      SSH_ASKPASS: '',
      GIT_ALLOW_PROTOCOL: '',
      GIT_PROTOCOL_FROM_USER: '0',
      GIT_NO_LAZY_FETCH: '1',
      GIT_NO_REPLACE_OBJECTS: '1',
    };
  }

  /** Writes the global configuration of a repository's git into `home`. */
  async writeHome(home: string, url: GitUrl): Promise<void> {
    await mkdir(home, { recursive: true, mode: 0o700 });
    const authorities = this.options.authorities === null ? '' : `[http]\n\tsslCAInfo = ${quote(this.options.authorities)}\n`;
    await writeFile(path.join(home, '.gitconfig'), CONFIGURATION + authorities + (await safeDirectories(url)));
  }

  private prepare(): Promise<string> {
    this.ready ??= prepareFolder(this.options.folder);
    return this.ready;
  }

  private async withKey(
    folder: string,
    base: Record<string, string>,
    key: { privateKey: string; knownHosts: string | null } | null,
  ): Promise<SignedIn> {
    const identity = await makeIdentity(folder, key, this.options.unknownHosts);
    return { ...identity, env: { ...base, ...identity.env, GIT_SSH_COMMAND: SSH_COMMAND, GIT_SSH_VARIANT: 'ssh' } };
  }
}

/** The arguments before git's command that make the settings of an access hold. */
export function settingArguments({ settings }: GitAccess): string[] {
  return settings.flatMap((setting) => ['-c', setting]);
}

async function prepareFolder(folder: string): Promise<string> {
  const real = await realpath(folder);
  await prepareKeys(real);
  await writeFile(path.join(real, 'askpass'), ASKPASS, { mode: 0o700 });
  return real;
}

/** Git trusts a local repository of another user only if its exact path is named: the path given, its `.git`, and where they really are. */
async function safeDirectories(url: GitUrl): Promise<string> {
  if (url.transport !== 'file') return '';
  const given = [url.path, path.join(url.path, '.git'), `${url.path}.git`];
  const real = await Promise.all(given.map((each) => realpath(each).catch(() => each)));
  const lines = [...new Set([...given, ...real])].map((each) => `\tdirectory = ${quote(each)}\n`);
  return `[safe]\n${lines.join('')}`;
}

function quote(value: string): string {
  return `"${value.replace(/["\\]/g, String.raw`\$&`)}"`;
}

async function nothing(): Promise<void> {}

// The messages of fsck that are lowered are harmless and common in old histories; those raised make trees that no checkout should see.
const CONFIGURATION = `[core]
	hooksPath = /dev/null
	fsmonitor =
	multiPackIndex = true
	attributesFile = /dev/null
	excludesFile = /dev/null
[credential]
	helper =
[protocol]
	version = 2
	allow = never
[http]
	followRedirects = initial
	lowSpeedLimit = 1
	lowSpeedTime = 60
[gc]
	auto = 0
[maintenance]
	auto = false
[submodule]
	recurse = false
[transfer]
	fsckObjects = true
	unpackLimit = 1
[fetch]
	fsckObjects = true
	unpackLimit = 1
	writeCommitGraph = false
	recurseSubmodules = false
[fetch "fsck"]
	badTimezone = ignore
	missingSpaceBeforeDate = ignore
	missingNameBeforeEmail = ignore
	missingEmail = ignore
	zeroPaddedFilemode = ignore
	badFilemode = ignore
	hasDot = error
	hasDotdot = error
	hasDotgit = error
	fullPathname = error
	emptyName = error
	nullSha1 = error
	gitmodulesSymlink = error
	gitmodulesPath = error
	gitmodulesName = error
	gitmodulesUrl = error
	gitmodulesUpdate = error
[tar]
	umask = 0022
`;
