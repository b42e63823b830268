import type { HostView, PoolView } from '#server/api';
import { expect, it } from 'vitest';
import { machinesSentence } from './machines.ts';

function pool(name: string, rest: Partial<PoolView> = {}): PoolView {
  return {
    name, driver: 'qemu', image: name, imageDigest: null, isolation: 'vm', isolationNote: '', system: 'linux', architecture: 'x86_64',
    systemVersion: null, toolchains: [], interpreters: [], ready: 1, wantedReady: 1, busy: 1, creating: 0, waiting: 0, limit: 4, allow: null, problem: null, ...rest,
  }; // prettier-ignore
}

function sentence(pools: PoolView[], hosts: HostView[] = []): string {
  return machinesSentence({ pools, machines: [], hosts });
}

it('says that they keep up', () => {
  expect(sentence([pool('a'), pool('b')])).toBe('The pools keep up: 2 of 8 places in use, 2 machines ready, no job waits for a machine.');
  expect(sentence([pool('a', { limit: 1 })])).toBe('The pool keeps up: 1 of 1 place in use, 1 machine ready, no job waits for a machine.');
});

it('says which one does not, and how many wait', () => {
  expect(sentence([pool('a', { busy: 4, ready: 0, waiting: 12 }), pool('b')])).toBe(
    'a does not keep up: all 4 places are in use and 12 jobs wait. 5 of 8 places in use, 1 machine ready.',
  );
});

it('tells waiting for machines that start from waiting for a place', () => {
  expect(sentence([pool('a', { creating: 2, ready: 0, waiting: 1 })])).toBe(
    '1 job waits for a, whose machines are starting. 1 of 4 places in use, 0 machines ready.',
  );
});

it('says what is in trouble', () => {
  const host: HostView = { name: 'vh-3', driver: 'qemu', state: 'drained', problem: 'gone', machines: 0, limit: 2, accelerator: null };
  expect(sentence([pool('a', { problem: 'no image', waiting: 2 })], [host])).toBe(
    'a has a problem, and 2 jobs wait for it. Host vh-3 is drained. 1 of 4 places in use, 1 machine ready.',
  );
});
