import { once } from 'node:events';
import { expect, test } from 'vitest';
import { withPatience } from './patience.ts';

const PATIENT = 600_000;

async function untilAborted(signal: AbortSignal): Promise<never> {
  await once(signal, 'abort');
  // As fetch and child processes do: an error of their own kind, with the reason behind it.
  throw new DOMException('This operation was aborted', 'AbortError');
}

test('what comes in time is given, and thrown, as it is', async () => {
  expect(await withPatience(PATIENT, () => Promise.resolve(7))).toBe(7);
  const mistake = new Error('no');
  await expect(withPatience(PATIENT, () => Promise.reject(mistake))).rejects.toBe(mistake);
});

test('lateness is told as a host that is away', async () => {
  await expect(withPatience(20, untilAborted)).rejects.toMatchObject({ name: 'PluginError', code: 'unavailable', message: /did not answer in time/ });
});

test('the other signal ends it, too, and is not taken for lateness', async () => {
  const outer = new AbortController();
  const ended = withPatience(PATIENT, untilAborted, outer.signal);
  outer.abort(new Error('the server stops'));
  await expect(ended).rejects.toMatchObject({ name: 'AbortError' });
});
