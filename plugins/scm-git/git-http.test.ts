import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Repository } from '#plugins/api';
import { fakeContext, layOut, type FakeContext } from '#plugins/api/testing';
import { GitConfig } from './config.ts';
import { GitProvider } from './git-provider.ts';
import { Workshop, git, temporaryFolder } from '#plugins/kit/testing/git-host';
import { startHttpGit, type HttpGitServer } from '#plugins/kit/testing/http-git-server';
import { spyingGit } from '#plugins/kit/testing/spying-git';

const signal = AbortSignal.timeout(600_000);
const PASSWORD = 'pä$$ "w0rd\'`id`';

describe('over http', () => {
  let folder: string;
  let removeFolder: () => Promise<void>;
  let server: HttpGitServer;
  let context: FakeContext<GitConfig>;
  let provider: GitProvider;
  let workshop: Workshop;

  beforeEach(async () => {
    ({ folder, remove: removeFolder } = await temporaryFolder());
    server = await startHttpGit(folder);
    context = await fakeContext(GitConfig.parse({ depth: 2 }));
    provider = new GitProvider(context);
    workshop = await Workshop.create(folder, 'demo');
    await workshop.commit('main', { 'a.txt': '1' }, 'first');
  });
  afterEach(async () => {
    await provider.close();
    await server.close();
    await context.remove();
    await removeFolder();
  });

  const place = (password: string | null): Repository => ({
    url: `${server.url}/demo/.git`,
    credentials: password === null ? null : { kind: 'password', user: 'ada', password },
  });

  it('reads a public repository without credentials', async () => {
    const change = await provider.resolve(place(null), null, signal);
    expect(change).toMatchObject({ branch: 'main', message: 'first', repository: 'demo' });
    const tree = await layOut(await provider.checkout(place(null), change, { depth: 1, submodules: false }, signal));
    expect(await readFile(path.join(tree.folder, 'a.txt'), 'utf8')).toBe('1');
    await tree.remove();
  });

  it('reads a private one, and the password is nowhere to be seen', async () => {
    server.password = { user: 'ada', password: PASSWORD };
    const spy = await spyingGit(folder, { processes: true });
    const spied = new GitProvider({ ...context, config: { ...context.config, program: spy.program } });
    const change = await spied.resolve(place(PASSWORD), null, signal);
    const plan = await spied.checkout(place(PASSWORD), change, { depth: 1, submodules: false }, signal);
    const lines = await spy.lines();
    expect(lines.some((line) => line.includes('remote-http'))).toBe(true);
    const forms = [PASSWORD, encodeURIComponent(PASSWORD), Buffer.from(`ada:${PASSWORD}`).toString('base64')];
    const everything = [lines.join('\n'), JSON.stringify(context.lines), JSON.stringify(plan), ...(await contents(context.folder))];
    for (const text of everything) for (const form of forms) expect(text).not.toContain(form);
    expect(everything.length).toBeGreaterThan(8);
  });

  it.each([null, 'hunter2'])('says unauthorized for the password %j, without repeating it', async (password) => {
    server.password = { user: 'ada', password: PASSWORD };
    const failure = await provider.resolve(place(password), null, signal).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'unauthorized' });
    expect(String(failure)).not.toContain('hunter2');
  });

  it('gives nothing out of the mirror to who cannot open the repository', async () => {
    server.password = { user: 'ada', password: PASSWORD };
    const change = await provider.resolve(place(PASSWORD), null, signal);
    for (const credentials of [place(null), place('wrong')]) {
      await expect(provider.readFiles(credentials, change.commit, ['a.txt'], signal)).rejects.toMatchObject({ code: 'unauthorized' });
      await expect(provider.checkout(credentials, change, { depth: 1, submodules: false }, signal)).rejects.toMatchObject({ code: 'unauthorized' });
    }
  });

  it('does not give the password to a host it is sent to', async () => {
    const thief = await startHttpGit(folder);
    thief.password = { user: 'ada', password: PASSWORD };
    server.redirect = thief.url;
    await expect(provider.resolve(place(PASSWORD), null, signal)).rejects.toMatchObject({ code: 'unauthorized' });
    expect(thief.seen.length).toBeGreaterThan(0);
    expect(thief.seen.filter((header) => header !== '')).toEqual([]);
    await thief.close();
  });

  it('says not-found for a repository that is not there and unavailable for a host that is away', async () => {
    await expect(provider.refs({ url: `${server.url}/none.git`, credentials: null }, signal)).rejects.toMatchObject({ code: 'not-found' });
    await expect(provider.refs({ url: 'http://127.0.0.1:1/x.git', credentials: null }, signal)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('refuses credentials that do not fit', async () => {
    const key: Repository = { url: place(null).url, credentials: { kind: 'ssh-key', privateKey: 'x', knownHosts: null } };
    await expect(provider.refs(key, signal)).rejects.toMatchObject({ code: 'invalid' });
    await expect(provider.refs(place('a\nb'), signal)).rejects.toMatchObject({ code: 'invalid' });
  });

  it.each([true, false])('fetches a commit that the branch has left behind only where the host gives it out (protocol 2: %s)', async (modern) => {
    server.modern = modern;
    const left = await workshop.commit('main', { 'a.txt': '2' }, 'left behind');
    await git(workshop.folder, 'reset', '--quiet', '--hard', 'HEAD~1');
    const head = await workshop.commit('main', { 'a.txt': '3' }, 'forced');
    expect((await provider.resolve(place(null), 'main', signal)).commit).toBe(head);
    const asked = provider.resolve(place(null), left, signal);
    if (modern) expect((await asked).message).toBe('left behind');
    else await expect(asked).rejects.toMatchObject({ code: 'not-found', message: expect.stringContaining('force-pushed') });
  });

  it('finds an older commit of a branch at a host that gives out refs only', async () => {
    server.modern = false;
    const older = await git(workshop.folder, 'rev-parse', 'HEAD');
    await workshop.commit('main', { 'a.txt': '2' }, 'second');
    expect((await provider.resolve(place(null), older, signal)).message).toBe('first');
  });

  it('stops at a silent host when told to, or when the time is over', async () => {
    server.silent = true;
    const controller = new AbortController();
    const waiting = provider.refs(place(null), controller.signal);
    while (server.seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect(await processesWith(server.url)).toEqual([]);
    const impatient = new GitProvider({ ...context, config: { ...context.config, timeoutSeconds: 0.2 } });
    await expect(impatient.refs(place(null), signal)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await processesWith(server.url)).toEqual([]);
  });
});

/** The names and bytes of all files below a folder. */
async function contents(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return Promise.all(files.map(async (file) => `${file}\n${await readFile(file, 'utf8')}`));
}

/** The command lines of running processes that hold `text`. */
async function processesWith(text: string): Promise<string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'latin1').catch(() => '')));
  return lines.filter((line) => line.includes(text));
}
