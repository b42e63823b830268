import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startHintServer, type HintServer } from '../../test/support/hint-server.ts';
import { sshdMissing, startSshd } from '../../test/support/sshd.ts';
import { temporaryFolder, type TemporaryFolder } from '../../test/support/temporary.ts';
import { hookRecipe } from './hook-recipe.ts';
import { Workshop } from './testing/hg-host.ts';
import { startHgServe, type HgServe } from './testing/hg-serve.ts';

const HOOK = "/api/hooks/projects/7?it's=%22$(touch%20x)%22&y=`z`";
const CALL = 'POST /api/hooks/projects/7?it%27s=%22$(touch%20x)%22&y=`z`';

/** Every step is a process of Python, and more than one. */
const PATIENT = { timeout: 120_000 };

describe('the lines for an hgrc', PATIENT, () => {
  let temporary: TemporaryFolder;
  let server: HgServe;
  let hints: HintServer;
  let workshop: Workshop;
  let clone: Workshop;

  beforeEach(async () => {
    temporary = await temporaryFolder();
    hints = await startHintServer();
    workshop = await Workshop.create(temporary.path, 'demo');
    await workshop.commit('default', { 'a.txt': '1' });
    // As if it had been pushed: what was made on the server itself becomes public with the first push, which is a change of its own.
    await workshop.hg('phase', '--public', '--rev', 'tip');
    clone = await workshop.clone(temporary.path, 'clone');
    await settings('');
    server = await startHgServe(temporary.path);
  });
  afterEach(async () => {
    await server.close();
    await hints.close();
    await temporary.remove();
  });

  /** The recipe, and more. */
  async function settings(more: string): Promise<void> {
    await writeFile(path.join(workshop.folder, '.hg', 'hgrc'), `${hookRecipe(`${hints.url}${HOOK}`)}${more}`);
  }

  it('make a push call once, whatever number of changesets, branches and heads is in it', async () => {
    for (const branch of ['default', 'one', 'two']) await clone.commit(branch, { 'a.txt': branch });
    await clone.hg('push', '--quiet', '--new-branch', `${server.url}/demo`);
    await hints.called(1);
    await clone.commit('default', { 'a.txt': 'last' });
    await clone.hg('push', '--quiet', `${server.url}/demo`);
    await hints.called(2);
    expect(hints.calls).toEqual([CALL, CALL]);
    expect((await readdir(workshop.folder)).toSorted()).toEqual(['.hg', 'a.txt']);
  });

  it('make bookmarks and phases call that move by themselves', async () => {
    await settings('[phases]\npublish = false\n');
    await clone.hg('bookmark', '--inactive', '--rev', 'tip', 'mark');
    await clone.hg('push', '--quiet', '--bookmark', 'mark', `${server.url}/demo`).catch(noChanges);
    await hints.called(1);
    await clone.commit('default', { 'a.txt': '2' });
    await clone.hg('push', '--quiet', `${server.url}/demo`);
    await hints.called(2);
    await workshop.hg('phase', '--public', '--rev', 'tip');
    await hints.called(3);
    expect(hints.calls).toEqual([CALL, CALL, CALL]);
  });

  it('hold up no push where nobody answers', async () => {
    hints.silent = true;
    await clone.commit('default', { 'a.txt': '2' });
    await clone.hg('push', '--quiet', `${server.url}/demo`);
    await hints.called(1);
    expect(hints.waiting()).toBe(1);
  });

  it.skipIf(sshdMissing() !== null)('work over ssh, and hold up nothing there either', async () => {
    const sshd = await startSshd();
    const ssh = `ssh -F /dev/null -i ${sshd.privateKeyFile} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR`;
    hints.silent = true;
    await clone.commit('default', { 'a.txt': '2' });
    await clone.hg('push', '--quiet', '--ssh', ssh, `ssh://${sshd.user}@127.0.0.1:${sshd.port}/${workshop.folder}`);
    await hints.called(1);
    expect(hints.calls).toEqual([CALL]);
    expect(hints.waiting()).toBe(1);
    await sshd.close();
  });

  it('call http and https only', () => {
    for (const url of ['', 'file:///etc/passwd', 'javascript:x', 'x y']) {
      expect(() => hookRecipe(url)).toThrow(expect.objectContaining({ code: 'invalid' }));
    }
    expect(hookRecipe('https://ci.example.org/x\nevil = touch x')).not.toMatch(/^evil/m);
    expect(hookRecipe('https://ci.example.org/x')).not.toContain('incoming');
  });
});

/** How hg says that it brought no changeset: what else it did, it did. */
function noChanges(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 1)) throw error;
}
