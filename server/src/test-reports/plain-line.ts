import { readableText } from '../builds/storable.ts';

/** Longer lines are cut: no name of a test, and no place, is in what follows. Characters. */
const LONGEST = 2000;
/** Colours and other orders to a terminal (ECMA-48), and titles and links (OSC). */
const ORDERS = /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[@-Z\\^_])/g;
const CONTROLS = /[\u0000-\u0008\u000B-\u001F\u007F\u2028\u2029]/g;

/** A line of a log as a terminal would show it at last: without colours, and of what was overwritten after a carriage return only the last. */
export function plainLine(line: string): string {
  const cut = line.slice(0, LONGEST);
  const shown = cut.includes('\u001B') ? cut.replaceAll(ORDERS, '') : cut;
  let end = shown.length;
  while (end > 0 && shown[end - 1] === '\r') end -= 1;
  const last = shown.slice(shown.lastIndexOf('\r', end - 1) + 1, end);
  return readableText(last.replaceAll(CONTROLS, ''));
}
