import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AgentJob } from '#agents/api';
import { PluginError, type Session } from '#plugins/api';
import { type MachineRun, runOnMachine } from './run-on-machine.ts';
import { RecordingSink } from './testing/recording-sink.ts';
import { ScriptedMachine } from './testing/scripted-machine.ts';

const JOB: AgentJob = {
  folder: '/session',
  workTree: 'build/owner/name',
  shell: 'sh',
  phases: [{ name: 'test', when: 'passing', onFailure: 'fail', commands: [{ run: 'true' }] }],
  variables: [],
  interpreter: null,
  checkout: null,
  limits: { timeSeconds: 60, silenceSeconds: 60, outputBytes: 1000 },
};
const OUTPUT = 'agent/output';
const EVENTS = 'agent/events';

let machine: ScriptedMachine;
let sink: RecordingSink;
let cancel: AbortController;
let stop: AbortController;

beforeEach(() => {
  machine = new ScriptedMachine();
  sink = new RecordingSink();
  cancel = new AbortController();
  stop = new AbortController();
});

afterEach(() => {
  vi.useRealTimers();
});

function run(changed: Partial<MachineRun> = {}): Promise<Awaited<ReturnType<typeof runOnMachine>>> {
  return runOnMachine({
    driver: machine.driver(),
    machineId: machine.id,
    job: () => JOB,
    files: [],
    sink,
    startedAt: Date.now(),
    resumed: false,
    started: () => Promise.resolve(),
    cancel: cancel.signal,
    signal: stop.signal,
    ...changed,
  });
}

function end(verdict = 'passed', reason = 'exit'): void {
  machine.append(EVENTS, `end 2 ${sink.spoolOffset} ${verdict} ${reason}\n`);
}

/** Never answers, but heeds its signal. */
function hang(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
}

function isCancel(argv: readonly string[]): boolean {
  return argv.includes('cancel');
}

describe('a run', () => {
  test('uploads, starts, and follows to the end', async () => {
    machine.append(OUTPUT, 'hello\n');
    machine.append(EVENTS, 'end 2 6 failed exit\n');
    const started: number[] = [];
    const ended = await run({ started: async (bundle) => void started.push(bundle.steps.length) });
    expect(ended).toMatchObject({ verdict: 'failed', reason: 'exit' });
    expect(sink.output).toBe('hello\n');
    expect(started).toEqual([1]);
    expect(machine.uploads.length).toBeGreaterThan(0);
    expect(machine.commands).toHaveLength(1);
    expect(machine.disposed).toBe(machine.connections);
  });

  test('that is resumed uploads nothing again', async () => {
    machine.append(EVENTS, 'end 2 0 passed exit\n');
    await run({ resumed: true });
    expect(machine.uploads).toEqual([]);
  });

  test('goes on from the offset after a cut, as often as it must', async () => {
    const running = run();
    for (const piece of ['one\n', 'two\n', 'three\n']) {
      machine.append(OUTPUT, piece);
      await sink.until(piece);
      machine.cut();
    }
    await vi.waitFor(() => expect(machine.followed.filter((one) => one.path === OUTPUT)).toHaveLength(4));
    end();
    expect((await running).verdict).toBe('passed');
    expect(sink.output).toBe('one\ntwo\nthree\n');
    expect(machine.disposed).toBe(machine.connections);
  });

  test('connects again after any time of following, and then uploads nothing a second time', async () => {
    vi.useFakeTimers();
    const running = run({ job: () => ({ ...JOB, limits: { ...JOB.limits, timeSeconds: 3600 } }) });
    for (let minute = 0; minute < 30; minute += 0.5) {
      machine.append(EVENTS, `beat ${minute} 0\n`);
      await vi.advanceTimersByTimeAsync(30_000);
    }
    const uploads = machine.uploads.length;
    machine.cut();
    await vi.waitFor(() => expect(machine.connections).toBe(2));
    machine.append(EVENTS, 'end 2 0 passed exit\n');
    expect((await running).verdict).toBe('passed');
    expect(machine.uploads.length).toBe(uploads);
  });

  test('that is cancelled before its agent is there ends at once', async () => {
    machine.onCommand = () => new Promise(() => undefined);
    const running = run();
    await vi.waitFor(() => expect(machine.commands).toHaveLength(1));
    cancel.abort();
    expect(await running).toMatchObject({ verdict: 'canceled', reason: 'canceled' });
  });

  test('an agent that does not start is an error of the server, not the job', async () => {
    machine.onCommand = () => Promise.resolve(7);
    await expect(run()).rejects.toThrow('exit code 7');
  });

  test('letting go leaves the machine alone', async () => {
    const running = run();
    machine.append(OUTPUT, 'on\n');
    await sink.until('on\n');
    stop.abort(new Error('the server stops'));
    await expect(running).rejects.toThrow('the server stops');
    expect(machine.commands.filter(isCancel)).toEqual([]);
  });
});

describe('a machine that cannot be reached', () => {
  test('but is no longer there is given up at once', async () => {
    machine.reachable = false;
    machine.listed = false;
    await expect(run()).rejects.toMatchObject({ code: 'unavailable' });
    expect(machine.connections).toBe(1);
  });

  test('and that its driver knows to be lost, too', async () => {
    machine.reachable = false;
    await expect(run({ driver: { ...machine.driver(), isLost: () => Promise.resolve(true) } })).rejects.toMatchObject({ code: 'unavailable' });
    expect(machine.connections).toBe(1);
  });

  const silent = new PluginError('unavailable', 'the host does not answer');

  test.each([
    ['it alone', {}],
    ['its host neither', { list: () => Promise.reject(silent) }],
  ])('is lost once that has lasted for five minutes: %s', async (_, answers) => {
    vi.useFakeTimers({ toFake: ['Date'] });
    machine.reachable = false;
    const running = run({ driver: { ...machine.driver(), ...answers } });
    const lost = expect(running).rejects.toMatchObject({ code: 'unavailable', message: 'it does not answer' });
    vi.setSystemTime(Date.now() + 4 * 60_000);
    const tries = machine.connections;
    await vi.waitFor(() => expect(machine.connections).toBeGreaterThan(tries + 1));
    vi.setSystemTime(Date.now() + 2 * 60_000);
    await lost;
  });

  test.each([
    ['list', { list: () => Promise.reject(silent) }],
    ['isLost', { isLost: () => Promise.reject(silent) }],
  ])('is not given up because its host does not answer either (%s)', async (_, answers) => {
    machine.reachable = false;
    const running = run({ driver: { ...machine.driver(), ...answers } });
    await vi.waitFor(() => expect(machine.connections).toBeGreaterThan(2));
    machine.reachable = true;
    end();
    expect((await running).verdict).toBe('passed');
  });

  test('whose host takes for ever to say whether it is there is tried again, too', async () => {
    vi.useFakeTimers();
    machine.reachable = false;
    const running = run({ driver: { ...machine.driver(), list: hang } });
    await vi.advanceTimersByTimeAsync(60_000);
    machine.reachable = true;
    end();
    await vi.waitFor(() => expect(machine.connections).toBe(2));
    expect((await running).verdict).toBe('passed');
  });

  test('is lost by what broke its session, not by that this cannot be closed any more', async () => {
    const broken = async (): Promise<Session> => ({ ...(await machine.connect()), dispose: () => Promise.reject(new Error('the socket is gone')) });
    const running = run({ driver: { ...machine.driver(), connect: broken } });
    machine.append(OUTPUT, 'on\n');
    await sink.until('on\n');
    machine.vanish();
    await expect(running).rejects.toMatchObject({ code: 'unavailable', message: 'the connection broke' });
  });

  test('and whose driver refuses to speak of it is given up with what that says', async () => {
    machine.reachable = false;
    const refused = new PluginError('unauthorized', 'the key is not accepted');
    await expect(run({ driver: { ...machine.driver(), list: () => Promise.reject(refused) } })).rejects.toBe(refused);
  });

  test('for a while is tried again', async () => {
    machine.reachable = false;
    const running = run();
    await vi.waitFor(() => expect(machine.connections).toBeGreaterThan(2));
    machine.reachable = true;
    end();
    expect((await running).verdict).toBe('passed');
  });
});

describe('taking out what the job has made', () => {
  test('is done once, of a job that has passed and of no other', async () => {
    const collect = vi.fn(() => Promise.resolve());
    end();
    await run({ collect });
    expect(collect).toHaveBeenCalledTimes(1);
    machine = new ScriptedMachine();
    end('failed');
    await run({ collect });
    expect(collect).toHaveBeenCalledTimes(1);
  });

  test('is ended by a cancellation', async () => {
    end();
    const collecting = vi.fn();
    const running = run({ collect: (_, signal) => (collecting(), hang(signal)) });
    await vi.waitFor(() => expect(collecting).toHaveBeenCalled());
    cancel.abort();
    expect(await running).toMatchObject({ verdict: 'canceled' });
    expect(machine.disposed).toBe(machine.connections);
  });

  test('is given up after five minutes, and the machine is not lost for that', async () => {
    vi.useFakeTimers();
    end();
    const running = run({ collect: (_, signal) => hang(signal) });
    const late = expect(running).rejects.toThrow(/^what the job has made could not be taken out of its machine in 300 s$/);
    await vi.advanceTimersByTimeAsync(301_000);
    await late;
    expect(machine.connections).toBe(1);
  });

  test('is given no more time by a connection that breaks again and again', async () => {
    vi.useFakeTimers();
    end();
    const broken: ((error: Error) => void)[] = [];
    const running = run({ collect: (_, signal) => Promise.race([hang(signal), new Promise<never>((_resolve, reject) => broken.push(reject))]) });
    const late = expect(running).rejects.toThrow('could not be taken out');
    for (let times = 1; times <= 3; times += 1) {
      await vi.waitFor(() => expect(broken).toHaveLength(times));
      await vi.advanceTimersByTimeAsync(90_000);
      broken.at(-1)?.(new PluginError('unavailable', 'the connection broke'));
    }
    await vi.waitFor(() => expect(broken).toHaveLength(4));
    await vi.advanceTimersByTimeAsync(90_000);
    await late;
  });
});

describe('cancelling', () => {
  test('asks the agent, and takes its word', async () => {
    machine.onCommand = (argv) => {
      if (isCancel(argv)) end('canceled', 'canceled');
      return Promise.resolve(0);
    };
    const running = run();
    machine.append(OUTPUT, 'on\n');
    await sink.until('on\n');
    cancel.abort();
    expect(await running).toMatchObject({ verdict: 'canceled', reason: 'canceled' });
    expect(machine.commands.filter(isCancel)).toHaveLength(1);
  });

  test('before it began reaches the agent as soon as there is one', async () => {
    cancel.abort();
    machine.onCommand = (argv) => {
      if (isCancel(argv)) end('canceled', 'canceled');
      return Promise.resolve(0);
    };
    expect((await run()).verdict).toBe('canceled');
  });

  test('a job that ends by itself at that moment keeps its own verdict', async () => {
    machine.onCommand = (argv) => {
      if (isCancel(argv)) end('passed', 'exit');
      return Promise.resolve(0);
    };
    const running = run();
    machine.append(OUTPUT, 'on\n');
    await sink.until('on\n');
    cancel.abort();
    expect((await running).verdict).toBe('passed');
  });

  test('an agent that does not hear is not waited for longer than the grace', async () => {
    vi.useFakeTimers();
    machine.onCommand = (argv) => (isCancel(argv) ? new Promise(() => undefined) : Promise.resolve(0));
    const running = run();
    machine.append(OUTPUT, 'on\n');
    await sink.until('on\n');
    cancel.abort();
    await vi.advanceTimersByTimeAsync(14_000);
    expect(machine.disposed).toBe(0);
    await vi.advanceTimersByTimeAsync(2000);
    expect(await running).toMatchObject({ verdict: 'canceled', offset: 3 });
  });

  test('nor is a machine that does not answer', async () => {
    vi.useFakeTimers();
    machine.reachable = false;
    cancel.abort();
    const running = run();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(await running).toMatchObject({ verdict: 'canceled', reason: 'canceled' });
  });
});
