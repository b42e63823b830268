import { readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startHintServer } from '../../test/support/hint-server.ts';
import { endLeftovers } from '../../test/support/leftovers.ts';
import { spyingProgram } from '../../test/support/spying-program.ts';
import { temporaryFolder, type TemporaryFolder } from '../../test/support/temporary.ts';
import type { Repository } from '#plugins/api';
import { fakeContext, layOut, type FakeContext } from '#plugins/api/testing';
import { HgConfig } from './config.ts';
import { HgProvider } from './hg-provider.ts';
import { startFront, type Front } from './testing/front.ts';
import { Workshop, hg } from './testing/hg-host.ts';
import { startHgServe, type HgServe } from './testing/hg-serve.ts';

const signal = AbortSignal.timeout(600_000);
const PLAIN = { depth: null, submodules: false };
const PASSWORD = 'pa$$ "w0rd\'`id`=;#%${HOME}';

/** Makes a server of Mercurial say that its changesets are at another address. */
const ELSEWHERE = `from mercurial import exchange

def part(bundler, *args, **kwargs):
    elsewhere = bundler.newpart(b'remote-changegroup')
    elsewhere.addparam(b'url', b'URL')
    elsewhere.addparam(b'size', b'10')

exchange.getbundle2partsmapping[b'changegroup'] = part
`;

/** Every step is a process of Python. */
const PATIENT = { timeout: 120_000 };

describe('over http', PATIENT, () => {
  let temporary: TemporaryFolder;
  let server: HgServe;
  let front: Front;
  let context: FakeContext<HgConfig>;
  let provider: HgProvider;
  let workshop: Workshop;

  beforeEach(async () => {
    temporary = await temporaryFolder();
    server = await startHgServe(temporary.path);
    front = await startFront(server.url);
    context = await fakeContext(HgConfig.parse({ revisionsAtOnce: 10 }));
    provider = new HgProvider(context);
    workshop = await Workshop.create(temporary.path, 'demo');
    await workshop.commit('default', { 'a.txt': '1' }, 'first');
  });
  afterEach(async () => {
    await provider.close();
    await front.close();
    await server.close();
    await context.remove();
    await temporary.remove();
  });

  const place = (password: string | null, user = 'ada$HOME'): Repository => ({
    url: `hg+${front.url}/demo`,
    credentials: password === null ? null : { kind: 'password', user, password },
  });

  it('reads a public repository without credentials, and asks once for what it knows', async () => {
    const change = await provider.resolve(place(null), null, signal);
    expect(change).toMatchObject({ branch: 'default', message: 'first', repository: 'demo', author: 'Ada' });
    const tree = await layOut(await provider.checkout(place(null), change, PLAIN, signal));
    expect(await readFile(path.join(tree.folder, 'a.txt'), 'utf8')).toBe('1');
    await tree.remove();
    expect(front.commands.filter((command) => command === 'getbundle')).toHaveLength(1);
    const before = front.commands.length;
    await provider.readFiles(place(null), change.commit, ['a.txt'], signal);
    expect(front.commands).toHaveLength(before);
    await provider.resolve(place(null), null, signal);
    expect(front.commands.slice(before)).toEqual(['capabilities', 'branchmap', 'listkeys']);
  });

  it('sees what is pushed through the server', async () => {
    const first = await provider.resolve(place(null), null, signal);
    await hg(temporary.path, 'clone', '--quiet', `${server.url}/demo`, 'clone');
    const clone = new Workshop(path.join(temporary.path, 'clone'));
    const second = await clone.commit('side', { 'a.txt': '2' });
    await clone.hg('bookmark', 'mark');
    await clone.hg('push', '--quiet', '--new-branch', '--bookmark', 'mark');
    expect((await provider.refs(place(null), signal)).refs).toEqual([
      { kind: 'branch', name: 'default', commit: first.commit },
      { kind: 'branch', name: 'side', commit: second },
      { kind: 'branch', name: 'mark', commit: second },
    ]);
  });

  it('reads a private one, and the password is nowhere to be seen', async () => {
    front.password = { user: 'ada$HOME', password: PASSWORD };
    const spy = await spyingProgram('hg', temporary.path, { processes: true });
    const spied = new HgProvider({ ...context, config: { ...context.config, program: spy.program } });
    const change = await spied.resolve(place(PASSWORD), null, signal);
    const plan = await spied.checkout(place(PASSWORD), change, PLAIN, signal);
    const lines = await spy.lines();
    expect(lines.some((line) => line.includes('terrarium-fetch'))).toBe(true);
    const forms = [PASSWORD, encodeURIComponent(PASSWORD), Buffer.from(`ada$HOME:${PASSWORD}`).toString('base64')];
    const everything = [lines.join('\n'), JSON.stringify(context.lines), JSON.stringify(plan), ...(await contents(context.folder))];
    for (const text of everything) for (const form of forms) expect(text).not.toContain(form);
    expect(everything.length).toBeGreaterThan(8);
    expect(await readdir(path.join(context.folder, 'keys'))).toEqual([]);
  });

  it.each([null, 'hunter2'])('says unauthorized for the password %j, without repeating it', async (password) => {
    front.password = { user: 'ada$HOME', password: PASSWORD };
    const failure = await provider.resolve(place(password), null, signal).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'unauthorized' });
    expect(String(failure)).not.toContain('hunter2');
  });

  it('gives nothing out of the mirror to who cannot open the repository', async () => {
    front.password = { user: 'ada$HOME', password: PASSWORD };
    const change = await provider.resolve(place(PASSWORD), null, signal);
    for (const credentials of [place(null), place('wrong')]) {
      await expect(provider.readFiles(credentials, change.commit, ['a.txt'], signal)).rejects.toMatchObject({ code: 'unauthorized' });
      await expect(provider.checkout(credentials, change, PLAIN, signal)).rejects.toMatchObject({ code: 'unauthorized' });
    }
  });

  it('does not give the password to a host it is sent to', async () => {
    const thief = await startFront(server.url);
    thief.password = { user: 'ada$HOME', password: PASSWORD };
    front.redirect = thief.url;
    await expect(provider.resolve(place(PASSWORD), null, signal)).rejects.toMatchObject({ code: 'unauthorized' });
    expect(thief.seen.length).toBeGreaterThan(0);
    expect(thief.seen.filter((header) => header !== '')).toEqual([]);
    await thief.close();
  });

  it('fetches nothing from where a host sends it for what it offers itself', async () => {
    const elsewhere = await startHintServer();
    const extension = path.join(temporary.path, 'elsewhere.py');
    await writeFile(extension, ELSEWHERE.replace('URL', `${elsewhere.url}/part`));
    await writeFile(path.join(workshop.folder, '.hg', 'hgrc'), `[extensions]\nelsewhere = ${extension}\n`);
    await expect(provider.refs(place(null), signal)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('remote-changegroup'),
    });
    expect(elsewhere.calls).toEqual([]);
    await elsewhere.close();
  });

  it('says not-found for what is no repository, and unavailable for a host that is away', async () => {
    await expect(provider.refs({ url: `hg+${server.url}/none`, credentials: null }, signal)).rejects.toMatchObject({ code: 'not-found' });
    await expect(provider.refs({ url: `hg+${server.url}/`, credentials: null }, signal)).rejects.toMatchObject({ code: 'not-found' });
    await expect(provider.refs({ url: 'hg+http://127.0.0.1:1/x', credentials: null }, signal)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('refuses credentials that do not fit, or that Mercurial cannot use', async () => {
    const key: Repository = { url: place(null).url, credentials: { kind: 'ssh-key', privateKey: 'x', knownHosts: null } };
    const refused = [key, place('a\nb'), place('ü'), place(' x'), place('x '), place(''), place('x', '~root'), place('x', ''), place('x', 'ü')];
    for (const each of refused) await expect(provider.refs(each, signal)).rejects.toMatchObject({ code: 'invalid' });
    expect(front.seen).toEqual([]);
  });

  it('goes on with a first pull that broke off, where it was', async () => {
    const long = await Workshop.create(temporary.path, 'long');
    await long.hg('debugbuilddag', '+35');
    const head = await long.id('tip');
    const repository: Repository = { url: `hg+${front.url}/long`, credentials: null };
    front.bundles = 2;
    await expect(provider.resolve(repository, null, signal)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await revisions()).toBe(22);
    front.bundles = 1;
    const restarted = new HgProvider(context);
    await expect(restarted.resolve(repository, null, signal)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await revisions()).toBe(33);
    front.bundles = 1;
    expect((await restarted.resolve(repository, null, signal)).commit).toBe(head);
    expect(await revisions()).toBe(35);
  });

  it('stops at a silent host when told to, or when the time is over', async () => {
    front.silent = true;
    const controller = new AbortController();
    const waiting = provider.refs(place(null), controller.signal);
    while (front.seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    expect(await endLeftovers(context.folder)).toEqual([]);
    const impatient = new HgProvider({ ...context, config: { ...context.config, timeoutSeconds: 2 } });
    await expect(impatient.refs(place(null), signal)).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('took longer') });
    expect(await endLeftovers(context.folder)).toEqual([]);
  });

  /** How many are in the mirror. */
  async function revisions(): Promise<number> {
    const [name = ''] = await readdir(path.join(context.folder, 'repositories'));
    const mirror = path.join(context.folder, 'repositories', name, 'hg');
    return Number(await hg(mirror, 'log', '--rev', 'tip', '--template', '{rev}')) + 1;
  }
});

/** The names and bytes of all files below a folder. */
async function contents(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return Promise.all(files.map(async (file) => `${file}\n${await readFile(file, 'utf8')}`));
}
