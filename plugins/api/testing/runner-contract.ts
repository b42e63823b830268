import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Extension } from '../plugin.ts';
import type { RunnerDriver } from '../runner.ts';
import { describeRunnerSession } from './session-contract.ts';
import { describeWindowsSession } from './windows-session-contract.ts';

type Driver = RunnerDriver & Extension;

/** A driver made ready for the suite, with what the suite cannot know about it. */
export interface RunnerSubject {
  /** After its `init`. */
  readonly driver: Driver;
  /** The image to make machines of. Its machines must have a POSIX `sh` and the usual utilities, or be of Windows. */
  readonly image: string;
  /** How many machines may exist at once; the suite needs 1 and uses at most 3. */
  readonly machines: number;
  /** A second driver with the same state, as a later server process makes it; initialized; the suite closes it. */
  later(): Promise<Driver>;
  /** Makes the machine vanish behind the driver's back, as a crash of its host does. */
  lose(id: string): Promise<void>;
  /** What machines have left where the driver makes them: processes, mounts, files, in words. Empty if all is clean. */
  leftovers(): Promise<readonly string[]>;
  /** Of Windows machines, a program that prints its arguments, and how that is read. */
  readonly teller?: { readonly argv: readonly string[]; read(output: string): readonly string[] };
  /** Ends everything after the last test. */
  close(): Promise<void>;
}

/**
 * Every rule of `RunnerDriver` and `Session`, as tests. Whoever implements them runs this with a real thing below it.
 * `system` is that of the machines. Nothing is mocked and no time is asserted; each test makes its machines and destroys them.
 */
export function describeRunnerDriver(name: string, setup: () => Promise<RunnerSubject>, system: 'posix' | 'windows' = 'posix'): void {
  describe(`${name}: the runner contract`, () => {
    let subject: RunnerSubject;
    beforeAll(async () => {
      subject = await setup();
    }, SETUP_MS);
    afterAll(() => subject?.close());
    describeDriver(() => subject);
    describeLifetimes(() => subject, EXITS[system]);
    if (system === 'windows') describeWindowsSession(() => subject);
    else describeRunnerSession(() => subject);
  });
}

/** An image may have to be built first. Milliseconds. */
const SETUP_MS = 10 * 60_000;

/** A signal that nobody aborts. */
function never(): AbortSignal {
  return new AbortController().signal;
}

function describeDriver(subject: () => RunnerSubject): void {
  describe('driver', () => {
    it('describes the image, and names its interpreters once each', async () => {
      const images = await subject().driver.describe(never());
      const image = images.find((one) => one.image === subject().image);
      expect(image).toBeDefined();
      expect(image?.isolationNote).not.toBe('');
      const names = image?.interpreters.map((one) => one.name) ?? [];
      expect(new Set(names).size).toBe(names.length);
      for (const one of image?.interpreters ?? []) expect(one.path).toMatch(/^([A-Za-z]:\\|\/)/);
    });

    it('makes a machine, lists it, and destroys it without a trace', async () => {
      const { driver, image } = subject();
      await driver.create({ id: 'contract-one', image }, never());
      expect(await driver.list(never())).toContain('contract-one');
      await driver.destroy('contract-one', never());
      expect(await driver.list(never())).not.toContain('contract-one');
      expect(await subject().leftovers()).toEqual([]);
    });

    it('destroys what never existed, and destroys twice', async () => {
      const { driver, image } = subject();
      await driver.destroy('contract-never', never());
      await driver.create({ id: 'contract-twice', image }, never());
      await driver.destroy('contract-twice', never());
      await driver.destroy('contract-twice', never());
      expect(await driver.list(never())).not.toContain('contract-twice');
    });

    it('refuses an image that it does not have', async () => {
      await expect(subject().driver.create({ id: 'contract-image', image: 'no-such-image' }, never())).rejects.toMatchObject({ code: 'not-found' });
      expect(await subject().driver.list(never())).not.toContain('contract-image');
    });

    it('makes several machines at once, or says that no more can be had', async () => {
      const { driver, image, machines } = subject();
      const ids = ['contract-a', 'contract-b', 'contract-c'];
      const results = await Promise.allSettled(ids.map((id) => driver.create({ id, image }, never())));
      const made = results.filter((one) => one.status === 'fulfilled').length;
      expect(made).toBe(Math.min(machines, ids.length));
      for (const one of results) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'exhausted' });
      await Promise.all(ids.map((id) => driver.destroy(id, never())));
      expect(await subject().leftovers()).toEqual([]);
    });
  });
}

/** How a command ends with 7. */
const EXITS = { posix: ['sh', '-c', 'exit 7'], windows: ['cmd.exe', '/d', '/c', 'exit 7'] } as const;

function describeLifetimes(subject: () => RunnerSubject, exits: readonly string[]): void {
  describe('lifetimes', () => {
    it('gives the same machine for the same id', async () => {
      const { driver, image } = subject();
      await Promise.all([driver.create({ id: 'contract-same', image }, never()), driver.create({ id: 'contract-same', image }, never())]);
      const session = await driver.connect('contract-same', never());
      await session.upload([{ path: 'mark', content: Buffer.from('mine'), mode: 0o600 }], never());
      await driver.create({ id: 'contract-same', image }, never());
      const again = await driver.connect('contract-same', never());
      const result: Uint8Array[] = [];
      for await (const chunk of again.download('mark', never())) result.push(chunk);
      expect(Buffer.concat(result).toString()).toBe('mine');
      await Promise.all([session.dispose(), again.dispose()]);
      await driver.destroy('contract-same', never());
    });

    it('leaves nothing of a create that was aborted', async () => {
      const { driver, image } = subject();
      await expect(driver.create({ id: 'contract-early', image }, AbortSignal.abort(new Error('too late')))).rejects.toThrow('too late');
      const controller = new AbortController();
      const creating = driver.create({ id: 'contract-abort', image }, controller.signal);
      setImmediate(() => controller.abort(new Error('changed my mind')));
      const [result] = await Promise.allSettled([creating]);
      // A create that was quicker than its abort has made its machine; anything else has left nothing.
      if (result.status === 'fulfilled') await driver.destroy('contract-abort', never());
      else expect(String(result.reason)).toContain('changed my mind');
      expect(await driver.list(never())).toEqual([]);
      expect(await subject().leftovers()).toEqual([]);
    });

    it('a later process finds the machine, uses it and destroys it', async () => {
      const { driver, image } = subject();
      await driver.create({ id: 'contract-later', image }, never());
      const later = await subject().later();
      expect(await later.list(never())).toContain('contract-later');
      const session = await later.connect('contract-later', never());
      expect(await session.exec(exits, { signal: never() })).toEqual({ exitCode: 7 });
      await session.dispose();
      await later.destroy('contract-later', never());
      expect(await driver.list(never())).not.toContain('contract-later');
      expect(await subject().leftovers()).toEqual([]);
      await later.close?.();
    });

    it('connect to nothing is unavailable', async () => {
      await expect(subject().driver.connect('contract-nothing', never())).rejects.toMatchObject({ code: 'unavailable' });
    });

    it('a machine that vanished is unavailable and can be destroyed', async () => {
      const { driver, image } = subject();
      await driver.create({ id: 'contract-lost', image }, never());
      await subject().lose('contract-lost');
      await expect(useMachine(driver, 'contract-lost', exits)).rejects.toMatchObject({ code: 'unavailable' });
      await driver.destroy('contract-lost', never());
      expect(await driver.list(never())).not.toContain('contract-lost');
      expect(await subject().leftovers()).toEqual([]);
    });
  });
}

async function useMachine(driver: Driver, id: string, argv: readonly string[]): Promise<void> {
  const session = await driver.connect(id, never());
  await session.exec(argv, { signal: never() });
}
