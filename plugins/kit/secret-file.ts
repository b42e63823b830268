import { readFile } from 'node:fs/promises';
import { PluginError } from '#plugins/api';

/**
 * The one line of a file that holds a secret, without the line break at its end. Read again for each use, so that it can be changed without a restart. Throws
 * `unauthorized` for a file that cannot be read, is empty or has several lines; `what` says in a word or two what is in it.
 */
export async function readSecretFile(file: string, what: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new PluginError('unauthorized', `The file of the ${what}, ${file}, cannot be read: check that it is there and may be read by the server.`, {
      cause,
    });
  });
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '' || /[\u0000-\u001f\u007f]/.test(secret))
    throw new PluginError('unauthorized', `The file of the ${what}, ${file}, must hold one line and nothing else.`);
  return secret;
}
