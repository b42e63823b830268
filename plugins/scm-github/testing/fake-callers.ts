import { verify } from 'node:crypto';
import { z } from 'zod';
import type { FakeRepository, FakeState, FakeToken } from './fake-state.ts';

/** Whose name a request is made in; `bad`: the credentials are none. */
export type Caller = { readonly kind: 'anonymous' } | { readonly kind: 'app' } | { readonly kind: 'bad' } | FakeToken;

const Claims = z.object({ iss: z.union([z.number(), z.string()]), iat: z.number(), exp: z.number() });
const LONGEST_SECONDS = 600;

/** Reads `token X`, `Bearer X` (a token of the App is signed with its key), and the basic authentication that git sends. */
export function callerOf(state: FakeState, authorization: string): Caller {
  if (authorization === '') return { kind: 'anonymous' };
  const [, scheme = '', value = ''] = /^(\S+) (.+)$/.exec(authorization) ?? [];
  if (scheme.toLowerCase() === 'basic')
    return tokenCaller(
      state,
      Buffer.from(value, 'base64')
        .toString('utf8')
        .replace(/^[^:]*:/, ''),
    );
  if (value.split('.').length === 3) return isOfApp(state, value) ? { kind: 'app' } : { kind: 'bad' };
  return tokenCaller(state, value);
}

/** What a caller may do with a repository. */
export function permissionOf(state: FakeState, caller: Caller, repository: FakeRepository): 'admin' | 'write' | 'read' | 'none' {
  if (caller.kind === 'installation') return isAmong(caller, repository) ? 'read' : 'none';
  if (caller.kind !== 'user') return repository.isPrivate ? 'none' : 'read';
  const permission = state.permissionOf(repository, caller.login);
  return permission === 'maintain' ? 'write' : permission === 'triage' ? 'read' : permission;
}

function isAmong(caller: Extract<FakeToken, { kind: 'installation' }>, { id, owner, name }: FakeRepository): boolean {
  const { installation, repositoryIds } = caller;
  if (installation.owner.toLowerCase() !== owner.toLowerCase()) return false;
  if (repositoryIds !== null && !repositoryIds.includes(id)) return false;
  return installation.repositories === null || installation.repositories.includes(name);
}

function tokenCaller(state: FakeState, token: string): Caller {
  const found = state.tokens.get(token);
  if (found === undefined || (found.kind === 'installation' && found.expiresAt <= Date.now())) return { kind: 'bad' };
  return found;
}

/** RS256 with the App's key, not in the future, for ten minutes at most: as GitHub wants it. */
function isOfApp({ app }: FakeState, token: string): boolean {
  const [header = '', payload = '', signature = ''] = token.split('.');
  const { data: head } = z.object({ alg: z.literal('RS256') }).safeParse(decoded(header));
  const { data: claims } = Claims.safeParse(decoded(payload));
  if (head === undefined || claims === undefined) return false;
  const now = Date.now() / 1000;
  const isTimely = claims.iat <= now && claims.exp > now && claims.exp - claims.iat <= LONGEST_SECONDS;
  const isSigned = verify('RSA-SHA256', Buffer.from(`${header}.${payload}`), app.publicKey, Buffer.from(signature, 'base64url'));
  return isTimely && isSigned && String(claims.iss) === String(app.id);
}

function decoded(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}
