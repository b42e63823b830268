import { describe, expect, it } from 'vitest';
import { Batcher } from './batcher.ts';

describe('Batcher', () => {
  it('gathers what comes while it is busy, and gives each its own result', async () => {
    const strokes: number[][] = [];
    const gate = manualGate();
    const batcher = new Batcher<number, string>(async (items) => {
      strokes.push([...items]);
      if (strokes.length === 1) await gate.promise;
      return items.map((item) => `done ${item}`);
    });
    const first = batcher.add(1);
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    const rest = [batcher.add(2), batcher.add(3)];
    gate.resolve();
    expect(await Promise.all([first, ...rest])).toEqual(['done 1', 'done 2', 'done 3']);
    expect(strokes).toEqual([[1], [2, 3]]);
  });

  it('rejects those of a failed stroke only, and goes on', async () => {
    let strokes = 0;
    const batcher = new Batcher<number, number>((items) => {
      strokes += 1;
      return strokes === 1 ? Promise.reject(new Error('no')) : Promise.resolve(items);
    });
    await expect(batcher.add(1)).rejects.toThrow('no');
    expect(await batcher.add(2)).toBe(2);
  });
});

function manualGate(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
