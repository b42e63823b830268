import { describe, expect, it } from 'vitest';
import { didYouMean, suggest } from './suggest.ts';

const KEYS = ['timeMinutes', 'silenceMinutes', 'logMegabytes', 'jobs', 'ready', 'image'];

describe('suggest', () => {
  it.each([
    ['time-minutes', 'timeMinutes'],
    ['timeMinute', 'timeMinutes'],
    ['SILENCE_MINUTES', 'silenceMinutes'],
    ['job', 'jobs'],
    ['jbos', 'jobs'],
    ['imgae', 'image'],
    ['colour', null],
    ['x', null],
    ['', null],
  ])('takes %j for %j', (word, expected) => {
    expect(suggest(word, KEYS)).toBe(expected);
  });

  it('finds nothing among nothing', () => {
    expect(suggest('jobs', [])).toBeNull();
    expect(didYouMean('jobs', [])).toBe('');
  });

  it('is a question behind a sentence', () => {
    expect(didYouMean('redy', KEYS)).toBe(' Did you mean "ready"?');
  });
});
