import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BADGE_COLORS, BADGE_LABEL_COLOR, type BadgeState, badgeSvg } from './badge-svg.ts';
import { textWidth } from './text-width.ts';

const STATES: readonly BadgeState[] = ['passed', 'failed', 'errored', 'canceled', 'running', 'unknown'];

describe('badgeSvg', () => {
  it.each(STATES)('says %s to those who see and to those who do not', (state) => {
    const svg = badgeSvg('build', state);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" width="\d+" height="20" viewBox="0 0 \d+ 20" role="img" aria-label="build: /);
    expect(svg).toContain(`<title>build: ${state}</title>`);
    expect(svg).toMatch(new RegExp(`<text [^>]*>build</text>\n<text [^>]*>${state}</text>`));
    expect(svg).toContain(BADGE_COLORS[state]);
  });

  it('is drawn of two fields that fit their texts', () => {
    expect(badgeSvg('build', 'passed')).toMatchInlineSnapshot(`
      "<svg xmlns="http://www.w3.org/2000/svg" width="93" height="20" viewBox="0 0 93 20" role="img" aria-label="build: passed">
      <title>build: passed</title>
      <path fill="#3a4149" d="M40 0H3a3 3 0 0 0-3 3v14a3 3 0 0 0 3 3H40z"/>
      <path fill="#17794a" d="M40 0H90a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3H40z"/>
      <g fill="#fff" font-family="Verdana,Geneva,'DejaVu Sans',sans-serif" font-size="11" aria-hidden="true">
      <text x="6" y="14" textLength="28">build</text>
      <text x="46" y="14" textLength="41">passed</text>
      </g></svg>
      "
    `);
  });

  it.each([...Object.values(BADGE_COLORS), BADGE_LABEL_COLOR])('has white text that can be read on %s', (color) => {
    expect(1.05 / (luminance(color) + 0.05)).toBeGreaterThanOrEqual(4.5);
  });

  it('takes any text for a text', () => {
    const own = /<\/?(?:svg|title|path|g|text)(?: [a-zA-Z-]+="[^"<>]*")*\/?>/g;
    assert(
      property(string({ unit: 'binary', maxLength: 30 }), (label) => {
        const svg = badgeSvg(label, 'passed');
        expect(svg.replaceAll(own, '')).not.toMatch(/[<>]|&(?!amp;|lt;|gt;|quot;|apos;)|[\u0000-\u0008\u000b\u000c\u000e-\u001f]|\p{Cs}/u);
      }),
    );
    expect(badgeSvg('<script>"&\'\u0000', 'passed')).toContain('<title>&lt;script&gt;&quot;&amp;&apos;\ufffd: passed</title>');
  });
});

describe('textWidth', () => {
  it('knows narrow letters from wide ones', () => {
    expect(textWidth('', 11)).toBe(0);
    expect(textWidth('illi', 11)).toBeLessThan(textWidth('mass', 11));
    expect(textWidth('passed', 22)).toBeCloseTo(2 * textWidth('passed', 11));
    expect(textWidth('日本', 10)).toBe(20);
  });
});

/** https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
