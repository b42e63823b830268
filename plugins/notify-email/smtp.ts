import { readFile } from 'node:fs/promises';
import MailComposer from 'nodemailer/lib/mail-composer';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { PluginError } from '#plugins/api';
import { readSecretFile } from '#plugins/kit/secret-file';
import type { Mail } from './compose.ts';
import type { EmailConfig } from './config.ts';
import { explainSmtp } from './smtp-errors.ts';

/** The mail server of the configuration. Each mail has a connection of its own, which an abort ends at once. */
export class SmtpServer {
  private readonly config: EmailConfig;

  constructor(config: EmailConfig) {
    this.config = config;
  }

  /** Hands a mail over. Throws a `PluginError`, or the signal's reason. */
  async send(mail: Mail, signal: AbortSignal): Promise<void> {
    const { from, to, headers, ...parts } = mail;
    const bytes = await new MailComposer({ ...parts, from, to, headers, disableFileAccess: true, disableUrlAccess: true }).compile().build();
    await this.talk((connection) => handOver(connection, from.address, to.address, bytes), signal);
  }

  /** Whether the server lets us in. Throws as `send`. */
  async check(signal: AbortSignal): Promise<void> {
    await this.talk(async () => undefined, signal);
  }

  private async talk(use: (connection: SMTPConnection) => Promise<void>, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { host, port, user, passwordFile, timeoutSeconds } = this.config;
    const password = passwordFile === null ? null : await readSecretFile(passwordFile, 'mail password');
    const timeout = AbortSignal.timeout(timeoutSeconds * 1000);
    const connection = new SMTPConnection(await this.connectionOptions());
    try {
      await unlessBroken(connection, AbortSignal.any([signal, timeout]), async () => {
        await connected(connection);
        if (user !== null && password !== null) await signedIn(connection, user, password);
        await use(connection);
      });
      connection.quit();
    } catch (cause) {
      connection.close();
      signal.throwIfAborted();
      if (timeout.aborted)
        throw new PluginError('unavailable', `The mail server ${host}:${port} took longer than ${timeoutSeconds} seconds: try again later.`);
      if (!(cause instanceof Error)) throw cause;
      throw explainSmtp(cause, `${host}:${port}`, password === null ? [] : [password, `\0${user ?? ''}\0${password}`]);
    }
  }

  private async connectionOptions(): Promise<ConstructorParameters<typeof SMTPConnection>[0]> {
    const { host, port, tls, authorities, timeoutSeconds } = this.config;
    const ca = authorities === null ? {} : { ca: await readAuthorities(authorities) };
    // The library's own limits are not to come before ours, which covers everything.
    const patience = timeoutSeconds * 2000;
    return {
      host,
      port,
      secure: tls === 'implicit',
      requireTLS: tls === 'starttls',
      ignoreTLS: tls === 'none',
      tls: { minVersion: 'TLSv1.2', ...ca },
      connectionTimeout: patience,
      greetingTimeout: patience,
      socketTimeout: patience,
      // Closing means ending: what is still under way is not wanted any more.
      socketCloseTimeout: 0,
      allowInternalNetworkInterfaces: true,
    };
  }
}

async function handOver(connection: SMTPConnection, from: string, to: string, bytes: Buffer): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    connection.send({ from, to: [to], size: bytes.length }, bytes, (error) => (error ? reject(error) : resolve()));
  });
}

async function connected(connection: SMTPConnection): Promise<void> {
  await new Promise<void>((resolve, reject) => connection.connect((error?: Error | null) => (error ? reject(error) : resolve())));
}

async function signedIn(connection: SMTPConnection, user: string, pass: string): Promise<void> {
  await new Promise<void>((resolve, reject) => connection.login({ user, pass }, (error) => (error ? reject(error) : resolve())));
}

/** Does the work, unless the connection breaks, or is to be ended, before it is done. */
async function unlessBroken(connection: SMTPConnection, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    connection.on('error', reject);
    connection.once('end', () => reject(new Error('The server ended the connection.')));
    signal.addEventListener('abort', () => reject(new Error('The connection is to be ended.')), { once: true });
    work().then(resolve, reject);
  });
}

async function readAuthorities(file: string): Promise<string> {
  return await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new PluginError('unauthorized', `The file of trusted authorities, ${file}, cannot be read: check that it is there and may be read.`, {
      cause,
    });
  });
}
