/** Browsers lose precision or clip elements above some millions of pixels: taller content is scrolled through a scaled height. */
export const MAX_SCROLL_HEIGHT = 10_000_000;

/** The place at the top of the view: a row, and how many pixels of it are above the edge. */
export interface Anchor {
  row: number;
  offset: number;
}

/** The sizes that decide how rows map to a scroll bar. All in pixels but `rows`. */
export interface ScrollSpace {
  rows: number;
  rowHeight: number;
  viewHeight: number;
}

/** A row's height as drawn; at least `rowHeight`. */
export type HeightOf = (row: number) => number;

/** How tall the element inside the scroller must be. */
export function scrollHeight(space: ScrollSpace): number {
  return Math.min(MAX_SCROLL_HEIGHT, Math.max(space.viewHeight, space.rows * space.rowHeight));
}

/** Where the scroll bar stands for an anchor. */
export function toScrollTop(anchor: Anchor, space: ScrollSpace): number {
  const range = scrollHeight(space) - space.viewHeight;
  const travel = space.rows * space.rowHeight - space.viewHeight;
  if (range <= 0 || travel <= 0) return 0;
  const top = anchor.row * space.rowHeight + Math.min(anchor.offset, space.rowHeight - 1);
  return Math.min(range, Math.max(0, (top / travel) * range));
}

/** The anchor for a place of the scroll bar: for jumps, by dragging it or by the keyboard. */
export function fromScrollTop(scrollTop: number, space: ScrollSpace): Anchor {
  const range = scrollHeight(space) - space.viewHeight;
  const travel = space.rows * space.rowHeight - space.viewHeight;
  if (range <= 0 || travel <= 0) return { row: 0, offset: 0 };
  const top = Math.min(1, Math.max(0, scrollTop / range)) * travel;
  const row = Math.floor(top / space.rowHeight);
  return { row, offset: top - row * space.rowHeight };
}

/** Moves an anchor by some real pixels through rows of any height, to the content's ends at most. */
export function moveAnchor(anchor: Anchor, by: number, space: ScrollSpace, heightOf: HeightOf): Anchor {
  const last = endAnchor(space, heightOf);
  let { row } = anchor;
  let offset = anchor.offset + by;
  while (offset < 0 && row > 0) {
    row -= 1;
    offset += heightOf(row);
  }
  while (row < last.row && offset >= heightOf(row)) {
    offset -= heightOf(row);
    row += 1;
  }
  if (offset < 0) return { row: 0, offset: 0 };
  return isAfter({ row, offset }, last) ? last : { row, offset };
}

/** The anchor that puts the last row's end at the view's lower edge. */
export function endAnchor(space: ScrollSpace, heightOf: HeightOf): Anchor {
  let row = space.rows;
  let left = space.viewHeight;
  while (row > 0 && left > 0) {
    row -= 1;
    left -= heightOf(row);
  }
  return { row, offset: left < 0 ? -left : 0 };
}

/** Whether the view stands at the end, to a pixel. */
export function isAtEnd(anchor: Anchor, space: ScrollSpace, heightOf: HeightOf): boolean {
  const end = endAnchor(space, heightOf);
  return isAfter({ row: anchor.row, offset: anchor.offset + 1.5 }, end);
}

function isAfter(a: Anchor, b: Anchor): boolean {
  return a.row > b.row || (a.row === b.row && a.offset >= b.offset);
}
