import { SHAPES } from './shapes.ts';
import type { StatusLook, Tone } from './status.ts';

/** Colours that read on light and dark tabs alike, under a white shape. */
const GROUND: Record<Tone, string> = {
  pass: '#1d8a55',
  fail: '#d1322b',
  error: '#b86a0c',
  run: '#2272cc',
  held: '#7d4fc4',
  wait: '#66717c',
  idle: '#7b8590',
};

/** The tab's icon for a state, as a data address. */
export function drawFavicon(look: StatusLook): string {
  const drawing = SHAPES[look.shape];
  const paint = drawing.filled
    ? 'fill="#fff"'
    : `fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round" stroke-dasharray="${drawing.dash ?? 'none'}"`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-4 -4 24 24"><rect x="-4" y="-4" width="24" height="24" rx="6" fill="${GROUND[look.tone]}"/><path d="${drawing.path}" ${paint}/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
