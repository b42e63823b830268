import { PluginError } from '#plugins/api';
import { scrub } from '#plugins/kit/scrub';

/** A whole server cannot be asked. */
const DEAD = /\bError getting status:|\blmgrd is not running/;
/** A part of it cannot: one of three servers, or a vendor's daemon. The numbers are those of FlexNet's error codes. */
const AWAY =
  /Cannot (?:connect to|read data from) license server|License server machine is down|desired vendor daemon is down|license server DOWN|: DOWN\b|\(-(?:15|16|96|97),\d/;
const FORBIDDEN = /\(-63,\d|not a license administrator/i;

export function isDead(line: string): boolean {
  return DEAD.test(line);
}

export function isAway(line: string): boolean {
  return AWAY.test(line);
}

export function isForbidden(output: string): boolean {
  return FORBIDDEN.test(output);
}

export function unavailable(line: string): PluginError {
  return new PluginError('unavailable', `The licence server cannot be asked: ${sentence(line)}`);
}

/** An answer that cannot be understood. */
export function rejected(what: string, line?: string): PluginError {
  return new PluginError('rejected', line === undefined ? `lmutil answers what cannot be understood: ${what}.` : `${what}: ${sentence(line)}`);
}

/** Text of a program as the end of a sentence: without control characters, and not long. */
export function sentence(text: string): string {
  const plain = scrub(text.slice(0, 2000), []).slice(0, 300).trimEnd();
  return plain.endsWith('.') ? plain : `${plain || 'it says nothing'}.`;
}
