import { type ErrorCode, PluginError } from '#plugins/api';

/** What nodemailer adds to its errors. */
interface SmtpFailure extends Error {
  /** Its own code: `EAUTH`, `ESOCKET`. */
  readonly code?: unknown;
  /** That of the reply, 0 or none where the server said nothing. */
  readonly responseCode?: unknown;
  readonly response?: unknown;
}

const ADVICE: Readonly<Partial<Record<ErrorCode, string>>> = {
  unauthorized: 'check the user and the password, and whether they may write as this sender',
  'rate-limited': 'it wants fewer mails and must be left alone for a while',
  rejected: 'check the address',
  unavailable: 'try again later',
};

// Replies that mean too many mails: RFC 3463's X.7.28 and X.5.3 as big providers use them, or words.
const TOO_MANY = /\b4\.(?:7\.28|7\.650|5\.3)\b|\btoo (?:many|fast)\b|\brate\b|\bthrottl/i;
const DENIED_REPLIES = new Set([530, 534, 535, 538]);
const LONGEST_REPLY = 200;

/**
 * The error of the seam for a mail that was not taken (RFC 5321, 4.2): 530 to 538 and refused sign-ins are `unauthorized`, other 5xx `rejected`, 4xx `unavailable` or, where
 * they speak of too many, `rate-limited`; no reply, and no security where it is demanded, is `unavailable`. `secrets` are taken out of what the server says.
 */
export function explainSmtp(failure: SmtpFailure, server: string, secrets: readonly string[]): PluginError {
  const reply = typeof failure.response === 'string' ? failure.response : '';
  const status = typeof failure.responseCode === 'number' ? failure.responseCode : 0;
  const code = codeOf(failure.code, status, reply);
  const said = reply === '' || failure.code === 'ETLS' ? wordFor(failure) : shorten(reply, secrets);
  // Its own message and stack repeat what the server said, which may repeat what it was told.
  return new PluginError(code, `The mail server ${server} did not take the mail (${said}): ${ADVICE[code] ?? 'try again later'}.`);
}

function codeOf(own: unknown, status: number, reply: string): ErrorCode {
  if (own === 'ETLS') return 'unavailable';
  if (status >= 400 && status < 500) return TOO_MANY.test(reply) ? 'rate-limited' : 'unavailable';
  if (own === 'EAUTH' || own === 'ENOAUTH' || DENIED_REPLIES.has(status)) return 'unauthorized';
  return status >= 500 ? 'rejected' : 'unavailable';
}

/** Why there was no reply: `ECONNREFUSED`, `DEPTH_ZERO_SELF_SIGNED_CERT`, and what nodemailer has no better word for. */
function wordFor(failure: SmtpFailure): string {
  const original = 'originalCode' in failure ? failure.originalCode : undefined;
  const word = typeof original === 'string' ? original : failure.code;
  if (word === 'ETLS') return 'the connection could not be made secure';
  return typeof word === 'string' ? word : 'no reason given';
}

function shorten(reply: string, secrets: readonly string[]): string {
  const forms = secrets.flatMap((secret) => [secret, Buffer.from(secret).toString('base64')]);
  const hidden = forms.reduce((text, form) => text.replaceAll(form, '***'), reply);
  return hidden
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, LONGEST_REPLY);
}
