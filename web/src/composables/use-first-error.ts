import type { StepView } from '#server/api';
import { shallowRef, watch, type ShallowRef } from 'vue';
import { fetchLogRange, type LogPlace } from '../api/log-client.ts';
import { stripAnsi } from '../lib/log/ansi.ts';
import { findFirstError } from '../lib/log/first-error.ts';

/** So much of a failed step's end is looked through. */
const LOOK_BYTES = 256 * 1024;

/** The line that most likely says what went wrong: from 0, and its text. */
export interface FirstError {
  line: number;
  text: string;
}

/** Looks for the first error in a failed step that has ended. Null while not known, and where nothing looks like one. `isSettled`: it has been looked for. */
export function useFirstError(
  log: () => LogPlace | null,
  step: () => StepView | null,
): { error: ShallowRef<FirstError | null>; isSettled: ShallowRef<boolean> } {
  const error = shallowRef<FirstError | null>(null);
  const isSettled = shallowRef(false);

  watch(
    () => [log()?.jobId, log()?.attempt, step()?.index, step()?.endOffset],
    () => void look(),
    { immediate: true },
  );

  async function look(): Promise<void> {
    const [place, failed] = [log(), step()];
    error.value = null;
    isSettled.value = false;
    try {
      if (place && failed) error.value = await findIn(place, failed);
    } catch (problem) {
      // The log itself shows why it cannot be read; a missing hint needs no second notice.
      console.warn('The first error could not be looked for.', problem);
    }
    isSettled.value = true;
  }

  return { error, isSettled };
}

async function findIn(place: LogPlace, step: StepView): Promise<FirstError | null> {
  if (step.endOffset === null || step.endLine === null) return null;
  const start = Math.max(step.startOffset, step.endOffset - LOOK_BYTES);
  const text = new TextDecoder().decode(await fetchLogRange(place, start, step.endOffset));
  const lines = text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => stripAnsi(line.replace(/\r+$/, '')));
  const at = findFirstError(lines);
  const found = at === null ? undefined : lines[at];
  return at === null || found === undefined ? null : { line: step.endLine - lines.length + at, text: found.trim().slice(0, 500) };
}
