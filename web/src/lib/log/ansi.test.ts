import { describe, expect, it } from 'vitest';
import { contrast, lookOf } from './ansi-look.ts';
import { collapseProgress, parseAnsi, PLAIN, stripAnsi } from './ansi.ts';

describe('parseAnsi', () => {
  it('splits a line into runs and carries the style to the next line', () => {
    const { spans, end } = parseAnsi('plain \x1b[1;31mred');
    expect(spans.map((span) => span.text)).toEqual(['plain ', 'red']);
    expect(end).toEqual({ ...PLAIN, bold: true, fg: { kind: 'indexed', index: 1 } });
    expect(parseAnsi('still', end).spans[0]?.style.bold).toBe(true);
  });

  it.each([
    ['\x1b[38;5;9mx', { kind: 'indexed', index: 9 }],
    ['\x1b[38;5;196mx', { kind: 'rgb', hex: '#ff0000' }],
    ['\x1b[38;5;244mx', { kind: 'rgb', hex: '#808080' }],
    ['\x1b[38;2;1;2;255mx', { kind: 'rgb', hex: '#0102ff' }],
    ['\x1b[38;5;999mx', null],
    ['\x1b[38;2;1;2mx', null],
    ['\x1b[95mx', { kind: 'indexed', index: 13 }],
  ])('reads the colour of %j', (line, fg) => expect(parseAnsi(line).spans[0]?.style.fg).toEqual(fg));

  it('goes on reading after an extended colour', () => {
    expect(parseAnsi('\x1b[38;5;196;1mx').spans[0]?.style).toMatchObject({ bold: true });
  });

  it('switches everything off', () => expect(parseAnsi('\x1b[1;4;42mx\x1b[m').end).toEqual(PLAIN));

  it('leaves out cursor moves, titles and links, but not their text', () => {
    expect(stripAnsi('\x1b[2K\x1b[1Ga\x1b]8;;https://example.org\x07link\x1b]8;;\x1b\\ \x1b(Bb')).toBe('alink b');
  });

  it('shows other control characters', () => expect(stripAnsi('a\0b\x7f\tc')).toBe('a␀b␡\tc'));

  it('does not hang on an unfinished escape', () => expect(stripAnsi('end\x1b[38;5')).toContain('end'));
});

describe('collapseProgress', () => {
  it('shows the last state of a progress bar', () => expect(collapseProgress(' 1%\r50%\r100%')).toBe('100%'));
  it('ignores a last state that shows nothing', () => expect(collapseProgress('done\r\x1b[K')).toBe('done'));
  it('leaves a plain line alone', () => expect(collapseProgress('a')).toBe('a'));
});

describe('lookOf', () => {
  it('puts readable text on every background', () => {
    for (let index = 0; index < 16; index += 1) {
      const { variables } = lookOf({ ...PLAIN, bg: { kind: 'indexed', index }, fg: { kind: 'indexed', index } });
      expect(contrast(variables['--ansi-on-bg'] ?? '', variables['--ansi-bg'] ?? '')).toBeGreaterThanOrEqual(4.5);
    }
  });

  it('keeps a foreground that reads well on its background', () => {
    const look = lookOf({ ...PLAIN, fg: { kind: 'rgb', hex: '#ffffff' }, bg: { kind: 'rgb', hex: '#000080' } });
    expect(look.variables).toEqual({ '--ansi-bg': '#000080', '--ansi-on-bg': '#ffffff' });
  });

  it('swaps colours for inverse video', () => {
    expect(lookOf({ ...PLAIN, inverse: true, fg: { kind: 'rgb', hex: '#ff0000' } }).variables['--ansi-bg']).toBe('#ff0000');
  });
});
