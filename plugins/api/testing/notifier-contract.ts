import { inspect } from 'node:util';
import { assert, property, string } from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type BuildNotice, type Notifier, PluginError } from '../index.ts';
import type { NotifierBehaviour } from './fake-notifier.ts';
import { HOSTILE_TEXTS, makeHostileNotice, makeNotice } from './notices.ts';

/** One notice as the side that was told has it. */
export interface ArrivedNotice {
  /** By what it can tell that it has the notice already: the same for a repeat, another for another notice. */
  readonly key: string;
  /** All that is read there, in one text. */
  readonly text: string;
}

/** A notifier under test, and the hands that change the side that is told. */
export interface NotifierSubject {
  readonly notifier: Notifier;
  /** A target that takes notices. */
  readonly target: string;
  /** More targets that it must refuse, beside those that every notifier refuses. */
  readonly nonsense: readonly string[];
  /** What no message may hold: passwords, tokens, secret parts of the target. */
  readonly secrets: readonly string[];
  /** Makes the other side behave so from now on, and forgets what arrived. */
  behave(how: NotifierBehaviour): Promise<void>;
  /** What has arrived since. */
  arrived(): readonly ArrivedNotice[];
  /** Resolves once a call waits at the silent other side. */
  reached(): Promise<void>;
  close(): Promise<void>;
}

const PATIENCE = AbortSignal.timeout(600_000);
const NONSENSE = ['', ' ', '-x', '\0', 'a\nb', 'javascript:alert(1)', 'file:///etc/passwd', '\uD800', '://', '%', 'x'.repeat(10_000)];
const CODES = ['unauthorized', 'rate-limited', 'unavailable', 'rejected'] as const;

/** What every `Notifier` must keep; the fake runs it first. */
export function describeNotifier(title: string, setUp: () => Promise<NotifierSubject>): void {
  describe(`${title} keeps the contract of Notifier`, () => {
    let subject: NotifierSubject;
    beforeAll(async () => {
      subject = await setUp();
    });
    afterAll(() => subject.close());
    beforeEach(() => subject.behave('accepting'));
    targetTests(() => subject);
    noticeTests(() => subject);
    failureTests(() => subject);
    abortTests(() => subject);
  });
}

type Subject = () => NotifierSubject;

function targetTests(subject: Subject): void {
  it('says what a target is, and takes its own', () => {
    expect(subject().notifier.targetTitle).toMatch(/\S/);
    expect(subject().notifier.targetProblem(subject().target)).toBeNull();
  });

  it('says of nonsense in a sentence what is wrong, and does not notify it', async () => {
    for (const target of [...NONSENSE, ...subject().nonsense]) {
      expect(subject().notifier.targetProblem(target), target.slice(0, 50)).toMatch(/^\p{Lu}.*\.$/u);
      await expect(subject().notifier.notify(target, makeNotice(), PATIENCE)).rejects.toMatchObject({ code: 'invalid' });
    }
    expect(subject().arrived()).toEqual([]);
  });

  it('judges any text, always alike, and repeats no secret', () => {
    const { notifier, secrets, target } = subject();
    assert(
      property(string({ unit: 'binary', maxLength: 60 }), (text) => {
        const problem = notifier.targetProblem(text);
        return problem !== '' && notifier.targetProblem(text) === problem;
      }),
    );
    const spoilt = notifier.targetProblem(`${target}\n`) ?? '';
    for (const secret of secrets) expect(spoilt).not.toContain(secret);
  });
}

function noticeTests(subject: Subject): void {
  it('brings a notice to its target', async () => {
    await subject().notifier.notify(subject().target, makeNotice(), PATIENCE);
    expect(subject().arrived()).toHaveLength(1);
    for (const part of ['django-taggit', '58', 'failed', 'main', '1a2b3c4', 'https://ci.example.org/builds/4711', 'py3.13'])
      expect(subject().arrived()[0]?.text).toContain(part);
  });

  it('looks the same when it comes again, and other than another', async () => {
    const { notifier, target } = subject();
    await notifier.notify(target, makeNotice(), PATIENCE);
    await notifier.notify(target, makeNotice(), PATIENCE);
    expect(new Set(keysOf(subject())).size).toBe(1);
    await notifier.notify(target, makeNotice({ id: 'notice-59', build: { id: 4712, number: 59 } }), PATIENCE);
    expect(new Set(keysOf(subject())).size).toBe(2);
  });

  it('brings several at once', async () => {
    const notices = Array.from({ length: 5 }, (_, index) => makeNotice({ id: `many-${index}`, build: { number: 100 + index } }));
    await Promise.all(notices.map((notice) => subject().notifier.notify(subject().target, notice, PATIENCE)));
    expect(new Set(keysOf(subject())).size).toBe(5);
  });

  it.each(HOSTILE_TEXTS)('brings what a stranger wrote: %s', async (title, text) => {
    await subject().notifier.notify(subject().target, makeHostileNotice(`hostile ${title}`, text), PATIENCE);
    expect(subject().arrived()).toHaveLength(1);
    expect(subject().arrived()[0]?.text).toContain('django-taggit');
  });
}

function failureTests(subject: Subject): void {
  it.each([...CODES, 'away'] as const)('says when the other side is %s, and works once it is not', async (how) => {
    await subject().behave(how);
    const failure = await failureOf(subject(), makeNotice());
    expect(failure).toBeInstanceOf(PluginError);
    expect(failure).toMatchObject({ code: how === 'away' ? 'unavailable' : how, message: expect.stringMatching(/\.$/) });
    for (const secret of subject().secrets) expect(inspect(failure, { depth: 20 })).not.toContain(secret);
    await subject().behave('accepting');
    await subject().notifier.notify(subject().target, makeNotice(), PATIENCE);
    expect(subject().arrived()).toHaveLength(1);
  });
}

function abortTests(subject: Subject): void {
  const reason = new Error('enough');

  it('does nothing for a signal that is aborted already, and throws its reason', async () => {
    await expect(subject().notifier.notify(subject().target, makeNotice(), AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(subject().arrived()).toEqual([]);
  });

  it('ends when it is aborted while the other side does not answer', async () => {
    await subject().behave('silent');
    const controller = new AbortController();
    const waiting = subject().notifier.notify(subject().target, makeNotice(), controller.signal);
    const ended = expect(waiting).rejects.toBe(reason);
    await subject().reached();
    controller.abort(reason);
    await ended;
  });
}

function keysOf(subject: NotifierSubject): string[] {
  return subject.arrived().map(({ key }) => key);
}

async function failureOf(subject: NotifierSubject, notice: BuildNotice): Promise<unknown> {
  return await subject.notifier.notify(subject.target, notice, PATIENCE).then(
    () => null,
    (error: unknown) => error,
  );
}
