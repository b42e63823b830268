import { textWidth } from './text-width.ts';

/** What a badge can say: how the newest finished build came out or, before there is one, that the first is under way. */
export type BadgeState = 'passed' | 'failed' | 'errored' | 'canceled' | 'running' | 'unknown';

/** Background of each state; white text on it has a contrast of 4.5 to 1 at least (WCAG 2.2, 1.4.3). */
export const BADGE_COLORS: Readonly<Record<BadgeState, string>> = {
  passed: '#17794a',
  failed: '#c22a24',
  errored: '#96560a',
  canceled: '#616b76',
  running: '#1861b4',
  unknown: '#616b76',
};
export const BADGE_LABEL_COLOR = '#3a4149';

const HEIGHT = 20;
const FONT_SIZE = 11;
const BASELINE = 14;
const PADDING = 6;
const RADIUS = 3;

/** A picture of two fields, `label` and what it is about, 20 pixels high; it needs nothing from elsewhere and can stand anywhere. Pure. */
export function badgeSvg(label: string, state: BadgeState): string {
  const [left, right] = [fieldOf(label), fieldOf(state)];
  const width = left.width + right.width;
  const title = escapeXml(`${label}: ${state}`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${HEIGHT}" viewBox="0 0 ${width} ${HEIGHT}" role="img" aria-label="${title}">`,
    `<title>${title}</title>`,
    // Two shapes with two round corners each: no clip path, whose name could be that of another badge on the page.
    `<path fill="${BADGE_LABEL_COLOR}" d="M${left.width} 0H${RADIUS}a${RADIUS} ${RADIUS} 0 0 0-${RADIUS} ${RADIUS}v${HEIGHT - 2 * RADIUS}a${RADIUS} ${RADIUS} 0 0 0 ${RADIUS} ${RADIUS}H${left.width}z"/>`,
    `<path fill="${BADGE_COLORS[state]}" d="M${left.width} 0H${width - RADIUS}a${RADIUS} ${RADIUS} 0 0 1 ${RADIUS} ${RADIUS}v${HEIGHT - 2 * RADIUS}a${RADIUS} ${RADIUS} 0 0 1-${RADIUS} ${RADIUS}H${left.width}z"/>`,
    `<g fill="#fff" font-family="Verdana,Geneva,'DejaVu Sans',sans-serif" font-size="${FONT_SIZE}" aria-hidden="true">`,
    textAt(PADDING, left),
    textAt(left.width + PADDING, right),
    '</g></svg>',
    '',
  ].join('\n');
}

interface Field {
  readonly text: string;
  readonly textLength: number;
  readonly width: number;
}

function fieldOf(text: string): Field {
  const textLength = Math.ceil(textWidth(text, FONT_SIZE));
  return { text, textLength, width: textLength + 2 * PADDING };
}

/** `textLength` makes it fit, whichever font the reader has. */
function textAt(x: number, { text, textLength }: Field): string {
  return `<text x="${x}" y="${BASELINE}" textLength="${textLength}">${escapeXml(text)}</text>`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

function escapeXml(text: string): string {
  // XML has no way at all to hold these.
  const allowed = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu, '\ufffd');
  return allowed.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
