import type { MessageLog } from './messages.ts';

/** Travis's reader drops every character beyond ASCII (lib/travis/yml/parts/part.rb); what it makes of a file is what counts here. */
export function asciiOnly(source: string, log: MessageLog): string {
  const lines = source.split('\n').map((line) => line.replace(/(?:^|\s)#.*/, '').search(/[^\0-\x7F\uFEFF]/));
  const line = lines.findIndex((column) => column >= 0);
  const place = { line: line + 1, column: (lines[line] ?? 0) + 1 };
  if (line >= 0) log.warning([], 'characters beyond ASCII are left out, as Travis does; this is the first', place);
  return source.replaceAll(/[^\0-\x7F]/g, '');
}

/** Without white space around it, and with the first line's indentation taken off every line. */
export function dedent(source: string): string {
  const text = source.trimEnd();
  const begin = text.slice(0, Math.max(0, text.search(/\S/)));
  const width = begin.length - withoutSpaces(begin).length;
  const even = width === 0 ? text : text.replaceAll(new RegExp(`^ {${width}}`, 'gm'), '');
  return even.replace(/^((?:\s*\n)?)[ \t]+(?=\S)/, '$1');
}

/** Without the spaces at its end: a pattern for them would begin anew at each. */
function withoutSpaces(text: string): string {
  let end = text.length;
  while (text[end - 1] === ' ') end -= 1;
  return text.slice(0, end);
}
