import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isPluginError, type Repository } from '#plugins/api';
import type { FakeRepository } from './testing/fake-state.ts';
import { FLAVOURS, startSubject, type Subject } from './testing/subject.ts';

const signal = AbortSignal.timeout(600_000);
const HOOK = { url: 'https://ci.example.org/hooks/bitbucket', secret: 'a long and random secret' };

describe.each(FLAVOURS)('webhooks at %s', (flavour) => {
  let subject: Subject;
  let repository: Repository;
  let kept: FakeRepository;

  beforeEach(async () => {
    subject = await startSubject(flavour);
    kept = await subject.host.createRepository('PROJ', 'demo');
    repository = subject.named(kept);
  });
  afterEach(() => subject.close());

  const ensure = async (hook = HOOK): Promise<string | undefined> => subject.provider.webhooks.ensure?.(repository, hook, signal);

  it('are made once, with the secret and the events we know', async () => {
    expect(await ensure()).toBe('created');
    expect(await ensure()).toBe('unchanged');
    expect(kept.hooks).toMatchObject([{ ...HOOK, active: true }]);
    const push = flavour === 'cloud' ? 'repo:push' : 'repo:refs_changed';
    expect(kept.hooks[0]?.events).toContain(push);
    expect(kept.hooks[0]?.events).toHaveLength(flavour === 'cloud' ? 6 : 8);
  });

  it('are mended where they differ, the secret included', async () => {
    await ensure();
    Object.assign(kept.hooks[0] ?? {}, { active: false, events: ['repo:fork'], secret: 'another' });
    expect(await ensure()).toBe('changed');
    expect(kept.hooks).toMatchObject([{ ...HOOK, active: true }]);
    Object.assign(kept.hooks[0] ?? {}, { secret: 'another' });
    expect(await ensure()).toBe('unchanged');
    expect(kept.hooks[0]?.secret).toBe(HOOK.secret);
  });

  it('leave those of others alone, on whatever page ours is', async () => {
    const other = (url: string): { id: string; url: string; secret: null; active: boolean; events: string[] } => ({
      id: String(subject.host.number()),
      url,
      secret: null,
      active: true,
      events: ['x'],
    });
    kept.hooks.push(other('https://a.example.org/'), other('https://b.example.org/'), other('https://c.example.org/'));
    expect(await ensure()).toBe('created');
    expect(await ensure()).toBe('unchanged');
    expect(kept.hooks).toHaveLength(4);
    await subject.provider.webhooks.remove?.(repository, HOOK.url, signal);
    await subject.provider.webhooks.remove?.(repository, HOOK.url, signal);
    expect(kept.hooks.map(({ url }) => url)).toEqual(['https://a.example.org/', 'https://b.example.org/', 'https://c.example.org/']);
  });

  it('stay one when two ask at once, and become one where there were two', async () => {
    expect((await Promise.all([ensure(), ensure()])).toSorted()).toEqual(['created', 'unchanged']);
    kept.hooks.push({ id: String(subject.host.number()), url: HOOK.url, secret: 'x', active: true, events: [] });
    expect(await ensure()).toBe('changed');
    expect(kept.hooks).toHaveLength(1);
  });

  it('need credentials that may, and a repository that is there', async () => {
    const stranger = subject.again({ token: 'another-token' });
    await expect(stranger.webhooks.ensure?.(repository, HOOK, signal)).rejects.toMatchObject({ code: 'unauthorized' });
    const missing = { ...repository, url: repository.url.replace('demo', 'missing') };
    await expect(subject.provider.webhooks.ensure?.(missing, HOOK, signal)).rejects.toMatchObject({ code: 'not-found' });
    const elsewhere = { ...repository, url: 'https://example.org/proj/demo.git' };
    await expect(subject.provider.webhooks.ensure?.(elsewhere, HOOK, signal)).rejects.toMatchObject({ code: 'invalid' });
  });

  it('come in signed, with the id that an attempt shares with the one before', async () => {
    await ensure();
    const { courier, host, provider } = subject;
    const delivery = courier.pushDelivery(kept, host.createUser('ada'), { kind: 'branch', name: 'main', before: null, after: '1'.repeat(40) });
    const id = provider.webhooks.idOf(delivery);
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    const again = { ...delivery, headers: { ...delivery.headers, 'x-attempt-number': '2' } };
    expect(provider.webhooks.idOf(again)).toBe(id);
    expect(provider.webhooks.idOf({ ...delivery, headers: {} })).toBeNull();
    expect(provider.webhooks.nameOf(delivery)).toBe(flavour === 'cloud' ? 'repo:push' : 'repo:refs_changed');
    expect(provider.webhooks.nameOf({ ...delivery, headers: { 'x-event-key': '<script>' } })).toBe('unknown');
    expect(provider.webhooks.secret).toBeNull();
    expect(() => provider.webhooks.verify(delivery, [HOOK.secret])).toThrow();
    const body = Buffer.from('no JSON');
    expect(provider.webhooks.parse({ ...delivery, body })).toMatchObject({ kind: 'ignored', reason: expect.stringContaining('JSON') });
    expect(provider.webhooks.parse({ ...delivery, headers: {} })).toMatchObject({ kind: 'ignored', reason: expect.stringContaining('X-Event-Key') });
  });

  it('do not tell the secret in an error', async () => {
    subject.host.trouble = { status: 400, body: JSON.stringify({ error: { message: `no ${HOOK.secret}` } }) };
    const failure: unknown = await ensure().catch((error: unknown) => error);
    expect(isPluginError(failure, 'rejected')).toBe(true);
  });
});
