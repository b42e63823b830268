import { z } from 'zod';
import { BuildSummary } from './views.ts';

// What goes between the installation and code hosts: trust, approvals, deliveries, hooks, secrets, what is told. Requests are strict: a key that is misspelt is told.

const Id = z.number().int().positive();
/** A moment: ISO 8601 in UTC. */
const Moment = z.iso.datetime();

/** Somebody whose pull requests a project trusts by name. */
export const ContributorView = z.object({ name: z.string(), hostId: z.string().nullable(), addedBy: z.string(), addedAt: Moment });
export type ContributorView = z.infer<typeof ContributorView>;

/** The builds that wait for an approval, oldest first; `total` counts those that are left out, too. */
export const HeldView = z.object({ total: z.number().int(), builds: z.array(BuildSummary) });
export type HeldView = z.infer<typeof HeldView>;

/** What somebody said of a held build. */
export const ApprovalView = z.object({
  decision: z.enum(['approved', 'refused']),
  commit: z.string(),
  by: z.string(),
  via: z.enum(['button', 'comment']),
  at: Moment,
});
export type ApprovalView = z.infer<typeof ApprovalView>;

/**
 * What a change does to files that decide what runs: CI descriptions, setup scripts. `patch` is a unified diff; null where the file is too large to be shown, then
 * `note` says so. `base` null: what it is compared with is not known, so whole files are shown as added.
 */
export const ReviewView = z.object({
  buildId: Id,
  commit: z.string(),
  base: z.string().nullable(),
  files: z.array(
    z.object({ path: z.string(), change: z.enum(['added', 'changed', 'removed']), patch: z.string().nullable(), note: z.string().nullable() }),
  ),
  /** The files that were compared. */
  looked: z.array(z.string()),
  approvals: z.array(ApprovalView),
});
export type ReviewView = z.infer<typeof ReviewView>;

/** `received`: it waits to be looked at. `done`, `ignored`: see the outcome. `failed`: it may be replayed. */
export const DeliveryState = z.enum(['received', 'done', 'ignored', 'failed']);
export type DeliveryState = z.infer<typeof DeliveryState>;

/** A webhook's call whose signature was good. */
export const DeliveryView = z.object({
  id: Id,
  instance: z.string(),
  projectId: Id.nullable(),
  hostId: z.string().nullable(),
  event: z.string(),
  state: DeliveryState,
  outcome: z.string().nullable(),
  receivedAt: Moment,
  processedAt: Moment.nullable(),
});
export type DeliveryView = z.infer<typeof DeliveryView>;

/** With what was sent; `body` as text. */
export const DeliveryDetail = DeliveryView.extend({ headers: z.record(z.string(), z.string()), body: z.string() });
export type DeliveryDetail = z.infer<typeof DeliveryDetail>;

/** How a project's webhook is set up. `recipe`: lines for a host whose hooks cannot be made from here. */
export const HookView = z.object({
  url: z.string(),
  hasSecret: z.boolean(),
  canEnsure: z.boolean(),
  recipe: z.string().nullable(),
});
export type HookView = z.infer<typeof HookView>;

/** Something that is to be told outside: a commit's status, or a notice. */
export const OutboxView = z.object({
  id: Id,
  buildId: Id,
  buildNumber: z.number().int(),
  channel: z.string(),
  key: z.string(),
  state: z.enum(['sent', 'waiting', 'failed']),
  problem: z.string().nullable(),
  tries: z.number().int(),
  nextAt: Moment.nullable(),
  sentAt: Moment.nullable(),
});
export type OutboxView = z.infer<typeof OutboxView>;

/** Who is told of a project's builds, and when. */
export const SubscriptionView = z.object({
  id: Id,
  notifier: z.string(),
  target: z.string(),
  occasion: z.enum(['failure', 'change', 'always']),
  createdAt: Moment,
});
export type SubscriptionView = z.infer<typeof SubscriptionView>;

/** A way to be told of builds; `targetTitle`: what its targets are, in words. */
export const NotifierView = z.object({ name: z.string(), targetTitle: z.string() });
export type NotifierView = z.infer<typeof NotifierView>;

/** The secret is shown to whoever sets a hook up by hand, and only then. */
export const HookSetup = HookView.extend({ secret: z.string().nullable(), outcome: z.string() });
export type HookSetup = z.infer<typeof HookSetup>;

/** A named group of secrets for some branches and tags only. */
export const EnvironmentView = z.object({
  name: z.string(),
  branches: z.array(z.string()),
  tags: z.array(z.string()),
  secretNames: z.array(z.string()),
});
export type EnvironmentView = z.infer<typeof EnvironmentView>;

/** The key was changed; so many values were sealed anew. */
export const RotatedKey = z.object({ values: z.number().int() });
export type RotatedKey = z.infer<typeof RotatedKey>;

/** A code host that projects can be of. `canList`: it can say which repositories there are. */
export const CodeHostView = z.object({ name: z.string(), plugin: z.string(), canList: z.boolean() });
export type CodeHostView = z.infer<typeof CodeHostView>;

/** A repository that may be added; `projectId`: it is one already. */
export const RepositoryOfferView = z.object({
  url: z.string(),
  name: z.string(),
  isPrivate: z.boolean(),
  description: z.string(),
  projectId: Id.nullable(),
});
export type RepositoryOfferView = z.infer<typeof RepositoryOfferView>;

/** POST /api/builds/:id/approve and /refuse. `commit`: the full id of the commit that was looked at; another one is refused with `conflict`. */
export const DecideBuild = z.strictObject({ commit: z.string().regex(/^[0-9a-f]{40,64}$/, 'a full commit id') });
export type DecideBuild = z.infer<typeof DecideBuild>;

/** POST /api/projects/:id/contributors. The name of an account at the project's code host. */
export const AddContributor = z.strictObject({ name: z.string().trim().min(1).max(100) });
export type AddContributor = z.infer<typeof AddContributor>;

/** POST /api/projects/:id/subscriptions. `target` is what the notifier takes: an address, a URL, a room. */
export const CreateSubscription = z.strictObject({
  notifier: z.string().min(1).max(100),
  target: z.string().trim().min(1).max(2000),
  occasion: z.enum(['failure', 'change', 'always']).default('change'),
});
export type CreateSubscription = z.infer<typeof CreateSubscription>;

/** The name of an environment: what a job writes as `environment: release`. */
export const EnvironmentName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$/, 'letters, digits, dot, dash and underscore, 50 at most');

const RefPattern = z.string().regex(/^[^\s~^:?[\\]{1,200}$/, 'the name of a branch or tag, in which * stands for anything');

/** PUT /api/projects/:id/environments/:name. `branches`, `tags`: which it is for, as patterns. `secrets` as those of a project. */
export const UpdateEnvironment = z.strictObject({
  branches: z.array(RefPattern).max(50).default([]),
  tags: z.array(RefPattern).max(50).default([]),
  secrets: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string().min(1).nullable()).default({}),
});
export type UpdateEnvironment = z.infer<typeof UpdateEnvironment>;
