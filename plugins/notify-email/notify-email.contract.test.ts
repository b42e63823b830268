import { type NotifierSubject, describeNotifier } from '#plugins/api/testing';
import { EmailNotifier } from './email-notifier.ts';
import type { MailServerOptions } from './testing/mail-server.ts';
import { LOGIN, setUpMail } from './testing/mail-subject.ts';

describeNotifier('EmailNotifier in clear, without signing in', () => subjectOf({ tls: 'none', login: null }));
describeNotifier('EmailNotifier by STARTTLS, signed in', () => subjectOf({ tls: 'starttls', login: LOGIN }));
describeNotifier('EmailNotifier by TLS, signed in', () => subjectOf({ tls: 'implicit', login: LOGIN }));

async function subjectOf(options: MailServerOptions): Promise<NotifierSubject> {
  const setting = await setUpMail(options);
  const { server, context } = setting;
  return {
    notifier: new EmailNotifier(context),
    target: 'ada@example.org',
    nonsense: ['ada', '@example.org', 'ada@', 'Ada <ada@example.org>', 'ada@example.org,eve@example.org', 'ada@example.org\r\nBcc: eve@example.org'],
    secrets: [LOGIN.password, Buffer.from(`\0${LOGIN.user}\0${LOGIN.password}`).toString('base64')],
    behave: async (how) => {
      server.words = how === 'unauthorized' && options.login !== null ? `5.7.8 ${LOGIN.password} is wrong` : null;
      await server.behave(how);
    },
    arrived: () =>
      server.mails.map(({ headers, subject, text, html }) => ({ key: headers.get('message-id')?.[0] ?? '', text: `${subject}\n${text}\n${html}` })),
    reached: () => server.reached(),
    close: () => setting.close(),
  };
}
