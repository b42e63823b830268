import type { AnsiSpan } from './ansi.ts';

/** A run of text in one style that is, or is not, part of what was searched for. */
export interface MarkedSpan extends AnsiSpan {
  isMatch: boolean;
}

/** Marks every place of `query` (any case) in a line, also where it crosses a change of colour. An empty query marks nothing. */
export function markMatches(spans: readonly AnsiSpan[], query: string): MarkedSpan[] {
  const text = spans
    .map((span) => span.text)
    .join('')
    .toLowerCase();
  const wanted = query.toLowerCase();
  const ranges = wanted === '' ? [] : findAll(text, wanted);
  if (ranges.length === 0) return spans.map((span) => ({ ...span, isMatch: false }));
  return cut(spans, ranges, wanted.length);
}

function findAll(text: string, wanted: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + wanted.length)) places.push(at);
  return places;
}

function cut(spans: readonly AnsiSpan[], places: readonly number[], length: number): MarkedSpan[] {
  const edges = places.flatMap((place) => [place, place + length]);
  const marked: MarkedSpan[] = [];
  let offset = 0;
  for (const span of spans) {
    const inside = edges.filter((edge) => edge > offset && edge < offset + span.text.length).map((edge) => edge - offset);
    const bounds = [0, ...inside, span.text.length];
    for (const [i, from] of bounds.slice(0, -1).entries()) {
      const place = offset + from;
      const isMatch = places.some((start) => place >= start && place < start + length);
      marked.push({ text: span.text.slice(from, bounds[i + 1]), style: span.style, isMatch });
    }
    offset += span.text.length;
  }
  return marked;
}
