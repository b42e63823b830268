import { describe, expect, it } from 'vitest';
import { delivery, read } from '../testing/deliveries.ts';
import { parseEvent } from './parse-event.ts';
import { idOfDelivery, nameOfDelivery } from './read-delivery.ts';

const COMMIT = 'a'.repeat(40);
const OTHER = 'b'.repeat(40);
const NONE = '0'.repeat(40);
const ADA = { id: 7, login: 'ada', type: 'User' };
const REPOSITORY = { full_name: 'Ada/Demo' };

describe('a delivery', () => {
  it('has GitHub’s id and name, or none', () => {
    expect(idOfDelivery(delivery('ping', {}))).toMatch(/^[0-9a-f-]{36}$/);
    expect(idOfDelivery({ headers: {}, body: Buffer.of() })).toBeNull();
    expect(idOfDelivery({ headers: { 'x-github-delivery': 'a\nb' }, body: Buffer.of() })).toBeNull();
    expect(nameOfDelivery(delivery('pull_request', { action: 'opened' }, true))).toBe('pull_request.opened');
    expect(nameOfDelivery(delivery('push', {}))).toBe('push');
    expect(nameOfDelivery(delivery('push', 'no json'))).toBe('push');
    expect(nameOfDelivery(delivery('<script>', { action: '<b>' }))).toBe('unknown');
  });

  it('may be a form', () => {
    const push = { ref: 'refs/heads/ä+b &c', before: COMMIT, after: OTHER, created: false, deleted: false, repository: REPOSITORY };
    expect(read('push', push, { isForm: true })).toEqual(read('push', push));
    expect(read('push', push, { isForm: true })).toMatchObject({ refs: [{ name: 'ä+b &c' }] });
  });

  it.each([
    ['no JSON', 'push', '{', undefined, 'no JSON'],
    ['a form without payload', 'push', 'x=1', 'application/x-www-form-urlencoded', 'content type'],
    ['text', 'push', '{}', 'text/plain', 'content type'],
    ['no event', '', '{}', undefined, 'X-GitHub-Event'],
    ['null', 'push', 'null', undefined, 'not what GitHub sends'],
    ['an event that nobody knows', 'earthquake', '{}', undefined, 'earthquake does not concern'],
    ['a repository that is none', 'delete', '{"ref":"x","ref_type":"branch","repository":{"full_name":"../x"}}', undefined, 'OWNER/NAME'],
  ])('that is %s is ignored with the reason', (_, event, body, type, reason) => {
    const headers = { 'x-github-event': event, 'content-type': type ?? 'application/json; charset=utf-8' };
    const found = parseEvent({ headers, body: Buffer.from(body) }, { identify: (name) => name, appId: null });
    expect(found).toEqual({ kind: 'ignored', reason: expect.stringContaining(reason) });
  });
});

describe('a push', () => {
  const push = { ref: 'refs/heads/main', before: COMMIT, after: OTHER, created: false, deleted: false, repository: REPOSITORY, sender: ADA };
  const by = { id: '7', name: 'ada' };
  const known = { kind: 'push', repository: 'github.com/ada/demo', by, truncated: false };

  it.each([
    ['moves a branch', push, { kind: 'branch', name: 'main', commit: OTHER, before: COMMIT }],
    ['is forced', { ...push, forced: true }, { kind: 'branch', name: 'main', commit: OTHER, before: COMMIT }],
    ['makes a branch', { ...push, ref: 'refs/heads/a/b', created: true, before: NONE }, { kind: 'branch', name: 'a/b', commit: OTHER, before: null }],
    ['deletes a branch', { ...push, deleted: true, after: NONE }, { kind: 'branch', name: 'main', commit: null, before: COMMIT }],
    [
      'makes an annotated tag',
      { ...push, ref: 'refs/tags/v1', created: true, before: NONE, base_ref: 'refs/heads/main', head_commit: { id: COMMIT } },
      { kind: 'tag', name: 'v1', commit: COMMIT, before: null },
    ],
    ['deletes a tag', { ...push, ref: 'refs/tags/v1', deleted: true, after: NONE }, { kind: 'tag', name: 'v1', commit: null, before: COMMIT }],
  ])('%s', (_, payload, ref) => {
    expect(read('push', payload)).toEqual({ ...known, refs: [ref] });
  });

  it('has the repository looked at where the commit of a tag is not told', () => {
    expect(read('push', { ...push, ref: 'refs/tags/v1', head_commit: null })).toEqual({ ...known, refs: [], truncated: true });
  });

  it('is of whoever pushed, as far as it is told', () => {
    expect(read('push', { ...push, sender: null, pusher: { name: 'deploy' } })).toMatchObject({ by: { id: null, name: 'deploy' } });
    expect(read('push', { ...push, sender: undefined })).toMatchObject({ by: null });
  });

  it('of notes is ignored', () => {
    expect(read('push', { ...push, ref: 'refs/notes/x' })).toMatchObject({ kind: 'ignored', reason: expect.stringContaining('neither a branch') });
  });

  it('is also told by create and delete', () => {
    const made = { ref: 'v1', ref_type: 'tag', repository: REPOSITORY, sender: ADA };
    expect(read('create', made)).toEqual({ ...known, refs: [], truncated: true });
    expect(read('delete', made)).toEqual({ ...known, refs: [{ kind: 'tag', name: 'v1', commit: null, before: null }] });
    expect(read('create', { ...made, ref_type: 'repository' })).toMatchObject({ kind: 'ignored' });
  });
});
