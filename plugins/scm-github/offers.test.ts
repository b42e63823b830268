import { afterEach, describe, expect, it } from 'vitest';
import type { FakeRepository } from './testing/fake-state.ts';
import { anonymously, byApp, byToken, startSubject, type Subject } from './testing/subject.ts';

const signal = AbortSignal.timeout(600_000);

describe('repositories to choose from', () => {
  let subject: Subject;
  afterEach(() => subject.close());

  function add(like: FakeRepository, count: number): void {
    const { repositories } = subject.github.state;
    for (let index = 0; index < count; index += 1) repositories.push({ ...like, id: 10_000 + index, name: `copy-${index}` });
  }

  it('are those that the token may write to', async () => {
    subject = await startSubject(byToken);
    const { github, provider } = subject;
    await github.createRepository('ada/demo', { isPrivate: true, description: ' Two\nlines ' });
    await github.createRepository('bob/public');
    (await github.createRepository('bob/shared')).collaborators.set('ada', 'write');
    expect(await provider.repositories(signal)).toEqual([
      { url: `${github.url}/ada/demo.git`, name: 'ada/demo', isPrivate: true, description: 'Two lines' },
      { url: `${github.url}/bob/shared.git`, name: 'bob/shared', isPrivate: false, description: '' },
    ]);
    for (const { url } of await provider.repositories(signal)) expect(provider.matches(url)).toBe(true);
  });

  it('are cut where nobody would look through them, and the log says so', async () => {
    subject = await startSubject(byToken);
    add(await subject.github.createRepository('ada/demo'), 2100);
    expect(await subject.provider.repositories(signal)).toHaveLength(2000);
    expect(subject.context.lines).toContainEqual(expect.objectContaining({ level: 'warn', message: expect.stringContaining('more than 2000') }));
  });

  it('are those of all accounts where the App is installed and not suspended', async () => {
    subject = await startSubject(byApp);
    const { github, provider } = subject;
    add(await github.createRepository('ada/demo'), 120);
    await github.createRepository('bob/one');
    await github.createRepository('bob/two');
    await github.createRepository('carol/away');
    await github.createRepository('dan/not-installed');
    github.install('ada');
    github.install('bob').repositories = ['two'];
    github.install('carol').isSuspended = true;
    const names = (await provider.repositories(signal)).map(({ name }) => name);
    expect(names).toHaveLength(122);
    expect(names.slice(-2)).toEqual(['ada/copy-119', 'bob/two']);
    expect(subject.context.lines).toContainEqual(expect.objectContaining({ level: 'info', fields: { owner: 'carol' } }));
  });

  it('are none without credentials', async () => {
    subject = await startSubject(anonymously);
    expect(await subject.provider.repositories(signal)).toEqual([]);
    expect(subject.github.requests).toEqual([]);
  });
});
