import { expect, test } from 'vitest';
import { draftOf, forWords, readNames, termsOf, trustWords, whomOf, whomWords } from './terms.ts';

const ALL = { projects: [], groups: [], trustedOnly: false };
const NOBODY = { ...ALL, projects: ['(nobody)'] };

test('whom something is for is said in words', () => {
  expect([ALL, NOBODY].map(whomWords)).toEqual(['all projects', 'nobody yet']);
  expect(whomWords({ ...ALL, projects: ['tools'] })).toBe('project tools');
  expect(whomWords({ ...ALL, projects: ['acme-*'], groups: ['open-source'] })).toBe('projects acme-* and the group open-source');
  expect(whomWords({ ...ALL, projects: ['(nobody)', 'tools'] })).toBe('projects (nobody), tools');
  expect(trustWords({ ...ALL, trustedOnly: true })).toContain('not even approved ones');
});

test('whom it is for is told to admins alone', () => {
  const terms = { projects: [], groups: [], trustedOnly: false };
  expect(forWords({ terms, isForAll: true })).toBe('all projects');
  expect(forWords({ terms, isForAll: false })).toBe('some projects');
  expect(forWords({ terms: { ...terms, groups: ['open-source'] }, isForAll: false })).toBe('the group open-source');
});

test('a form has what the terms say, and says the same again', () => {
  for (const terms of [ALL, NOBODY, { projects: ['a', 'b-*'], groups: ['g'], trustedOnly: true }]) expect(termsOf(draftOf(terms))).toEqual(terms);
  expect(draftOf(NOBODY)).toMatchObject({ whom: 'nobody', projects: '' });
});

test('some projects, but none named, is not all', () => {
  const draft = { whom: 'some' as const, projects: ' , ', groups: '', trustedOnly: false };
  expect(termsOf(draft)).toBeNull();
  expect(whomOf(termsOf({ ...draft, groups: 'g' }) ?? ALL)).toBe('some');
  expect(readNames(' a, b\nc,a ')).toEqual(['a', 'b', 'c']);
});
