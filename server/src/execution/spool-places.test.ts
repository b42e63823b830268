import { expect, test } from 'vitest';
import { SpoolPlaces } from './spool-places.ts';

/** Notes texts as they would be stored: unmasked, one after the other. */
function noted(...texts: string[]): { places: SpoolPlaces; end: { offset: number; line: number } } {
  const places = new SpoolPlaces();
  let at = { offset: 0, line: 0 };
  for (const text of texts) {
    const after = { offset: at.offset + text.length, line: at.line + text.split('\n').length - 1 };
    places.note(Buffer.from(text), at.offset, at, after);
    at = after;
  }
  return { places, end: at };
}

test('every place of what was noted is known exactly', () => {
  const texts = ['one\ntwo', '\n\nthree\n', 'four'];
  const { places, end } = noted(...texts);
  const whole = texts.join('');
  for (let offset = 0; offset <= whole.length; offset += 1) {
    expect(places.find(offset, end)).toEqual({ offset, line: whole.slice(0, offset).split('\n').length - 1 });
  }
});

test('before anything is noted every place is the end', () => {
  expect(new SpoolPlaces().find(5, { offset: 9, line: 2 })).toEqual({ offset: 9, line: 2 });
});

test('only the last chunks are remembered: an older place is where they begin', () => {
  const { places, end } = noted(...Array.from({ length: 20 }, () => 'a\n'));
  expect(places.find(3, end)).toEqual({ offset: 24, line: 12 });
  expect(places.find(39, end)).toEqual({ offset: 39, line: 19 });
});

test('a place beyond all is where the last chunk ends', () => {
  const { places, end } = noted('one\n');
  expect(places.find(1000, end)).toEqual(end);
});

test('where something was masked a place is never beyond its chunk in the log', () => {
  const places = new SpoolPlaces();
  places.note(Buffer.from('a long secret value\nnext'), 100, { offset: 50, line: 3 }, { offset: 58, line: 4 });
  const found = Array.from({ length: 25 }, (_, index) => places.find(100 + index, { offset: 58, line: 4 }));
  for (const { offset, line } of found) {
    expect(offset).toBeGreaterThanOrEqual(50);
    expect(offset).toBeLessThanOrEqual(58);
    expect(line).toBeLessThanOrEqual(4);
  }
  expect(found.map((place) => place.offset)).toEqual(found.map((place) => place.offset).toSorted((one, other) => one - other));
});
