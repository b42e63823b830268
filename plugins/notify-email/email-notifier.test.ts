import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HOSTILE_TEXTS, makeHostileNotice, makeNotice } from '#plugins/api/testing';
import { EmailConfig } from './config.ts';
import { EmailNotifier } from './email-notifier.ts';
import { LOGIN, type MailSetting, setUpMail } from './testing/mail-subject.ts';

const signal = AbortSignal.timeout(600_000);
const HEADERS = ['auto-submitted', 'content-type', 'date', 'from', 'message-id', 'mime-version', 'subject', 'to', 'x-auto-response-suppress'];

describe('EmailNotifier', () => {
  let setting: MailSetting;
  const notifierWith = (changes: Readonly<Record<string, unknown>> = {}): EmailNotifier =>
    new EmailNotifier({ ...setting.context, config: EmailConfig.parse({ ...setting.written, ...changes }) });
  beforeAll(async () => {
    setting = await setUpMail({ tls: 'starttls', login: LOGIN });
  });
  beforeEach(async () => {
    setting.server.words = null;
    await setting.server.behave('accepting');
  });
  afterAll(() => setting.close());

  it('writes a mail that says it all', async () => {
    await notifierWith().notify('ada@example.org', makeNotice(), signal);
    expect(setting.server.sessions).toEqual([{ isSecure: true, user: LOGIN.user }]);
    const [mail] = setting.server.mails;
    expect(mail?.recipient).toBe('ada@example.org');
    expect(mail?.subject).toBe('[terrarium] django-taggit #58 failed (was passed): main 1a2b3c4');
    expect([...(mail?.headers.keys() ?? [])].toSorted()).toEqual(HEADERS);
    expect(Object.fromEntries(mail?.headers ?? [])).toMatchObject({
      from: ['Terrarium <ci@example.org>'],
      to: ['ada@example.org'],
      date: ['Fri, 02 Jan 2026 03:14:05 +0000'],
      'auto-submitted': ['auto-generated'],
      'message-id': [expect.stringMatching(/^<terrarium\.[0-9a-f]{32}@example\.org>$/)],
    });
    expect(mail?.text.trimEnd().split(/\r?\n/)).toEqual([
      'django-taggit #58 failed (was passed)',
      'https://ci.example.org/builds/4711',
      '',
      'main 1a2b3c4',
      'Ada Lovelace',
      'Mend the tags',
      '11 passed, 1 failed',
      '',
      '- py3.13 failed: pytest ended with 1',
      '  https://ci.example.org/jobs/9',
    ]);
    expect(mail?.html).toContain('<a href="https://ci.example.org/builds/4711">django-taggit #58 failed</a>');
    expect(mail?.html).toContain('<li><a href="https://ci.example.org/jobs/9">py3.13</a> failed: pytest ended with 1</li>');
  });

  it.each(HOSTILE_TEXTS)('has no header, recipient or tag more for what a stranger wrote: %s', async (_title, text) => {
    await notifierWith().notify('ada@example.org', makeHostileNotice('hostile', text), signal);
    expect(setting.server.mails).toHaveLength(1);
    const [mail] = setting.server.mails;
    expect(mail?.recipient).toBe('ada@example.org');
    expect([...(mail?.headers.keys() ?? [])].toSorted()).toEqual(HEADERS);
    for (const values of mail?.headers.values() ?? []) expect(values).toHaveLength(1);
    expect(mail?.subject).toMatch(/^\[terrarium\] django-taggit #58 failed \(was passed\): pull request 3 into [^\r\n]*1a2b3c4$/);
    const own =
      /<\/?(?:html|head|meta|title|body|p|strong|br|ul|li|a|!doctype)(?: (?:lang="en"|charset="utf-8"|html|href="https:\/\/ci\.example\.org\/[a-z]+\/\d+"))?>/g;
    expect(mail?.html.replaceAll(own, '')).not.toMatch(/[<>"']/);
    for (const line of mail?.raw.split('\r\n') ?? []) expect(line.length).toBeLessThanOrEqual(998);
  });

  it('writes a project of any name without harm to the headers', async () => {
    const notice = { ...makeNotice(), project: { id: 7, name: 'x\r\nBcc: eve@example.org', url: '' } };
    await notifierWith({ from: 'Ünï "Cödé" CI <ci@example.org>'.replaceAll('"', '') }).notify('ada@example.org', notice, signal);
    expect([...(setting.server.mails[0]?.headers.keys() ?? [])].toSorted()).toEqual(HEADERS);
  });

  it('does not say the password to a server that does not prove who it is, nor without STARTTLS', async () => {
    await expect(notifierWith({ authorities: null }).notify('ada@example.org', makeNotice(), signal)).rejects.toMatchObject({
      code: 'unavailable',
      message: /CERT|secure/,
    });
    const clear = await setUpMail({ tls: 'none', login: LOGIN });
    const demanding = notifierWith({ port: clear.server.port });
    await expect(demanding.notify('ada@example.org', makeNotice(), signal)).rejects.toMatchObject({ code: 'unavailable', message: /secure/ });
    expect([...clear.server.mails, ...setting.server.mails]).toEqual([]);
    await clear.close();
  });

  it('signs in anew for each mail, with the password that is in the file then', async () => {
    const passwordFile = join(setting.context.folder, 'changing');
    await writeFile(passwordFile, 'wrong');
    const notifier = notifierWith({ passwordFile });
    await expect(notifier.check(signal)).rejects.toMatchObject({ code: 'unauthorized' });
    await writeFile(passwordFile, LOGIN.password);
    await notifier.check(signal);
    await notifier.notify('ada@example.org', makeNotice(), signal);
    expect(setting.server.mails).toHaveLength(1);
  });

  it('says which file cannot be read', async () => {
    for (const changes of [{ passwordFile: '/nowhere/password' }, { authorities: '/nowhere/authorities' }])
      await expect(notifierWith(changes).check(signal)).rejects.toMatchObject({ code: 'unauthorized', message: /\/nowhere\// });
  });

  it('gives up a server that does not answer in time', async () => {
    await setting.server.behave('silent');
    const impatient = notifierWith({ timeoutSeconds: 0.5 });
    await expect(impatient.notify('ada@example.org', makeNotice(), signal)).rejects.toMatchObject({ code: 'unavailable', message: /0\.5 seconds/ });
  });

  it.each([
    ['rejected', '5.7.1 Your mail looks like spam', 'rejected', /looks like spam/],
    ['unavailable', '4.3.2 System shutting down', 'unavailable', /shutting down/],
    ['unavailable', '4.7.28 Gmail has detected an unusual rate of mail', 'rate-limited', /unusual rate/],
  ] as const)('understands %s with %j', async (how, words, code, message) => {
    await setting.server.behave(how);
    setting.server.words = words;
    await expect(notifierWith().notify('ada@example.org', makeNotice(), signal)).rejects.toMatchObject({ code, message });
  });
});
