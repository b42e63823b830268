import { PluginError } from '#plugins/api';
import { quoteWord } from './ssh-quote.ts';

/**
 * The shell command by which a hook tells us at `url` that there is something new: an empty POST. It does not hold up the push, whatever becomes of it, and nothing in
 * it comes from the push. Throws `invalid` for what is no http or https URL.
 */
export function hintCommand(url: string): string {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) throw new PluginError('invalid', 'A hook can call an http or https URL only.');
  const address = quoteWord(new URL(url).href);
  return `curl --silent --globoff --max-time 10 --request POST --data '' --url ${address} </dev/null >/dev/null 2>&1 &`;
}
