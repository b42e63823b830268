import { ProjectRole, Role, type TokenScope } from '#server/api';

/** What a role may, in a few words. */
export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  viewer: 'read everything',
  developer: 'start, cancel and restart builds',
  maintainer: 'change projects, add and delete them',
  admin: 'everything',
};

/** The same for a role on one project. */
export const PROJECT_ROLE_WORDS: Readonly<Record<ProjectRole, string>> = {
  viewer: 'read it',
  developer: 'start, cancel and restart its builds',
  maintainer: 'change its settings, secrets and people',
};

/** What a token's scope allows, in a few words. */
export const SCOPE_WORDS: Readonly<Record<TokenScope, string>> = {
  read: 'read',
  build: 'start, cancel and restart builds',
  maintain: 'change projects',
  admin: 'everything its owner may',
  shell: 'enter machines of jobs',
};

/** The scopes of which each includes those before it. */
export const SCOPE_LADDER = ['read', 'build', 'maintain', 'admin'] as const satisfies readonly TokenScope[];

/** A role as people read it; null: what somebody is who has only what projects give him. */
export function roleName(role: Role | null): string {
  return role ?? 'only on projects';
}

/** The roles for the whole installation, and those on a project, least first. */
export const ROLES = Role.options;
export const PROJECT_ROLES = ProjectRole.options;

/** What a token may, as a short text: the widest of its scopes, and shells beside it. */
export function scopeText(scopes: readonly TokenScope[]): string {
  const widest = SCOPE_LADDER.findLast((scope) => scopes.includes(scope));
  return [...(widest === undefined ? [] : [widest]), ...(scopes.includes('shell') ? ['shell'] : [])].join(' + ');
}
