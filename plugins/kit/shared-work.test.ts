import { describe, expect, it } from 'vitest';
import { SharedWork, Turnstile } from './shared-work.ts';

const never = new AbortController().signal;

describe('Turnstile', () => {
  it('lets one in at a time, in order, whatever happened before', async () => {
    const turns = new Turnstile();
    const seen: string[] = [];
    const work = (name: string, fails: boolean) => async (): Promise<void> => {
      seen.push(`${name} in`);
      await Promise.resolve();
      seen.push(`${name} out`);
      if (fails) throw new Error(name);
    };
    const first = turns.run(work('a', true), never);
    const second = turns.run(work('b', false), never);
    await expect(first).rejects.toThrow('a');
    await second;
    expect(seen).toEqual(['a in', 'a out', 'b in', 'b out']);
  });

  it('lets go who gives up while waiting, and keeps the order for the others', async () => {
    const turns = new Turnstile();
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const controller = new AbortController();
    const first = turns.run(() => gate, never);
    const second = turns.run(async () => 'second', controller.signal);
    let early = true;
    const third = turns.run(async () => early, never);
    controller.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    early = false;
    open();
    await first;
    expect(await third).toBe(false);
  });
});

describe('SharedWork', () => {
  it('does the work once for all who ask meanwhile', async () => {
    const shared = new SharedWork<number>();
    let runs = 0;
    const work = async (): Promise<number> => {
      runs += 1;
      return runs;
    };
    expect(await Promise.all([1, 2, 3].map(() => shared.run('key', work, never)))).toEqual([1, 1, 1]);
    expect(await shared.run('key', work, never)).toBe(2);
  });

  it('goes on while somebody waits and is aborted with the last', async () => {
    const shared = new SharedWork<number>();
    let stopped = 0;
    const work = (signal: AbortSignal): Promise<number> =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          stopped += 1;
          reject(signal.reason);
        });
      });
    const [one, two] = [new AbortController(), new AbortController()];
    const first = shared.run('key', work, one.signal);
    const second = shared.run('key', work, two.signal);
    one.abort(new Error('one'));
    await expect(first).rejects.toThrow('one');
    expect(stopped).toBe(0);
    two.abort(new Error('two'));
    await expect(second).rejects.toThrow('two');
    expect(stopped).toBe(1);
  });

  it('aborts everything when it closes', async () => {
    const shared = new SharedWork<number>();
    const waiting = shared.run('key', (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))), never);
    const outcome = expect(waiting).rejects.toThrow('closing');
    await shared.close(new Error('closing'));
    await outcome;
  });
});
