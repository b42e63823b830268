import type { Shape } from './status.ts';

/** How a shape is drawn in a 16 x 16 box: an outline, or a filled form. */
export interface Drawing {
  path: string;
  filled?: true;
  /** A broken outline: dash and gap. */
  dash?: string;
}

/** Every shape, drawn once; icons and the tab's icon share it. */
export const SHAPES: Record<Shape, Drawing> = {
  check: { path: 'M3.2 8.6 6.5 11.9 12.9 4.7' },
  cross: { path: 'M4.2 4.2 11.8 11.8M11.8 4.2 4.2 11.8' },
  bolt: { path: 'M9.6 1.2 3.2 9.2H7.3L6.3 14.8 12.8 6.6H8.6Z', filled: true },
  arc: { path: 'M8 2.5A5.5 5.5 0 1 1 2.5 8' },
  'arc-short': { path: 'M8 2.5A5.5 5.5 0 0 1 13.5 8' },
  'arc-long': { path: 'M8 2.5A5.5 5.5 0 1 1 4.1 4.1' },
  dot: { path: 'M12.2 8A4.2 4.2 0 1 1 3.8 8 4.2 4.2 0 0 1 12.2 8Z' },
  dotted: { path: 'M12.5 8A4.5 4.5 0 1 1 3.5 8 4.5 4.5 0 0 1 12.5 8Z', dash: '0.1 2.73' },
  hand: {
    path: 'M4.9 9.3V4.7a1 1 0 0 1 2 0v3M6.9 7.5V3a1 1 0 0 1 2 0v4.5M8.9 7.5V3.7a1 1 0 0 1 2 0v4M10.9 8V5.5a1 1 0 0 1 2 0V10c0 2.9-1.7 4.6-4.2 4.6-2 0-3.1-.8-4.1-2.5L2.6 9.5c-.5-1 .6-1.9 1.4-1.2l.9 1',
  },
  bar: { path: 'M2.5 6H13.5V10H2.5Z', filled: true },
  dash: { path: 'M5 8H11' },
  disc: { path: 'M11.5 8A3.5 3.5 0 1 1 4.5 8 3.5 3.5 0 0 1 11.5 8Z', filled: true },
};
