import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LicenseBackend, type LicenseUse, PluginError } from '../index.ts';
import type { LicenseServerBehaviour } from './fake-licenses.ts';

/** Seats that somebody takes at a licence server under test. */
export interface TakenSeats {
  /** Whether by one of this installation's jobs. */
  readonly isOurs: boolean;
  readonly seats: number;
  readonly since: Date;
}

/** A licence backend under test, and the hands that change its server. */
export interface LicenseSubject {
  readonly backend: LicenseBackend;
  /** A feature of the server, and its seats: ten or more. */
  readonly feature: string;
  readonly seats: number;
  /** Makes the server answer, and all seats free. */
  reset(): Promise<void>;
  take(taken: TakenSeats): Promise<void>;
  behave(how: LicenseServerBehaviour): Promise<void>;
  /** Resolves once a call waits at the silent server. */
  reached(): Promise<void>;
  close(): Promise<void>;
}

const PATIENCE = AbortSignal.timeout(600_000);
const MINUTE = 60_000;
/** No server has features of these names; some a program would take for something else. */
const NO_FEATURES = ['nobody_has_this', '', ' ', '-a', '--help', 'two words', 'a\nb', 'a\0b', '../../etc/passwd', '$(id)', 'ß', 'x'.repeat(5000)];

/** What every `LicenseBackend` must keep; the fake runs it first. `removes`: it can free what a killed client has left. */
export function describeLicenses(title: string, removes: boolean, setUp: () => Promise<LicenseSubject>): void {
  describe(`${title} keeps the contract of LicenseBackend`, () => {
    let subject: LicenseSubject;
    beforeAll(async () => {
      subject = await setUp();
    });
    afterAll(() => subject?.close());
    beforeEach(() => subject.reset());
    countTests(() => subject);
    failureTests(() => subject);
    abortTests(() => subject);
    if (removes) removeTests(() => subject);
    else it('has no way to remove a use', () => expect(Reflect.get(subject.backend, 'remove')).toBeUndefined());
  });
}

type Subject = () => LicenseSubject;

function countTests(subject: Subject): void {
  it('tells the seats of a feature that nobody uses', async () => {
    expect(await subject().backend.count(subject().feature, PATIENCE)).toEqual({ seats: subject().seats, uses: [] });
  });

  it('tells every use, whose it is, and since when', async () => {
    const since = new Date(Date.now() - 90 * MINUTE);
    await subject().take({ isOurs: true, seats: 1, since });
    await subject().take({ isOurs: false, seats: 3, since });
    const { seats, uses } = await subject().backend.count(subject().feature, PATIENCE);
    expect(seats).toBe(subject().seats);
    expect(uses.map((use) => [use.isOurs, use.seats]).sort(([, one = 0], [, other = 0]) => Number(other) - Number(one))).toEqual([
      [false, 3],
      [true, 1],
    ]);
    for (const use of uses) expectSince(use, since);
  });

  it('tells uses apart that look the same', async () => {
    for (let time = 0; time < 3; time += 1) await subject().take({ isOurs: true, seats: 1, since: new Date(Date.now() - 5 * MINUTE) });
    const { uses } = await subject().backend.count(subject().feature, PATIENCE);
    expect(uses).toHaveLength(3);
    const named = uses.flatMap(({ handle }) => handle ?? []);
    expect(new Set(named).size).toBe(named.length);
  });

  it('answers several at once, each alike', async () => {
    await subject().take({ isOurs: false, seats: 2, since: new Date(Date.now() - 5 * MINUTE) });
    const counts = await Promise.all([1, 2, 3].map(() => subject().backend.count(subject().feature, PATIENCE)));
    for (const count of counts) expect(count).toEqual(counts[0]);
  });
}

function failureTests(subject: Subject): void {
  it.each(NO_FEATURES.map((name) => [name.slice(0, 40), name]))('says that there is no feature %j', async (_, name) => {
    const failure = await failureOf(subject().backend.count(name, PATIENCE));
    expect(failure).toMatchObject({ code: 'not-found', message: expect.stringMatching(/\.$/) });
  });

  it.each([
    ['away', 'unavailable'],
    ['nonsense', 'rejected'],
  ] as const)('says when the server is %s, and answers once it is not', async (how, code) => {
    await subject().behave(how);
    const failure = await failureOf(subject().backend.count(subject().feature, PATIENCE));
    expect(failure).toBeInstanceOf(PluginError);
    expect(failure).toMatchObject({ code, message: expect.stringMatching(/\.$/) });
    await subject().behave('answering');
    expect(await subject().backend.count(subject().feature, PATIENCE)).toMatchObject({ uses: [] });
  });
}

function abortTests(subject: Subject): void {
  const reason = new Error('enough');

  it('throws the reason of a signal that is aborted already', async () => {
    await expect(subject().backend.count(subject().feature, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it('ends when it is aborted while the server does not answer', async () => {
    await subject().behave('silent');
    const controller = new AbortController();
    const ended = expect(subject().backend.count(subject().feature, controller.signal)).rejects.toBe(reason);
    await subject().reached();
    controller.abort(reason);
    await ended;
  });
}

function removeTests(subject: Subject): void {
  const remove = (use: LicenseUse): Promise<void> | undefined => subject().backend.remove?.(subject().feature, use, PATIENCE);
  const uses = async (): Promise<readonly LicenseUse[]> => (await subject().backend.count(subject().feature, PATIENCE)).uses;

  it('removes one use and no other, and again without complaint', async () => {
    for (let time = 0; time < 3; time += 1) await subject().take({ isOurs: true, seats: 1, since: new Date(Date.now() - 30 * MINUTE) });
    const [first, second, third] = await uses();
    if (second === undefined) throw new Error('there are three uses');
    await remove(second);
    expect(await uses()).toEqual([first, third]);
    await remove(second);
    expect(await uses()).toEqual([first, third]);
  });

  it('says when it may not, and the use stays', async () => {
    await subject().take({ isOurs: true, seats: 1, since: new Date(Date.now() - 30 * MINUTE) });
    await subject().behave('forbidding');
    const [use] = await uses();
    if (use === undefined) throw new Error('there is one use');
    expect(await failureOf(remove(use))).toMatchObject({ code: 'unauthorized' });
    expect(await uses()).toHaveLength(1);
  });
}

/** A server may say to the minute since when. */
function expectSince({ since }: LicenseUse, taken: Date): void {
  expect(since).not.toBeNull();
  const early = taken.getTime() - (since?.getTime() ?? 0);
  expect(early).toBeGreaterThanOrEqual(0);
  expect(early).toBeLessThan(MINUTE);
}

async function failureOf(call: Promise<unknown> | undefined): Promise<unknown> {
  return await call?.then(
    () => null,
    (error: unknown) => error,
  );
}
