import { stat } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GitAccessDesk } from './git-access.ts';
import { archiveFiles, type ArchivedRepository } from './git-archive.ts';
import { CheckoutSize } from './git-checkout-size.ts';
import { GitMirror } from './git-mirror.ts';
import { GitProgram } from './git-process.ts';
import { listFiles } from './git-tree.ts';
import { parseGitUrl } from './git-url.ts';
import { Workshop, temporaryFolder } from './testing/git-host.ts';

const signal = AbortSignal.timeout(600_000);

describe('archiveFiles', () => {
  let folder: string;
  let remove: () => Promise<void>;
  let desk: GitAccessDesk;
  let mirror: GitMirror;

  beforeEach(async () => {
    ({ folder, remove } = await temporaryFolder());
    desk = new GitAccessDesk({ folder, unknownHosts: 'refuse', authorities: null });
    mirror = new GitMirror(new GitProgram('git', 600_000), desk, path.join(folder, 'mirror'), parseGitUrl(path.join(folder, 'demo')));
  });
  afterEach(() => remove());

  async function fetched(files: Readonly<Record<string, string>>): Promise<ArchivedRepository> {
    const workshop = await Workshop.create(folder, 'demo');
    const commit = await workshop.commit('main', files);
    const access = await desk.open(mirror.home, mirror.url, null);
    await mirror.ensure(access, { commit, ref: null }, 1, signal);
    return { mirror, commit, branch: null, depth: 1, files: [], submodules: [] };
  }

  it('stops where more is written than the tree has bytes', async () => {
    // Each line feed becomes two bytes.
    const repository = await fetched({ '.gitattributes': '* text eol=crlf\n', 'lines.txt': '\n'.repeat(1_000_000) });
    const limits = { entries: 2, bytes: 1_500_000 };
    const total = new CheckoutSize(limits);
    expect(await listFiles(mirror, repository.commit, total, signal)).toHaveLength(2);
    const file = path.join(folder, 'archive.tar');
    await expect(archiveFiles(repository, '', file, total, signal)).rejects.toMatchObject({ code: 'invalid' });
    expect((await stat(file)).size).toBeLessThanOrEqual(limits.bytes);
    const enough = new CheckoutSize({ entries: 2, bytes: 3_000_000 });
    await archiveFiles(repository, '', file, enough, signal);
    expect((await stat(file)).size).toBeGreaterThan(2_000_000);
    await expect(archiveFiles(repository, '', file, enough, signal)).rejects.toMatchObject({ code: 'invalid' });
  });
});
