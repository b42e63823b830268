import { z } from 'zod';
import { addressProblem, parseSender } from './address.ts';

const Absolute = z.string().startsWith('/', 'must be an absolute path');
const USUAL_PORTS = { starttls: 587, implicit: 465, none: 25 } as const;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1']);

/** The mail server of an installation, and in whose name it writes. */
export const EmailConfig = z
  .strictObject({
    /** Name or address of the SMTP server. */
    host: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.:_-]*$/, 'must be a host name or an address'),
    /** Null: 587, 465 or 25, as `tls` has it. */
    port: z.number().int().min(1).max(65_535).nullable().default(null),
    /** `starttls`: begun in clear and made secure before anything is said, or not at all; `implicit`: secure from the start; `none`: in clear. */
    tls: z.enum(['starttls', 'implicit', 'none']).default('starttls'),
    /** A PEM file with the authorities to trust; null: the usual ones. */
    authorities: Absolute.nullable().default(null),
    /** Whom to sign in as; null: not at all. */
    user: z.string().min(1).max(320).nullable().default(null),
    /** A file with the password, one line. It is read again for each mail. */
    passwordFile: Absolute.nullable().default(null),
    /** Who writes: `ci@example.org`, or `Terrarium <ci@example.org>`. */
    from: z.string().refine(isSender, 'must be an address, or a name and an address as in Terrarium <ci@example.org>'),
    /** How long sending one mail may take. */
    timeoutSeconds: z.number().positive().max(600).default(60),
  })
  .superRefine(({ host, tls, user, passwordFile }, context) => {
    if ((user === null) !== (passwordFile === null)) {
      const path = [user === null ? 'user' : 'passwordFile'];
      context.addIssue({ code: 'custom', path, message: '`user` and `passwordFile` belong together: give both or neither' });
    }
    if (tls === 'none' && user !== null && !LOOPBACK.has(host)) {
      context.addIssue({ code: 'custom', path: ['tls'], message: 'a password must not travel in clear: use `starttls` or `implicit`' });
    }
  })
  .transform((config) => ({ ...config, port: config.port ?? USUAL_PORTS[config.tls] }));
export type EmailConfig = z.output<typeof EmailConfig>;

function isSender(text: string): boolean {
  return addressProblem(parseSender(text).address) === null;
}
