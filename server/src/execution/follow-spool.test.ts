import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AgentBundle } from '#agents/api';
import { PluginError } from '#plugins/api';
import { type AgentEnd, type SpoolLimits, followSpool } from './follow-spool.ts';
import { RecordingSink } from './testing/recording-sink.ts';
import { ScriptedMachine } from './testing/scripted-machine.ts';

const STEPS = Array.from({ length: 10 }, (_, index) => ({ phase: 'test', title: `step ${index}` }));
const BUNDLE: AgentBundle = { files: [], steps: STEPS, start: ['start'], cancel: ['cancel'], output: 'output', events: 'events' };
let machine: ScriptedMachine;
let sink: RecordingSink;

beforeEach(() => {
  machine = new ScriptedMachine();
  sink = new RecordingSink();
});

afterEach(() => {
  vi.useRealTimers();
});

async function follow(signal = new AbortController().signal, limits: Partial<SpoolLimits> = {}): Promise<AgentEnd> {
  return await followSpool(await machine.connect(), BUNDLE, sink, { until: Number.MAX_SAFE_INTEGER, outputBytes: 1e9, ...limits }, signal);
}

function events(...lines: string[]): void {
  machine.append('events', lines.map((line) => `${line}\n`).join(''));
}

describe('a spool', () => {
  test('that is there already is read whole: each event after all output before it', async () => {
    machine.append('output', 'title\nhello\nnext\n');
    events('start 1.0 0 1', 'step 1.0 0 0', 'done 2.5 12 0 0', 'step 3 12 1', 'done 4 17 1 3', 'end 5 17 failed exit');
    expect(await follow()).toEqual({ type: 'end', at: 5000, offset: 17, verdict: 'failed', reason: 'exit' });
    expect(sink.output).toBe('title\nhello\nnext\n');
    expect(sink.seen.filter((one) => /^(step|done)/.test(one))).toEqual(['step 0', 'done 0 0', 'step 1', 'done 1 3']);
    expect(sink.seen.indexOf('done 1 3')).toBeGreaterThan(sink.seen.indexOf('title\nhello\nnext\n'));
  });

  test('an event waits for its output, and the end for the last of it', async () => {
    const following = follow();
    events('start 1 0 1', 'step 1 4 0', 'end 9 8 passed exit');
    machine.append('output', 'one\n');
    await sink.until('step 0');
    expect(sink.seen.indexOf('step 0')).toBeGreaterThan(sink.seen.indexOf('one\n'));
    machine.append('output', 'tw');
    machine.append('output', 'o\n');
    expect((await following).verdict).toBe('passed');
    expect(sink.output).toBe('one\ntwo\n');
  });

  test('what the output holds beyond the end is not taken', async () => {
    const following = follow();
    events('step 1 0 0', 'end 9 4 passed exit');
    await sink.until('step 0');
    machine.append('output', 'one\nforged\n');
    await following;
    expect(sink.output).toBe('one\n');
    expect(sink.spoolOffset).toBe(4);
  });

  test('lines may come in pieces, at any byte', async () => {
    const following = follow();
    for (const byte of Buffer.from('step 1 0 7\nend 2 0 passed exit\n')) machine.append('events', Uint8Array.of(byte));
    await following;
    expect(sink.seen).toEqual(['step 7']);
  });

  test('garbage among the events is passed over', async () => {
    machine.append('events', Buffer.from([0xff, 0x00, 0xfe, 0x0a]));
    machine.append('events', `${'x'.repeat(200_000)}\n`);
    events('', 'end', 'end x 0 passed exit', 'end 1 0 perfect exit', 'step 1 99999999999999999999 0', 'done 1 0 0', 'step -1 0 0', 'step 1 0 0 0 0');
    events('step 1 0 0', 'end 2 0 passed exit');
    expect((await follow()).verdict).toBe('passed');
    expect(sink.seen).toEqual(['step 0']);
  });

  test('only the first end counts, and what claims to come after it holds nothing up', async () => {
    events('step 1 999999 0', 'step 1 0 1', 'end 2 0 failed exit', 'end 3 0 passed exit', 'step 4 0 2');
    expect((await follow()).verdict).toBe('failed');
    expect(sink.seen).toEqual(['step 1']);
  });
});

describe('a job that writes to its own events', () => {
  test('with steps there are none of, codes there cannot be, and the same step again, is passed over', async () => {
    events(
      'step 1 0 10',
      'done 1 0 0 99999999999',
      'done 1 0 0 256',
      'step 1 0 0',
      'step 1 0 0',
      'done 1 0 0 255',
      'done 1 0 0 1',
      'end 2 0 passed exit',
    );
    await follow();
    expect(sink.seen).toEqual(['step 0', 'done 0 255']);
  });

  test('without end is stopped: what waits for its place never grows beyond the steps there are', async () => {
    const outcome = expect(follow()).rejects.toMatchObject({ code: 'rejected', message: expect.stringContaining('more events') });
    const flood = Buffer.from('step 1 9999999999999999 0\n'.repeat(100_000));
    for (let bytes = 0; bytes < 17 * 1024 * 1024; bytes += flood.length) machine.append('events', flood);
    await outcome;
  });
});

describe('the server itself', () => {
  test('ends a job whose agent does not hold it to its time', async () => {
    vi.useFakeTimers();
    const outcome = expect(follow(undefined, { until: Date.now() + 60_000 })).rejects.toMatchObject({
      message: expect.stringContaining('longer than it may'),
    });
    for (let second = 0; second < 70; second += 10) {
      events(`beat ${second} 0`);
      await vi.advanceTimersByTimeAsync(10_000);
    }
    await outcome;
  });

  test('ends a job whose agent does not hold it to its output', async () => {
    machine.append('output', 'x'.repeat(1001));
    await expect(follow(undefined, { outputBytes: 1000 })).rejects.toMatchObject({ message: expect.stringContaining('more to its log than it may') });
  });

  test('that stood still itself takes nobody for silent', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: false });
    const following = follow();
    await vi.advanceTimersByTimeAsync(2000);
    vi.setSystemTime(Date.now() + 600_000);
    await vi.advanceTimersByTimeAsync(2000);
    events('end 2 0 passed exit');
    expect((await following).verdict).toBe('passed');
  });
});

describe('a connection that breaks', () => {
  test('is told as unavailable, and the next one goes on from where the sink stands', async () => {
    machine.append('output', 'one\n');
    events('step 1 0 0');
    const first = follow();
    await sink.until('one\n');
    await sink.until('step 0');
    machine.cut();
    await expect(first).rejects.toMatchObject({ code: 'unavailable' });
    machine.append('output', 'two\n');
    events('done 2 8 0 0', 'end 3 8 passed exit');
    await follow();
    expect(sink.output).toBe('one\ntwo\n');
    expect(machine.followed.filter((one) => one.path === 'output').map((one) => one.offset)).toEqual([0, 4]);
    expect(machine.followed.filter((one) => one.path === 'events').map((one) => one.offset)).toEqual([0, 0]);
  });

  test('files that the job took away are its own doing', async () => {
    machine.append('output', 'one\n');
    const following = follow();
    await sink.until('one\n');
    machine.cut(new PluginError('invalid', 'The file got shorter than what was read.'));
    await expect(following).rejects.toMatchObject({ code: 'rejected', message: expect.stringMatching(/the job removed or altered .*shorter/) });
  });

  test('a sink that fails ends it with that error', async () => {
    vi.spyOn(sink, 'append').mockRejectedValue(new Error('the disk is full'));
    machine.append('output', 'one\n');
    await expect(follow()).rejects.toThrow('the disk is full');
  });

  test('letting go throws the reason, before and during', async () => {
    const stop = new AbortController();
    const following = follow(stop.signal);
    stop.abort(new Error('the server stops'));
    await expect(following).rejects.toThrow('the server stops');
    await expect(follow(stop.signal)).rejects.toThrow('the server stops');
  });
});

describe('silence', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  test('of the agent is borne as long as it beats, then it is given up', async () => {
    const outcome = expect(follow()).rejects.toMatchObject({ code: 'rejected', message: expect.stringContaining('silent for 36 s') });
    for (let beat = 0; beat < 10; beat += 1) {
      await vi.advanceTimersByTimeAsync(30_000);
      events(`beat ${beat} 0`);
    }
    await vi.advanceTimersByTimeAsync(36_000);
    await outcome;
  });

  test('after an end whose output never comes: the job altered its spool', async () => {
    events('end 2 999999999 passed exit');
    const outcome = expect(follow()).rejects.toMatchObject({ code: 'rejected', message: expect.stringContaining('altered its spool') });
    await vi.advanceTimersByTimeAsync(12_000);
    await outcome;
  });
});
