import { hash } from '@node-rs/argon2';
import { describe, expect, test } from 'vitest';
import { NewPassword } from '#server/api';
import { hashPassword, isOutdated, isPassword } from './passwords.ts';

const PASSWORD = 'a frog in its terrarium';

describe('a stored password', () => {
  test('is argon2id with the parameters of OWASP, and a salt of its own', async () => {
    const [one, other] = [await hashPassword(PASSWORD), await hashPassword(PASSWORD)];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(other);
    expect(isOutdated(one)).toBe(false);
  });

  test('fits only itself, however its accents were typed', async () => {
    const stored = await hashPassword('Ångström and friends');
    expect(await isPassword(stored, 'A\u030Angstro\u0308m and friends')).toBe(true);
    expect(await isPassword(stored, 'Angstrom and friends')).toBe(false);
    expect(await isPassword(stored, '')).toBe(false);
  });

  test('that is not there fits nothing, not even nothing', async () => {
    expect(await isPassword(null, PASSWORD)).toBe(false);
    expect(await isPassword(null, '')).toBe(false);
  });

  test('of other parameters is good, and to be made anew', async () => {
    const weak = await hash(PASSWORD, { memoryCost: 8192, timeCost: 1, parallelism: 1 });
    expect(await isPassword(weak, PASSWORD)).toBe(true);
    expect(isOutdated(weak)).toBe(true);
  });
});

test.each([
  ['twelve chars', true],
  ['eleven char', false],
  ['correct horse battery staple', true],
  ['aaaaaaaaaaaaaaaa', false],
  ['abcdabcdabcdabcd', false],
  ['žluťoučký kůň', true],
  ['🐸🐍🦎🐢🐊🌿', false],
  ['x'.repeat(1001), false],
])('%j may be a password: %s', (text, isGood) => {
  expect(NewPassword.safeParse(text).success).toBe(isGood);
});
