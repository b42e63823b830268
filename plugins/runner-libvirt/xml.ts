import { PluginError } from '#plugins/api';

/** An element of an XML document. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (XmlElement | string)[];
}

/** What is given for a child: null stands for nothing. */
export type XmlChild = XmlElement | string | null;

/** An element with its attributes and children; names are ours, values may be anything. */
export function element(name: string, attributes: Readonly<Record<string, string>> = {}, ...children: readonly XmlChild[]): XmlElement {
  return { name, attributes, children: children.filter((child) => child !== null) };
}

/** The element as text. Throws `invalid` for a character that XML 1.0 cannot hold in any form. */
export function writeXml(node: XmlElement): string {
  const attributes = Object.entries(node.attributes).map(([name, value]) => ` ${name}='${escapeXml(value)}'`);
  const inside = node.children.map((child) => (typeof child === 'string' ? escapeXml(child) : writeXml(child))).join('');
  const start = `<${node.name}${attributes.join('')}`;
  return inside === '' ? `${start}/>` : `${start}>${inside}</${node.name}>`;
}

/** Everything but what XML 1.0 calls a Char. A lone surrogate is none. */
const FORBIDDEN = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;

/** Line ends and tabs are written by number, because a reader may turn them into spaces. */
function escapeXml(text: string): string {
  if (FORBIDDEN.test(text)) throw new PluginError('invalid', `${JSON.stringify(text.slice(0, 80))} holds a character that XML cannot.`);
  return text.replaceAll(/[&<>"'\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
