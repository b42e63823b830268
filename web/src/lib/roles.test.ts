import { expect, it } from 'vitest';
import { roleName, scopeText } from './roles.ts';

it.each([
  [['read'], 'read'],
  [['read', 'build', 'shell'], 'build + shell'],
  [['shell'], 'shell'],
  [['admin', 'maintain'], 'admin'],
] as const)('a token with %j may: %s', (scopes, text) => expect(scopeText(scopes)).toBe(text));

it('whoever has only what projects give him is called so', () => {
  expect([roleName(null), roleName('viewer')]).toEqual(['only on projects', 'viewer']);
});
