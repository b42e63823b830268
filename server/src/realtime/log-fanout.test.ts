import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LogEvent } from '#server/api';
import { LogFanout } from './log-fanout.ts';

let sent: { event: LogEvent; lossy: boolean }[];
let fanout: LogFanout;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  fanout = new LogFanout((event, lossy) => sent.push({ event, lossy }));
});

afterEach(() => {
  fanout.close();
  vi.useRealTimers();
});

/** The log of job 1 grew by a text, which begins at `offset`; without `text`: by so much that it is not sent along. */
function grew(offset: number, text: string | number, changed: Partial<LogEvent> = {}): void {
  const size = offset + (typeof text === 'number' ? text : text.length);
  const data = typeof text === 'number' ? {} : { offset, data: Buffer.from(text) };
  fanout.push({ jobId: 1, attempt: 1, size, lines: 1, at: 0, complete: false, ...data, ...changed });
}

/** What was sent, in short: `3+abc=6`, or `=6` without bytes; `!` where it must not be lost. */
function short(): string[] {
  return sent.map(({ event, lossy }) => {
    const data = event.data === undefined ? '' : `${event.offset}+${Buffer.from(event.data).toString()}`;
    return `${data}=${event.size}${event.complete ? ' complete' : ''}${lossy ? '' : '!'}`;
  });
}

test('the first goes out at once, with its bytes', () => {
  grew(0, 'abc');
  expect(short()).toEqual(['0+abc=3']);
});

test('many within the pace are one, joined', async () => {
  for (const [offset, text] of [
    [0, 'a'],
    [1, 'b'],
    [2, 'cd'],
    [4, 'e'],
  ] as const)
    grew(offset, text);
  await vi.advanceTimersByTimeAsync(20);
  expect(short()).toEqual(['0+a=1', '1+bcde=5']);
});

test('after a while of quiet everybody is told once more, surely, where the log ends', async () => {
  grew(0, 'a');
  await vi.advanceTimersByTimeAsync(5000);
  expect(short()).toEqual(['0+a=1', '=1!']);
});

test('what is too much to send along is told by its size alone', async () => {
  grew(0, 'x');
  grew(1, 40_000);
  grew(40_001, 'y');
  await vi.advanceTimersByTimeAsync(20);
  expect(short()).toEqual(['0+x=1', '=40002']);
});

test('pieces that together are too many are told by size alone', async () => {
  grew(0, 'x');
  for (let at = 1; at < 80_000; at += 10_000) grew(at, 'z'.repeat(10_000));
  await vi.advanceTimersByTimeAsync(20);
  expect(short()).toEqual(['0+x=1', '=80001']);
});

test('the end goes out at once and surely, and frees what was kept', async () => {
  grew(0, 'a');
  grew(1, 'b', { complete: true });
  expect(short()).toEqual(['0+a=1', '1+b=2 complete!']);
  expect(vi.getTimerCount()).toBe(0);
});

test('the end without new bytes carries those that were waiting', () => {
  grew(0, 'a');
  grew(1, 'b');
  fanout.push({ jobId: 1, attempt: 1, size: 2, lines: 1, at: 0, complete: true });
  expect(short()).toEqual(['0+a=1', '1+b=2 complete!']);
});

test('logs do not mix', async () => {
  grew(0, 'a');
  grew(0, 'b', { jobId: 2 });
  expect(sent.map(({ event }) => event.jobId)).toEqual([1, 2]);
});

test('however it is cut, bytes that were sent are the bytes of the log at their place', async () => {
  const text = Array.from({ length: 3000 }, (_, index) => String(index % 10)).join('');
  for (let at = 0, step = 1; at < text.length; at += step, step = (step * 7 + 3) % 50 || 1) {
    grew(at, text.slice(at, at + step), { size: Math.min(text.length, at + step) });
    if (at % 5 === 0) await vi.advanceTimersByTimeAsync(7);
  }
  await vi.advanceTimersByTimeAsync(1000);
  for (const { event } of sent) {
    if (event.data === undefined) continue;
    expect(Buffer.from(event.data).toString()).toBe(text.slice(event.offset, event.size));
  }
  expect(sent.at(-1)?.event.size).toBe(text.length);
});

test('closed, it sends no more', async () => {
  grew(0, 'a');
  grew(1, 'b');
  fanout.close();
  await vi.advanceTimersByTimeAsync(1000);
  expect(short()).toEqual(['0+a=1']);
});
