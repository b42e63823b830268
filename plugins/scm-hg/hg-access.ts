import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, realpath, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { PluginError, type RepositoryCredentials } from '#plugins/api';
import { PROGRAMS, assertFits, passwordSecrets } from '#plugins/kit/credentials';
import { SSH_COMMAND, makeIdentity, prepareKeys } from '#plugins/kit/ssh-identity';
import type { HgUrl } from './hg-url.ts';

/** How hg is run for one repository, with its credentials ready. Must be closed. */
export interface HgAccess {
  readonly env: Readonly<Record<string, string>>;
  /** What must not appear in errors and logs. */
  readonly secrets: readonly string[];
  /** Removes the files of the credentials. */
  close(): Promise<void>;
}

interface HgAccessOptions {
  /** The instance's private folder. */
  readonly folder: string;
  /** What to do with an ssh host that the credentials give no key of: remember its key at first sight, or refuse. */
  readonly unknownHosts: 'remember' | 'refuse';
  /** A PEM file with the certificate authorities to trust for https; null: the system's. */
  readonly authorities: string | null;
}

const SETTINGS = 'hgrc';

/** Keeps the files that hg needs beside a repository: settings of its own in place of everybody's, credentials while they are used. */
export class HgAccessDesk {
  private readonly options: HgAccessOptions;
  private ready: Promise<string> | null = null;

  constructor(options: HgAccessOptions) {
    this.options = options;
  }

  /** Makes hg ready to run in `home` for a repository. Throws `invalid` for credentials that do not fit, or that Mercurial cannot use. */
  async open(home: string, url: HgUrl, credentials: RepositoryCredentials | null): Promise<HgAccess> {
    const folder = await this.prepare();
    if (credentials !== null) assertFits(url, credentials);
    const base = environment(home);
    if (credentials?.kind === 'password') return this.withPassword(folder, home, url, credentials);
    if (url.transport !== 'ssh') return { env: base, secrets: [], close: nothing };
    const identity = await makeIdentity(folder, credentials, this.options.unknownHosts);
    return { ...identity, env: { ...base, ...identity.env } };
  }

  /** Writes the settings of a repository's hg into `home`. */
  async writeHome(home: string): Promise<void> {
    await this.prepare();
    await mkdir(home, { recursive: true, mode: 0o700 });
    const authorities = this.options.authorities === null ? '' : `[web]\ncacerts = ${this.options.authorities}\n`;
    await writeFile(path.join(home, SETTINGS), `${CONFIGURATION}terrarium_fetch = ${extensionFile()}\n${authorities}`);
  }

  private prepare(): Promise<string> {
    this.ready ??= realpath(this.options.folder).then(async (folder) => {
      await prepareKeys(folder);
      return folder;
    });
    return this.ready;
  }

  /** Mercurial takes a password from its settings, whose lines it trims; variables of the environment are put into the user's name, so that is where the name comes from. */
  private async withPassword(folder: string, home: string, url: HgUrl, credentials: { user: string; password: string }): Promise<HgAccess> {
    const { user, password } = credentials;
    if (!/^[ -~]+$/.test(user + password) || password.trim() !== password || password === '' || /^~|^$/.test(user)) {
      throw new PluginError(
        'invalid',
        'Mercurial can sign in only with ASCII characters, no blank at an end of the password, and no ~ in front of the user.',
      );
    }
    const own = path.join(folder, 'keys', randomUUID());
    await mkdir(own, { mode: 0o700 });
    // The slash at the end keeps the password from a host whose name only begins with this one.
    const lines = [`prefix = ${url.transport}://${url.host}/`, 'username = ${TERRARIUM_HG_USER}', `password = ${password}`];
    await writeFile(path.join(own, SETTINGS), `[auth]\n${lines.map((line) => `own.${line}\n`).join('')}`, { mode: 0o600 });
    const files = `${SETTINGS}:${path.relative(home, path.join(own, SETTINGS))}`;
    const env = { ...environment(home), TERRARIUM_HG_USER: user, HGRCPATH: files };
    return { env, secrets: passwordSecrets(user, password), close: () => rm(own, { recursive: true, force: true }) };
  }
}

/**
 * The environment of an hg that talks to nobody. It must run in `home`: HGRCPATH, whose parts a colon separates, names files from there. HGRCSKIPREPO keeps hg from the settings
 * of repositories on this disk, and so from their hooks and extensions.
 */
export function environment(home: string): Record<string, string> {
  return {
    PATH: PROGRAMS,
    HOME: home,
    LC_ALL: 'C',
    HGPLAIN: '1',
    HGENCODING: 'utf-8',
    HGRCPATH: SETTINGS,
    HGRCSKIPREPO: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONNOUSERSITE: '1',
  };
}

/** Where the extension is: in the source tree, also when this runs compiled, for the build copies nothing. */
function extensionFile(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, 'package.json'))) {
    if (path.dirname(folder) === folder) throw new Error('The extension for Mercurial is not there: no package.json above this file.');
    folder = path.dirname(folder);
  }
  return path.join(folder, 'plugins', 'scm-hg', 'terrarium_fetch.py');
}

async function nothing(): Promise<void> {}

// Bundles that a host keeps elsewhere are not fetched, and no extension is loaded because a repository asks for it. The last section is gone on with.
const CONFIGURATION = `[ui]
interactive = false
clonebundles = false
merge = internal:fail
timeout = 60
remotecmd = hg
ssh = ${SSH_COMMAND}
[http]
timeout = 60
[subrepos]
allowed = false
[worker]
enabled = false
[extensions]
git = !
largefiles = !
lfs = !
`;
