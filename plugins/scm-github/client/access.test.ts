import { generateKeyPairSync } from 'node:crypto';
import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { fakeContext } from '#plugins/api/testing';
import { git } from '#plugins/kit/testing/git-host';
import { GithubConfig } from '../config.ts';
import { GithubProvider } from '../github-provider.ts';
import type { FakeRepository } from '../testing/fake-state.ts';
import { anonymously, byApp, byToken, startSubject, type Subject, type Way } from '../testing/subject.ts';

const signal = AbortSignal.timeout(600_000);
const WHOLE = { depth: 1, submodules: true } as const;

let subject: Subject;
afterEach(() => subject.close());

async function start(way: Way): Promise<void> {
  subject = await startSubject(way);
}

function at(name: string): { readonly url: string; readonly credentials: null } {
  return { url: `${subject.github.url}/${name}`, credentials: null };
}

async function privateRepository(name: string): Promise<FakeRepository> {
  const made = await subject.github.createRepository(name, { isPrivate: true });
  await made.workshop.commit('main', { 'a.txt': name }, 'first');
  return made;
}

describe('a private repository', () => {
  it('is as good as none to who has no credentials', async () => {
    await start(anonymously);
    await privateRepository('ada/secret');
    for (const name of ['ada/secret', 'ada/none'])
      await expect(subject.provider.resolve(at(name), null, signal)).rejects.toMatchObject({
        code: 'not-found',
        message: expect.stringContaining('or it is private'),
      });
    const wrong = { ...at('ada/secret'), credentials: { kind: 'password', user: 'ada', password: 'ghp_hunter2' } as const };
    await expect(subject.provider.resolve(wrong, null, signal)).rejects.toMatchObject({ code: 'unauthorized' });
  });

  it('is read with the token of the instance, or of the project', async () => {
    await start(byToken);
    await privateRepository('ada/secret');
    await privateRepository('bob/secret');
    expect((await subject.provider.resolve(at('ada/secret'), null, signal)).message).toBe('first');
    await expect(subject.provider.resolve(at('bob/secret'), null, signal)).rejects.toMatchObject({ code: 'not-found' });
    const own = { kind: 'password', user: 'bob', password: subject.github.token('bob') } as const;
    expect((await subject.provider.resolve({ ...at('bob/secret'), credentials: own }, null, signal)).message).toBe('first');
  });

  it('is read by the App with a token for just this repository and reading', async () => {
    await start(byApp);
    const secret = await privateRepository('ada/secret');
    await privateRepository('bob/secret');
    subject.github.install('ada');
    expect((await subject.provider.resolve(at('Ada/Secret'), null, signal)).message).toBe('first');
    await subject.provider.resolve(at('Ada/Secret'), null, signal);
    const minted = subject.github.requests.filter(({ what }) => what.endsWith('/access_tokens'));
    expect(minted.map(({ body }) => body)).toEqual([undefined, { repository_ids: [secret.id], permissions: { contents: 'read' } }]);
    subject.github.rename(secret, 'renamed');
    const anew = await subject.open(byApp(subject.github));
    expect((await anew.resolve(at('ada/secret'), null, signal)).message).toBe('first');

    await expect(subject.provider.resolve(at('bob/secret'), null, signal)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('may be another one of the same name by now: it is found after one refusal, with a new token or the old one', async () => {
    await start(byApp);
    const { github, provider } = subject;
    github.install('ada');
    const replace = async (): Promise<void> => {
      github.state.repositories.length = 0;
      await privateRepository('ada/secret');
    };
    await replace();
    await provider.resolve(at('ada/secret'), null, signal);
    await replace();
    await expect(provider.resolve(at('ada/secret'), null, signal)).rejects.toMatchObject({ code: 'not-found' });
    await provider.resolve(at('ada/secret'), null, signal);
    await replace();
    const answer = { status: 422, body: { message: 'There is at least one repository that does not exist' } };
    github.script({ what: 'POST /app/installations', answer });
    await expect(provider.resolve(at('ada/secret'), null, signal)).rejects.toMatchObject({ code: 'not-found' });
    await expect(provider.resolve(at('ada/secret'), null, signal)).rejects.toMatchObject({ code: 'unauthorized' });
    expect((await provider.resolve(at('ada/secret'), null, signal)).message).toBe('first');
  });

  it.each([
    ['a token', byToken],
    ['an App', byApp],
  ])('is not opened to a stranger who names it as a submodule, by %s of the instance', async (_, way) => {
    await start(way);
    await privateRepository('ada/secret');
    const demo = await subject.github.createRepository('ada/demo');
    subject.github.install('ada');
    await demo.workshop.commit('main', { 'a.txt': 'a' }, 'first');
    const commit = await git(subject.github.state.repository('ada', 'secret')?.workshop.folder ?? '', 'rev-parse', 'HEAD');
    await writeFile(path.join(demo.workshop.folder, '.gitmodules'), `[submodule "s"]\n\tpath = s\n\turl = ${subject.github.url}/ada/secret\n`);
    await git(demo.workshop.folder, 'add', '.gitmodules');
    await git(demo.workshop.folder, 'update-index', '--add', '--cacheinfo', `160000,${commit},s`);
    await git(demo.workshop.folder, 'commit', '--quiet', '-m', 'a submodule');
    const change = await subject.provider.resolve(at('ada/demo'), null, signal);
    await expect(subject.provider.checkout(at('ada/demo'), change, WHOLE, signal)).rejects.toMatchObject({
      code: 'unauthorized',
      message: expect.stringContaining('submodule'),
    });
    const own = { ...at('ada/demo'), credentials: { kind: 'password', user: 'ada', password: subject.github.token('ada') } as const };
    expect((await subject.provider.checkout(own, change, WHOLE, signal)).files).toHaveLength(1);
  });
});

describe('the instance', () => {
  it('is as well as its credentials are', async () => {
    await start(anonymously);
    await subject.provider.check(signal);
    subject.github.addUser('ada');
    const { app } = subject.github.state;
    await (await subject.open({ token: subject.github.token('ada') })).check(signal);
    await (await subject.open({ app: { id: app.id, privateKey: app.privateKey } })).check(signal);
    await expect((await subject.open({ token: 'ghp_wrong' })).check(signal)).rejects.toMatchObject({ code: 'unauthorized' });
    await expect((await subject.open({ app: { id: 1, privateKey: app.privateKey } })).check(signal)).rejects.toMatchObject({ code: 'unauthorized' });
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const other = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    await expect((await subject.open({ app: { id: app.id, privateKey: other } })).check(signal)).rejects.toMatchObject({ code: 'unauthorized' });
  });

  it('takes a new token from its file without a restart', async () => {
    await start(anonymously);
    const { github } = subject;
    github.addUser('ada');
    const tokenFile = path.join(subject.context.folder, 'token');
    await writeFile(tokenFile, 'ghp_old\n');
    const provider = await subject.open({ tokenFile });
    await expect(provider.check(signal)).rejects.toMatchObject({ code: 'unauthorized' });
    await writeFile(tokenFile, `${github.token('ada')}\n`);
    await provider.check(signal);
  });

  it('reads the key from its file, once', async () => {
    await start(anonymously);
    const { app } = subject.github.state;
    const privateKeyFile = path.join(subject.context.folder, 'key.pem');
    await writeFile(privateKeyFile, app.privateKey);
    const provider = await subject.open({ app: { id: app.id, privateKeyFile, webhookSecret: 'x' } });
    await chmod(privateKeyFile, 0);
    await writeFile(privateKeyFile, 'gone').catch(() => undefined);
    await provider.check(signal);
    expect(provider.webhooks.secret).toBe('x');
  });

  it.each([
    [{ tokenFile: '/nonexistent/token' }, 'cannot be read'],
    [{ app: { id: 1, privateKeyFile: '/nonexistent/key' } }, 'cannot be read'],
    [{ app: { id: 1, privateKey: 'hunter2' } }, 'PEM'],
    [{ app: { id: 1, privateKey: generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() } }, 'no RSA key'],
  ])('does not start with what cannot be used: %j', async (config, reason) => {
    await start(anonymously);
    const context = await fakeContext(GithubConfig.parse({ webUrl: subject.github.url, ...config }));
    const failure: unknown = await new GithubProvider(context).init(signal).catch((error: unknown) => error);
    await context.remove();
    expect(failure).toMatchObject({ code: 'invalid', message: expect.stringContaining(reason) });
    expect(String(failure)).not.toContain('hunter2');
  });

  it('asks for a new token when the one of an installation expires', async () => {
    await start(byApp);
    const { github, provider } = subject;
    await github.createRepository('ada/demo');
    github.install('ada');
    const soon = { status: 201, body: { token: 'ghs_soon', expires_at: new Date(Date.now() + 60_000).toISOString() } };
    github.state.tokens.set('ghs_soon', {
      kind: 'installation',
      installation: github.state.installations[0] ?? github.install('ada'),
      repositoryIds: null,
      permissions: { pull_requests: 'read' },
      expiresAt: Date.now() + 60_000,
    });
    github.script({ what: 'POST /app/installations', answer: soon });
    for (let time = 0; time < 3; time += 1) await provider.pullRequests.open(at('ada/demo'), signal);
    expect(github.requests.filter(({ what }) => what.endsWith('/access_tokens'))).toHaveLength(2);
  });

  it('says who is wrong: an installation that is suspended or gone', async () => {
    await start(byApp);
    const { github, provider } = subject;
    await github.createRepository('ada/demo');
    const installation = github.install('ada');
    installation.isSuspended = true;
    await expect(provider.pullRequests.open(at('ada/demo'), signal)).rejects.toMatchObject({
      code: 'unauthorized',
      message: expect.stringContaining('suspended'),
    });
    github.state.installations.length = 0;
    await expect(provider.pullRequests.open(at('ada/demo'), signal)).rejects.toMatchObject({
      code: 'unauthorized',
      message: expect.stringContaining('no longer installed'),
    });
    expect(await provider.pullRequests.open(at('ada/demo'), signal)).toEqual([]);
  });
});

describe('whoever asks', () => {
  it('names the program and the version of the API', async () => {
    await start(byToken);
    await subject.provider.check(signal);
    expect(subject.github.requests[0]?.headers).toMatchObject({
      'user-agent': expect.stringMatching(/^terrarium /),
      'x-github-api-version': '2022-11-28',
      authorization: expect.stringMatching(/^token ghp_/),
    });
  });

  it('is refused another host’s URL before anything is sent', async () => {
    await start(byToken);
    const other = { url: 'https://other.example.org/ada/demo', credentials: null };
    const { provider } = subject;
    await expect(provider.refs(other, signal)).rejects.toMatchObject({ code: 'invalid' });
    await expect(provider.pullRequests.open(other, signal)).rejects.toMatchObject({ code: 'invalid' });
    await expect(provider.webhooks.remove(other, 'https://x.example.org', signal)).rejects.toMatchObject({ code: 'invalid' });
    await expect(provider.people.permission(other, { id: '1', name: 'ada' }, signal)).rejects.toMatchObject({ code: 'invalid' });
    expect(subject.github.requests).toEqual([]);
  });
});
