import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FakeContext, fakeContext } from '#plugins/api/testing';
import { EmailConfig } from '../config.ts';
import { MailServer, type MailServerOptions } from './mail-server.ts';

export const LOGIN = { user: 'ci@example.org', password: 'corréct horse & battery' } as const;

/** A mail server, and a context whose configuration fits it. */
export interface MailSetting {
  readonly server: MailServer;
  readonly context: FakeContext<EmailConfig>;
  /** The configuration as somebody would write it. */
  readonly written: Readonly<Record<string, unknown>>;
  close(): Promise<void>;
}

/** Starts a mail server and writes what it takes to write to it. */
export async function setUpMail(options: MailServerOptions): Promise<MailSetting> {
  const server = await MailServer.start(options);
  const { folder, ...rest } = await fakeContext(null);
  const [authorities, passwordFile] = [join(folder, 'authorities.pem'), join(folder, 'password')];
  await writeFile(authorities, server.certificate.cert);
  await writeFile(passwordFile, `${LOGIN.password}\n`);
  const written = {
    host: 'localhost',
    port: server.port,
    tls: options.tls,
    from: 'Terrarium <ci@example.org>',
    ...(options.tls === 'none' ? {} : { authorities }),
    ...(options.login === null ? {} : { user: LOGIN.user, passwordFile }),
  };
  return {
    server,
    context: { ...rest, folder, config: EmailConfig.parse(written) },
    written,
    close: async () => {
      await server.close();
      await rest.remove();
    },
  };
}
