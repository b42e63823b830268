import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startHintServer, type HintServer } from '../../test/support/hint-server.ts';
import { sshdMissing, startSshd } from '../../test/support/sshd.ts';
import { hookRecipe } from './hook-recipe.ts';
import { Workshop, git, temporaryFolder } from '#plugins/kit/testing/git-host';

const HOOK = "/api/hooks/projects/7?it's=%22$(touch%20x)%22&y=`z`";
const CALL = 'POST /api/hooks/projects/7?it%27s=%22$(touch%20x)%22&y=`z`';

describe('the post-receive hook', () => {
  let folder: string;
  let removeFolder: () => Promise<void>;
  let hints: HintServer;
  let workshop: Workshop;
  let bare: string;

  beforeEach(async () => {
    ({ folder, remove: removeFolder } = await temporaryFolder());
    hints = await startHintServer();
    workshop = await Workshop.create(folder, 'demo');
    await workshop.commit('main', { 'a.txt': '1' });
    bare = path.join(folder, 'bare.git');
    await git(folder, 'init', '--quiet', '--bare', bare);
    await writeFile(path.join(bare, 'hooks', 'post-receive'), hookRecipe(`${hints.url}${HOOK}`), { mode: 0o755 });
  });
  afterEach(async () => {
    await hints.close();
    await removeFolder();
  });

  it('calls once for a push, however many refs are in it', async () => {
    await git(workshop.folder, 'branch', 'other');
    await git(workshop.folder, 'tag', 'v1');
    await git(workshop.folder, 'push', '--quiet', '--all', bare);
    await hints.called(1);
    await git(workshop.folder, 'push', '--quiet', '--tags', bare);
    await hints.called(2);
    expect(hints.calls).toEqual([CALL, CALL]);
  });

  it.skipIf(sshdMissing() !== null)('works over ssh, and holds up no push where nobody answers', async () => {
    const sshd = await startSshd();
    hints.silent = true;
    const ssh = `ssh -F /dev/null -i ${sshd.privateKeyFile} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR`;
    const env = { PATH: '/usr/bin:/bin', HOME: folder, GIT_CONFIG_NOSYSTEM: '1', GIT_SSH_COMMAND: ssh };
    const url = `ssh://${sshd.user}@127.0.0.1:${sshd.port}${bare}`;
    await promisify(execFile)('git', ['push', '--quiet', url, 'main'], { cwd: workshop.folder, env });
    await hints.called(1);
    expect(hints.calls).toEqual([CALL]);
    expect(hints.waiting()).toBe(1);
    await sshd.close();
  });

  it('calls http and https only', () => {
    for (const url of ['', 'file:///etc/passwd', 'x y']) expect(() => hookRecipe(url)).toThrow(expect.objectContaining({ code: 'invalid' }));
  });
});
