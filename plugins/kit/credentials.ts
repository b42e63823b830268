import { createHash } from 'node:crypto';
import { PluginError, type Repository, type RepositoryCredentials } from '#plugins/api';
import type { GitUrl } from './git-url.ts';

/** Where programs are looked for: not where the account of the server has put things. */
export const PROGRAMS = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/homebrew/bin';

/** Stands for the credentials where one must tell them apart; nobody gets back from it to them. */
export function fingerprint(repository: Repository): string {
  return createHash('sha256').update(JSON.stringify(repository.credentials)).digest('hex');
}

/** Throws `invalid` for credentials that are of no use at that URL. */
export function assertFits({ transport }: Pick<GitUrl, 'transport'>, credentials: RepositoryCredentials): void {
  if (credentials.kind === 'ssh-key' && transport !== 'ssh')
    throw new PluginError('invalid', 'An ssh key fits ssh URLs only: give a user and password or token.');
  if (credentials.kind !== 'password') return;
  if (transport !== 'https' && transport !== 'http') throw new PluginError('invalid', 'A password fits https URLs only: give an ssh key for ssh.');
  if (/[\u0000\n\r]/.test(credentials.user + credentials.password)) throw new PluginError('invalid', 'The user or password holds a line break.');
}

/** What must not appear in errors and logs of somebody who signs in with a password: all forms of it that `scrub` cannot make itself. */
export function passwordSecrets(user: string, password: string): string[] {
  return [password, `${user}:${password}`];
}
