import { once } from 'node:events';
import { SMTPServer, type SMTPServerAuthentication, type SMTPServerOptions } from 'smtp-server';
import type { NotifierBehaviour } from '#plugins/api/testing';
import { type Certificate, makeCertificate } from '../../../test/support/certificate.ts';
import { type ReceivedMail, readMail } from './read-mail.ts';

export interface MailServerOptions {
  readonly tls: 'starttls' | 'implicit' | 'none';
  /** Who may write; null: everybody. */
  readonly login: { readonly user: string; readonly password: string } | null;
}

const REPLIES: Partial<Record<NotifierBehaviour, readonly [number, string]>> = {
  'rate-limited': [451, '4.7.28 Too many mails from you'],
  unavailable: [450, '4.2.0 Greylisted'],
  rejected: [550, '5.1.1 No such mailbox'],
};

/** A real SMTP server on the loopback that keeps what it is given. Throws in a test that gives it more than one recipient. */
export class MailServer {
  readonly mails: ReceivedMail[] = [];
  /** Whether each mail came over a secure connection, and as whom. */
  readonly sessions: { readonly isSecure: boolean; readonly user: string | undefined }[] = [];
  behaviour: NotifierBehaviour = 'accepting';
  /** What it is refused with instead of the usual words. */
  words: string | null = null;
  readonly certificate: Certificate;
  private readonly options: MailServerOptions;
  private server: SMTPServer | null = null;
  private waiting = 0;
  /** The same after it was away. */
  private at = 0;

  private constructor(options: MailServerOptions, certificate: Certificate) {
    this.options = options;
    this.certificate = certificate;
  }

  static async start(options: MailServerOptions): Promise<MailServer> {
    const server = new MailServer(options, await makeCertificate());
    await server.open();
    return server;
  }

  get port(): number {
    return this.at;
  }

  /** Behaves so from now on, and forgets what came. */
  async behave(how: NotifierBehaviour): Promise<void> {
    this.behaviour = how;
    this.mails.splice(0);
    this.sessions.splice(0);
    this.waiting = 0;
    if (how === 'away') await this.close();
    else if (this.server === null) await this.open();
  }

  /** Resolves once somebody waits for an answer that never comes. */
  async reached(): Promise<void> {
    while (this.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
  }

  async close(): Promise<void> {
    const { server } = this;
    this.server = null;
    if (server !== null) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  private async open(): Promise<void> {
    const server = new SMTPServer(this.serverOptions());
    // Clients that hang up in the middle are part of the tests.
    server.on('error', () => undefined);
    server.listen(this.at, '127.0.0.1');
    await once(server.server, 'listening');
    const address = server.server.address();
    if (address === null || typeof address === 'string') throw new Error('a listening server has no port');
    this.at = address.port;
    this.server = server;
  }

  private serverOptions(): SMTPServerOptions {
    const { tls, login } = this.options;
    const disabledCommands = [...(tls === 'none' ? ['STARTTLS'] : []), ...(login === null ? ['AUTH'] : [])];
    return {
      ...this.certificate,
      secure: tls === 'implicit',
      disabledCommands,
      authOptional: login === null,
      allowInsecureAuth: tls === 'none',
      closeTimeout: 1,
      onAuth: (auth, _session, done) => done(this.authError(auth), { user: auth.username }),
      onRcptTo: (_address, _session, done) => {
        if (this.behaviour === 'silent') this.waiting += 1;
        else done(this.refusal());
      },
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const recipients = session.envelope.rcptTo.map(({ address }) => address);
          if (recipients.length !== 1) throw new Error(`a mail for ${recipients.join(', ')}`);
          this.mails.push({ ...readMail(Buffer.concat(chunks)), recipient: recipients[0] ?? '' });
          this.sessions.push({ isSecure: session.secure, user: typeof session.user === 'string' ? session.user : undefined });
          done();
        });
      },
    };
  }

  private authError({ username, password }: SMTPServerAuthentication): Error | null {
    const { login } = this.options;
    const isKnown = this.behaviour !== 'unauthorized' && username === login?.user && password === login?.password;
    return isKnown ? null : withStatus(535, this.words ?? '5.7.8 Authentication credentials invalid');
  }

  private refusal(): Error | null {
    if (this.behaviour === 'unauthorized' && this.options.login === null) return withStatus(530, '5.7.0 Authentication required');
    const reply = REPLIES[this.behaviour];
    return reply === undefined ? null : withStatus(reply[0], this.words ?? reply[1]);
  }
}

function withStatus(responseCode: number, words: string): Error {
  return Object.assign(new Error(words), { responseCode });
}
