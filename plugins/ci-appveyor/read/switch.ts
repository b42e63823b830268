import type { Part } from '#plugins/kit/yaml/part';
import type { Report } from '#plugins/kit/yaml/report';

/** Words for true and false; AppVeyor reads YAML 1.1, where there are more of them than today, and `none` turns things off, too. */
const YES = /^(?:true|yes|on)$/i;
const NO = /^(?:false|no|off|none)$/i;

/** Whether a switch is on; null where it is not there, or (with a warning) says neither. */
export function flagOf(part: Part | null, report: Report): boolean | null {
  if (part === null || part.tree.kind === 'empty') return null;
  if (part.tree.kind === 'text' && YES.test(part.tree.text)) return true;
  if (isOff(part)) return false;
  report.warning(part.path, part.at, 'This must be true or false; it is taken as if it were not there.');
  return null;
}

/** Whether a section is switched off: `deploy: off`. */
export function isOff({ tree }: Part): boolean {
  return tree.kind === 'text' && NO.test(tree.text);
}

/** Whether a text is a switch rather than a command. */
export function isSwitch(text: string): boolean {
  return YES.test(text) || NO.test(text);
}
