import { execFile } from 'node:child_process';
import { mkdir, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** Nobody's settings, and no hook or extension of anybody but those of the repositories themselves. */
export const ENVIRONMENT = {
  PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin',
  HOME: '/nonexistent',
  LC_ALL: 'C',
  HGRCPATH: '',
  HGPLAIN: '1',
  HGENCODING: 'utf-8',
  HGUSER: 'Ada <ada@example.org>',
};

/** Runs hg as a developer would; returns its output without the last line feed. */
export async function hg(folder: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('hg', [...args], { cwd: folder, env: ENVIRONMENT, maxBuffer: 1e8 });
  return stdout.trimEnd();
}

/** A developer's repository with a work tree. */
export class Workshop {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  static async create(parent: string, name: string): Promise<Workshop> {
    const folder = path.join(parent, name);
    await mkdir(folder, { recursive: true });
    await hg(folder, 'init', '.');
    return new Workshop(folder);
  }

  /** Where somebody else works on the same repository. */
  async clone(parent: string, name: string): Promise<Workshop> {
    await hg(parent, 'clone', '--quiet', this.folder, name);
    return new Workshop(path.join(parent, name));
  }

  hg(...args: readonly string[]): Promise<string> {
    return hg(this.folder, ...args);
  }

  /** Puts a changeset with exactly these files on the branch; returns its id. */
  async commit(branch: string, files: Readonly<Record<string, string | Buffer>>, message = 'a change'): Promise<string> {
    await this.on(branch);
    for (const name of await readdir(this.folder))
      if (name !== '.hg' && name !== '.hgtags') await rm(path.join(this.folder, name), { recursive: true });
    for (const [name, content] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(this.folder, name)), { recursive: true });
      await writeFile(path.join(this.folder, name), content);
    }
    return this.record(message);
  }

  /** Commits whatever lies there now. Returns its id. */
  async record(message = 'a change'): Promise<string> {
    await this.hg('commit', '--quiet', '--addremove', '--message', message);
    return this.id('.');
  }

  /** Tags a changeset, which is a change on the default branch of ours. Returns the id of what is tagged. */
  async tag(branch: string, name: string, commit: string): Promise<string> {
    await this.on(branch);
    await this.hg('tag', '--force', '--rev', commit, '--', name);
    return commit;
  }

  async link(target: string, name: string): Promise<void> {
    await symlink(target, path.join(this.folder, name));
  }

  /** The full id of a revision. */
  id(revision: string): Promise<string> {
    return this.hg('log', '--rev', revision, '--template', '{node}');
  }

  /** The branch of the next changeset, as hg keeps it: a process less for each. */
  private async branch(): Promise<string> {
    return readFile(path.join(this.folder, '.hg', 'branch'), 'utf8').then(
      (text) => text.trimEnd(),
      (error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'default';
        throw error;
      },
    );
  }

  private async on(branch: string): Promise<void> {
    if ((await this.branch()) === branch) return;
    const known = (await this.hg('branches', '--closed', '--template', '{branch}\n')).split('\n');
    if (known.includes(branch)) await this.hg('update', '--clean', '--rev', branch);
    else await this.hg('branch', '--', branch);
  }
}
