import { expect, test } from 'vitest';
import { PluginError } from '#plugins/api';
import { MachineRemover } from './machine-remover.ts';

/** Destroys each machine at the given try, and not before. */
function stubborn(tries: Readonly<Record<string, number>>) {
  const asked = new Map<string, number>();
  return {
    destroy: async (id: string): Promise<void> => {
      asked.set(id, (asked.get(id) ?? 0) + 1);
      if ((asked.get(id) ?? 0) < (tries[id] ?? 1)) throw new PluginError('unavailable', 'it hangs');
    },
  };
}

test('a machine that cannot be destroyed is told and tried again, and nothing is thrown', async () => {
  const told: string[] = [];
  const remover = new MachineRemover(stubborn({ m2: 2, m3: 3 }), (sentence) => void told.push(sentence));
  for (const id of ['m1', 'm2', 'm3']) await remover.destroy(id);
  expect(told.splice(0)).toEqual(['the machine m2 could not be removed: it hangs', 'the machine m3 could not be removed: it hangs']);
  expect(await remover.finish()).toBe(false);
  expect(told.splice(0)).toEqual(['the machine m3 could not be removed: it hangs']);
  expect(await remover.finish()).toBe(true);
  expect(told).toEqual([]);
});
