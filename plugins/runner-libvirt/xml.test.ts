import { describe, expect, test } from 'vitest';
import { element, writeXml } from './xml.ts';

describe('XML', () => {
  test('is written with its attributes and children', () => {
    const tree = element('a', { b: 'c', d: 'e' }, element('f'), null, 'text', element('g', {}, 'more'));
    expect(writeXml(tree)).toBe("<a b='c' d='e'><f/>text<g>more</g></a>");
  });

  test('holds nothing that a value could have made of it', () => {
    const evil = `'/><x y="z">&amp;\n]]>`;
    const escaped = '&#39;/&#62;&#60;x y=&#34;z&#34;&#62;&#38;amp;&#10;]]&#62;';
    expect(writeXml(element('a', { b: evil }, evil))).toBe(`<a b='${escaped}'>${escaped}</a>`);
  });

  test.each(['\0', '\u0001', '\u001f', '\ufffe', '\ud800'])('refuses %j', (character) => {
    expect(() => writeXml(element('a', {}, `x${character}`))).toThrow(expect.objectContaining({ code: 'invalid' }));
  });

  test('takes what is not of the basic plane', () => {
    expect(writeXml(element('a', {}, 'ü☃\u{1F40D}'))).toBe('<a>ü☃\u{1F40D}</a>');
  });
});
