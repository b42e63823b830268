import { z } from 'zod';

/**
 * What somebody may, least first; each may what those before it may. A viewer reads; a developer starts, cancels and restarts builds; a maintainer changes a
 * project's settings, secrets and people (and, for the whole installation, adds and deletes projects); an admin may everything.
 */
export const Role = z.enum(['viewer', 'developer', 'maintainer', 'admin']);
export type Role = z.infer<typeof Role>;

/** What somebody may be on one project: admins are only of the whole installation. */
export const ProjectRole = Role.exclude(['admin']);
export type ProjectRole = z.infer<typeof ProjectRole>;

/** What a token may be used for. Each of the first four includes those before it; `shell`, the right to be let into machines, stands beside them. */
export const TokenScope = z.enum(['read', 'build', 'maintain', 'admin', 'shell']);
export type TokenScope = z.infer<typeof TokenScope>;

const SCOPE_ROLES: Readonly<Record<TokenScope, Role>> = {
  read: 'viewer',
  build: 'developer',
  maintain: 'maintainer',
  admin: 'admin',
  shell: 'viewer',
};

/** Whether a role may what another one may; null may nothing. Pure. */
export function isAtLeast(role: Role | null, needed: Role): boolean {
  return rank(role) >= rank(needed);
}

/** The role of two that may more. Pure. */
export function higherRole(one: Role | null, other: Role | null): Role | null {
  return rank(one) >= rank(other) ? one : other;
}

/** The role of two that may less. Pure. */
export function lowerRole(one: Role | null, other: Role | null): Role | null {
  return rank(one) <= rank(other) ? one : other;
}

/** The most that a token with these scopes may, whoever owns it. Pure. */
export function roleOfScopes(scopes: readonly TokenScope[]): Role {
  const ranks = scopes.map((scope) => rank(SCOPE_ROLES[scope]));
  return Role.options[Math.max(0, ...ranks)] ?? 'viewer';
}

function rank(role: Role | null): number {
  return role === null ? -1 : Role.options.indexOf(role);
}
