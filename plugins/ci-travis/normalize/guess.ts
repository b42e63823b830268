import { allKeys } from '../schema/known.ts';

/** Words that are never taken for a misspelling, though they are near a known one. */
const NEVER_FROM = new Set(
  'after_vendor branch branches erlang gcc golang html jvm nvm osx pip pgsql postgres prose sdk slack start_script test trusty versions vimscript'.split(
    ' ',
  ),
);
const NEVER_TO = new Set(['elm_test']);
const MAX_DISTANCE = 4;

interface Candidate {
  readonly score: number;
  readonly word: string;
}

/**
 * What a misspelt key was meant to be, or null. A word that is itself a known key anywhere is never corrected. The rules, and the ties, are
 * those of travis-yml (lib/travis/yml/doc/helper/match.rb).
 */
export function guessWord(words: readonly string[], given: string): string | null {
  if (NEVER_FROM.has(given) || allKeys().has(given)) return null;
  const guess = closest(words, given);
  return guess !== null && NEVER_TO.has(guess) ? null : guess;
}

/** The word nearest to the one given: by edit distance, then by letters in common, then the longest. Null if none is near, or it is one of them. */
export function closest(words: readonly string[], given: string): string | null {
  if (given.length < 3 || words.includes(given)) return null;
  let found = byDistance(words, given);
  if (found.length === 0 && given.length < 6) found = anagram(words, given);
  if (isTied(found)) found = byLetters(found, given);
  if (isTied(found)) found = found.toSorted((a, b) => b.word.length - a.word.length);
  return found[0]?.word ?? null;
}

function isTied(candidates: readonly Candidate[]): boolean {
  const [first, second] = candidates;
  return first !== undefined && second !== undefined && first.score === second.score;
}

function byDistance(words: readonly string[], given: string): Candidate[] {
  return words
    .map((word) => ({ word, score: distance(word, given) }))
    .filter(({ word, score }) => score < Math.min(given.length / 2, word.length / 2, MAX_DISTANCE))
    .toSorted((a, b) => a.score - b.score);
}

function anagram(words: readonly string[], given: string): Candidate[] {
  const letters = sortedLetters(given);
  const word = words.find((other) => other.length === given.length && sortedLetters(other) === letters);
  return word === undefined ? [] : [{ word, score: 1 }];
}

function sortedLetters(word: string): string {
  return word.split('').toSorted().join('');
}

function byLetters(candidates: readonly Candidate[], given: string): Candidate[] {
  const letters = new Set(given);
  return candidates
    .map(({ word }) => ({ word, score: [...new Set(word)].filter((letter) => letters.has(letter)).length }))
    .toSorted((a, b) => b.score - a.score);
}

/** Levenshtein's distance, or a number too large to matter where the lengths already differ too much. */
function distance(one: string, other: string): number {
  if (Math.abs(one.length - other.length) >= MAX_DISTANCE) return MAX_DISTANCE;
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replaced));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
