import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const ENVIRONMENT = {
  PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin',
  HOME: '/nonexistent',
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_AUTHOR_DATE: '2026-01-02T03:04:05Z',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
  GIT_COMMITTER_DATE: '2026-01-02T03:04:05Z',
  GIT_ALLOW_PROTOCOL: 'file',
};

/** Runs git as a developer would; returns its output without the last line feed. */
export async function git(folder: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('git', ['-c', 'init.defaultBranch=main', ...args], { cwd: folder, env: ENVIRONMENT, maxBuffer: 1e8 });
  return stdout.trimEnd();
}

/** Runs git with something on its standard input. */
export async function gitWithInput(folder: string, input: string | Buffer, ...args: readonly string[]): Promise<string> {
  const running = promisify(execFile)('git', [...args], { cwd: folder, env: ENVIRONMENT });
  running.child.stdin?.end(input);
  return (await running).stdout.trimEnd();
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
    await git(folder, 'init', '--quiet');
    return new Workshop(folder);
  }

  /** Puts a commit with exactly these files on the branch; returns its id. */
  async commit(branch: string, files: Readonly<Record<string, string | Buffer>>, message = 'a change'): Promise<string> {
    await this.on(branch);
    await git(this.folder, 'rm', '-rqf', '--ignore-unmatch', '--', '.');
    for (const [name, content] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(this.folder, name)), { recursive: true });
      await writeFile(path.join(this.folder, name), content);
    }
    return this.record(message);
  }

  /** Commits whatever lies there now. */
  async record(message = 'a change'): Promise<string> {
    await git(this.folder, 'add', '-A');
    await git(this.folder, 'commit', '--quiet', '--allow-empty', '-m', message);
    return git(this.folder, 'rev-parse', 'HEAD');
  }

  async link(target: string, name: string): Promise<void> {
    await symlink(target, path.join(this.folder, name));
  }

  private async on(branch: string): Promise<void> {
    const head = await git(this.folder, 'symbolic-ref', '--short', 'HEAD');
    if (head === branch) return;
    const exists = await git(this.folder, 'branch', '--list', branch);
    const born = await git(this.folder, 'branch', '--list');
    if (born === '') await git(this.folder, 'symbolic-ref', 'HEAD', `refs/heads/${branch}`);
    else await git(this.folder, 'checkout', '--quiet', '--force', ...(exists === '' ? ['-b', branch] : [branch]), '--');
  }
}

/** A folder for one test file. */
export async function temporaryFolder(): Promise<{ readonly folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'terrarium-git-'));
  return { folder, remove: () => rm(folder, { recursive: true }) };
}
