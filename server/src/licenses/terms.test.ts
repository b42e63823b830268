import { expect, test } from 'vitest';
import { UseTerms } from '#server/api';
import { refusedBy, whomFor } from './terms.ts';

const project = { name: 'acme/drivers', groups: ['open-source', 'db'] };

test.each([
  [{}, 'trusted', null],
  [{}, 'approved', null],
  [{}, 'none', 'stranger'],
  [{ trustedOnly: true }, 'approved', 'approved'],
  [{ trustedOnly: true }, 'trusted', null],
  [{ projects: ['acme/*'] }, 'trusted', null],
  [{ projects: ['acme'] }, 'trusted', 'project'],
  [{ groups: ['open-source'] }, 'approved', null],
  [{ groups: ['closed'] }, 'trusted', 'project'],
  [{ projects: ['other'], groups: ['db'] }, 'trusted', null],
  [{ projects: ['other'] }, 'none', 'project'],
] as const)('terms %o for a %s change', (terms, trust, refusal) => {
  expect(refusedBy(UseTerms.parse(terms), project, trust)).toBe(refusal);
});

test('terms say in words whom they are for', () => {
  const said = (terms: object): string => whomFor(UseTerms.parse(terms));
  expect(said({})).toBe('all projects');
  expect(said({ projects: ['acme/*', 'b'] })).toBe('projects acme/*, b');
  expect(said({ projects: ['b'], groups: ['open-source'] })).toBe('project b and the group open-source');
});
