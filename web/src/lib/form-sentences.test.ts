import { CreateProject, UpdateProject } from '#server/api';
import { expect, test } from 'vitest';
import { formSentence } from './form-sentences.ts';

const first = (schema: typeof CreateProject | typeof UpdateProject, input: unknown): string | undefined =>
  schema.safeParse(input, { error: formSentence }).error?.issues[0]?.message;

test.each([
  [{ url: '' }, 'This cannot be empty.'],
  [{ url: 'a'.repeat(2001) }, 'At most 2000 characters.'],
  [{ url: 'a', settings: { pollSeconds: 1 } }, 'At least 5.'],
  [{ url: 'a', settings: { pollSeconds: 90_000 } }, 'At most 86400.'],
  [{ url: 'a', settings: { pollSeconds: Number('x') } }, 'This must be a whole number.'],
  [{ url: 'a', settings: { pollSeconds: 5.5 } }, 'This must be a whole number.'],
])('says of %j: %s', (input, sentence) => expect(first(CreateProject, input)).toBe(sentence));

test('says how a secret is named', () => {
  expect(first(UpdateProject, { secrets: { '1 a': 'x' } })).toMatch(/^A name has letters/);
});

test("keeps a schema's own words", () => expect(first(CreateProject, { url: 'a', name: '!' })).toMatch(/^letters, digits/));
