import { describe, expect, it } from 'vitest';
import { addressProblem, parseSender } from './address.ts';
import { EmailConfig } from './config.ts';

const least = { host: 'mail.example.org', from: 'ci@example.org' };

describe('EmailConfig', () => {
  it('fills in what is usual', () => {
    expect(EmailConfig.parse(least)).toEqual({
      ...least,
      port: 587,
      tls: 'starttls',
      authorities: null,
      user: null,
      passwordFile: null,
      timeoutSeconds: 60,
    });
    expect(EmailConfig.parse({ ...least, tls: 'implicit' }).port).toBe(465);
    expect(EmailConfig.parse({ ...least, tls: 'none' }).port).toBe(25);
    expect(EmailConfig.parse({ ...least, tls: 'none', port: 2525 }).port).toBe(2525);
  });

  it.each([
    ['host', { host: 'a b' }],
    ['host', { host: '-x' }],
    ['from', { from: 'nobody' }],
    ['from', { from: 'A <a@example.org>\r\nBcc: b@example.org' }],
    ['from', { from: 'A\nB <a@example.org>' }],
    ['passwordFile', { user: 'ci' }],
    ['user', { passwordFile: '/etc/password' }],
    ['passwordFile', { user: 'ci', passwordFile: 'password' }],
    ['tls', { tls: 'none', user: 'ci', passwordFile: '/etc/password' }],
    ['tls', { tls: 'maybe' }],
    ['port', { port: 0 }],
    ['', { username: 'ci' }],
  ])('refuses at %j: %j', (path, changes) => {
    const { error } = EmailConfig.safeParse({ ...least, ...changes });
    expect(error?.issues.map((issue) => String(issue.path[0] ?? ''))).toContain(path);
  });

  it('lets a password go in clear within this computer', () => {
    expect(EmailConfig.parse({ ...least, host: 'localhost', tls: 'none', user: 'ci', passwordFile: '/p' }).user).toBe('ci');
  });
});

describe('addresses', () => {
  it.each(['ada@example.org', "o'neil+ci/x=y@sub.example.co.uk", 'root@localhost', `${'a'.repeat(64)}@example.org`])('%s is one', (text) =>
    expect(addressProblem(text)).toBeNull(),
  );

  it.each([
    'ada@example.org ',
    'ada@@example.org',
    'ada@example..org',
    '.ada@example.org',
    'ada.@example.org',
    'ada@-example.org',
    'ada@[127.0.0.1]',
    '"ada"@example.org',
    'ada(x)@example.org',
    'ada@example.org;eve@example.org',
    'ada@example.org\u0000',
    'ada@еxample.org',
    'ädä@example.org',
    `${'a'.repeat(65)}@example.org`,
    `a@${'b.'.repeat(130)}org`,
  ])('%j is none', (text) => expect(addressProblem(text)).toMatch(/\.$/));

  it('takes a sender apart', () => {
    expect(parseSender('Terrarium CI <ci@example.org>')).toEqual({ name: 'Terrarium CI', address: 'ci@example.org' });
    expect(parseSender(' ci@example.org ')).toEqual({ name: '', address: 'ci@example.org' });
  });
});
