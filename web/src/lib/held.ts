import type { BuildSummary, HeldView } from '#server/api';
import { count, listWords } from './numbers.ts';
import { isHeld } from './status.ts';

/** What waits for an approval after news of a build, oldest first. */
export function withHeld(held: HeldView, build: BuildSummary): HeldView {
  const isKnown = held.builds.some(({ id }) => id === build.id);
  const others = held.builds.filter(({ id }) => id !== build.id);
  if (!isHeld(build)) return isKnown ? { total: held.total - 1, builds: others } : held;
  return { total: isKnown ? held.total : held.total + 1, builds: [...others, build].sort((a, b) => a.id - b.id) };
}

/** What the list is about, in a sentence: of how many projects, and that nothing of it runs. */
export function heldSentence(held: HeldView): string {
  const names = [...new Set(held.builds.map(({ projectName }) => projectName))];
  const shown = names.length > 3 ? [...names.slice(0, 2), count(names.length - 2, 'other project')] : names;
  return `${count(held.total, 'change')} of ${listWords(shown)} by people who are not trusted there. Nothing of ${held.total === 1 ? 'it' : 'them'} runs until somebody has looked.`;
}
