import { z } from 'zod';
import { ProjectRole, Role, TokenScope } from './roles.ts';

const Id = z.number().int().positive();
const Moment = z.iso.datetime();

/** ASCII only, so that no two names look alike; upper and lower case are one. Logins of code hosts fit. */
export const AccountName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,38}$/, 'letters, digits, dot, dash and underscore, 39 at most; begins with a letter or digit');

const LEAST_CHARACTERS = 12;
const LEAST_DIFFERENT = 5;
/** More is no safer, and hashing has to stay quick. */
const MOST_CHARACTERS = 1000;

/**
 * A password to be set: 12 characters or more, of 5 different ones at least. Nothing else is asked for (NIST SP 800-63B, 3.1.1.2: length counts, rules about kinds of
 * characters do not); several words with blanks between them are fine. Characters are Unicode's, after NFC.
 */
export const NewPassword = z
  .string()
  .max(MOST_CHARACTERS)
  .refine(
    (text) => Array.from(text.normalize()).length >= LEAST_CHARACTERS,
    `A password has ${LEAST_CHARACTERS} characters or more; a few words make a good one.`,
  )
  .refine((text) => new Set(text.normalize()).size >= LEAST_DIFFERENT, `A password has ${LEAST_DIFFERENT} different characters or more.`);

const DisplayName = z.string().trim().max(100);

/** Somebody who may sign in. */
export const AccountView = z.object({
  id: Id,
  name: AccountName,
  /** As he wants to be called; empty: by his name. */
  displayName: z.string(),
  /** For the whole installation; null: only what projects give him. */
  role: Role.nullable(),
  /** Whether he may be let into machines of jobs: a right of its own. Admins always may. */
  mayShell: z.boolean(),
  hasPassword: z.boolean(),
  /** Nobody is let in by it, and nothing that belongs to it works. */
  disabled: z.boolean(),
  /** The account that every installation begins with, the printed link's: it stays an admin. */
  isFounder: z.boolean(),
  identities: z.array(z.object({ provider: z.string(), login: z.string() })),
  createdAt: Moment,
  seenAt: Moment.nullable(),
});
export type AccountView = z.infer<typeof AccountView>;

/** POST /api/accounts. */
export const CreateAccount = z.strictObject({
  name: AccountName,
  displayName: DisplayName.default(''),
  role: Role.nullable().default('viewer'),
  mayShell: z.boolean().default(false),
});
export type CreateAccount = z.infer<typeof CreateAccount>;

/** PATCH /api/accounts/:id. What is left out stays. */
export const UpdateAccount = z.strictObject({
  displayName: DisplayName.optional(),
  role: Role.nullable().optional(),
  mayShell: z.boolean().optional(),
  disabled: z.boolean().optional(),
});
export type UpdateAccount = z.infer<typeof UpdateAccount>;

/** A link that lets somebody set an account's password once: `/invitation?code=CODE` of the pages. */
export const Invitation = z.object({ code: z.string(), expiresAt: Moment });
export type Invitation = z.infer<typeof Invitation>;

export const InvitedAccount = z.object({ account: AccountView, invitation: Invitation });
export type InvitedAccount = z.infer<typeof InvitedAccount>;

const Code = z.string().min(1).max(200);

/** POST /api/invitations/read: whose link it is. */
export const ReadInvitation = z.strictObject({ code: Code });
export type ReadInvitation = z.infer<typeof ReadInvitation>;

/** POST /api/invitations/accept. */
export const AcceptInvitation = z.strictObject({ code: Code, password: NewPassword });
export type AcceptInvitation = z.infer<typeof AcceptInvitation>;

/** POST /api/session: the one-time code of a printed link, or an account's name and password. */
export const SignIn = z.union([
  z.strictObject({ login: Code }),
  z.strictObject({ name: z.string().min(1).max(200), password: z.string().min(1).max(MOST_CHARACTERS) }),
]);
export type SignIn = z.infer<typeof SignIn>;

/** POST /api/session/github. `to`: the path of the pages to come back to. `link`: it is to be linked to the account that is signed in. */
export const SignInByHost = z.strictObject({ to: z.string().max(2000).optional(), link: z.boolean().optional() });
export type SignInByHost = z.infer<typeof SignInByHost>;

/** Who is signed in, and how others may be. */
export const SessionView = z.object({
  user: z
    .object({
      id: Id,
      name: z.string(),
      displayName: z.string(),
      role: Role.nullable(),
      mayShell: z.boolean(),
      /** What he is on single projects, beside `role`. */
      projects: z.array(z.object({ id: Id, role: ProjectRole })),
    })
    .nullable(),
  /** Whether everybody may read here without signing in. */
  isPublic: z.boolean(),
  /** By which code hosts one can sign in. */
  hosts: z.array(z.enum(['github'])),
});
export type SessionView = z.infer<typeof SessionView>;

/** GET /api/account: one's own. */
export const ProfileView = AccountView.extend({
  /** How long a new token of his may be valid at most. */
  maxTokenDays: z.number().int().positive(),
});
export type ProfileView = z.infer<typeof ProfileView>;

/** PATCH /api/account. */
export const UpdateProfile = z.strictObject({ displayName: DisplayName });
export type UpdateProfile = z.infer<typeof UpdateProfile>;

/** POST /api/account/password. `current`: needed if there is one. Ends the account's other sessions. */
export const ChangePassword = z.strictObject({ current: z.string().max(MOST_CHARACTERS).optional(), password: NewPassword });
export type ChangePassword = z.infer<typeof ChangePassword>;

/** A browser that is signed in. `id` is not the session's secret. */
export const OwnSession = z.object({
  id: z.string(),
  /** What the browser calls itself. */
  agent: z.string(),
  address: z.string(),
  signedInAt: Moment,
  /** It ends then unless it is used before. */
  expiresAt: Moment,
  isThis: z.boolean(),
});
export type OwnSession = z.infer<typeof OwnSession>;

/** POST /api/tokens. */
export const CreateToken = z.strictObject({
  name: z.string().trim().min(1).max(100),
  scopes: z.array(TokenScope).min(1).max(5).default(['read']),
  /** Only for these projects; null: for all that its owner may see. */
  projects: z.array(Id).min(1).max(100).nullable().default(null),
  /** No more than the installation allows; absent: 90, or that if it is less. */
  expiresInDays: z.number().int().positive().max(3650).optional(),
});
export type CreateToken = z.infer<typeof CreateToken>;

export const TokenView = z.object({
  id: Id,
  name: z.string(),
  /** The first characters, by which its owner knows it again. */
  prefix: z.string(),
  /** The name of the account that it belongs to. */
  owner: z.string(),
  scopes: z.array(TokenScope),
  projects: z.array(Id).nullable(),
  createdAt: Moment,
  lastUsedAt: Moment.nullable(),
  /** Null only for tokens made before there had to be an end. */
  expiresAt: Moment.nullable(),
});
export type TokenView = z.infer<typeof TokenView>;

/** What somebody is on a project. */
export const PersonView = z.object({
  account: Id,
  name: z.string(),
  displayName: z.string(),
  /** Given here; null: nothing. */
  given: ProjectRole.nullable(),
  /** What the project's code host says; null: nothing. */
  byHost: ProjectRole.nullable(),
  /** For the whole installation. */
  everywhere: Role.nullable(),
  /** What counts: the highest. */
  role: Role,
});
export type PersonView = z.infer<typeof PersonView>;

/** POST /api/projects/:id/people: gives an account a role on a project, in place of what was given before. */
export const GiveRole = z.strictObject({ name: AccountName, role: ProjectRole });
export type GiveRole = z.infer<typeof GiveRole>;
