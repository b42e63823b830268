import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import type { Role } from '#server/api';
import { absolute } from './environment.ts';
import type { ReadFile } from './file.ts';
import type { ConfigProblem } from './problems.ts';
import type { GithubSignInInput } from './schema.ts';

/** How people sign in with GitHub. */
export interface GithubSignInConfig {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Without a slash at the end. */
  readonly webUrl: string;
  readonly apiUrl: string;
  readonly allow: { readonly users: readonly (string | number)[]; readonly organisations: readonly string[] };
  /** Null: only what projects give them. */
  readonly role: Role | null;
  readonly syncRoles: boolean;
  readonly scm: string;
}

/** The file's way of signing in with GitHub, its secret read; null where it says none, or what it says is a problem. */
export function githubSignIn(file: ReadFile, problems: ConfigProblem[]): GithubSignInConfig | null {
  const given = file.content.signIn.github;
  if (given === undefined) return null;
  const report = (key: string, text: string): null => {
    problems.push({ where: file.locate(['signIn', 'github', key]), text });
    return null;
  };
  const clientSecret = readSecret(given, file.folder, report);
  if (clientSecret === null) return null;
  const { clientId, webUrl, apiUrl, allow, role, syncRoles, scm } = given;
  return { clientId, clientSecret, webUrl, apiUrl, allow, role: role === 'none' ? null : role, syncRoles, scm };
}

function readSecret(
  { clientSecret, clientSecretFile }: z.output<typeof GithubSignInInput>,
  folder: string,
  report: (key: string, text: string) => null,
): string | null {
  if (clientSecret !== undefined && clientSecretFile !== undefined) return report('clientSecret', 'is said twice: here and by clientSecretFile.');
  if (clientSecret !== undefined) return clientSecret;
  if (clientSecretFile === undefined) return report('clientSecret', 'is missing: say it here, or in a file that clientSecretFile names.');
  try {
    const text = readFileSync(absolute(clientSecretFile, folder), 'utf8').trim();
    return text === '' ? report('clientSecretFile', 'names a file in which there is nothing.') : text;
  } catch (error) {
    return report('clientSecretFile', `cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
}
