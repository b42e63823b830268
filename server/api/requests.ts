import { z } from 'zod';
import { IsolationLevel, StatusDetail, TrustPolicy } from './views.ts';

// All strict: a key that is misspelt is told (400, naming it) instead of taken as left out.

/** Credentials for a repository; write-only. */
export const CredentialsInput = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('password'), user: z.string().min(1), password: z.string().min(1) }),
  z.strictObject({ kind: z.literal('ssh-key'), privateKey: z.string().min(1), knownHosts: z.string().nullable().default(null) }),
]);
export type CredentialsInput = z.infer<typeof CredentialsInput>;

export const ProjectSettingsInput = z.strictObject({
  /** Seconds between two looks at the repository; null: it is never looked at. Absent: 60 for a new project, unchanged for one that is there. */
  pollSeconds: z.number().int().min(5).max(86_400).nullable().optional(),
  /** Whether a push cancels the older builds of its branch. Absent: false for a new project, unchanged for one that is there. */
  cancelSuperseded: z.boolean().optional(),
  /** How well a machine must be kept apart at least to run its jobs. Absent: `none` for a new project, unchanged for one that is there. */
  isolation: IsolationLevel.optional(),
  /** Whether people may be let into machines of jobs that hold the project's secrets. Absent: false for a new project, unchanged for one that is there. */
  shellWithSecrets: z.boolean().optional(),
  /** Whole; what it leaves out is as for a new project. Absent: unchanged. */
  trust: TrustPolicy.optional(),
  /** What the code host is told: nothing, a status for each build, or one for each job besides. Absent: unchanged. */
  statuses: StatusDetail.optional(),
});

/** POST /api/projects. `name` defaults to the end of the URL's path. */
export const CreateProject = z.strictObject({
  url: z.string().min(1).max(2000),
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$/, 'letters, digits, dot, dash, underscore and slash; begins with a letter or digit')
    .optional(),
  credentials: CredentialsInput.nullable().optional(),
  settings: ProjectSettingsInput.optional(),
});
export type CreateProject = z.infer<typeof CreateProject>;

/** PATCH /api/projects/:id. */
export const UpdateProject = z.strictObject({
  name: CreateProject.shape.name,
  credentials: CredentialsInput.nullable().optional(),
  settings: ProjectSettingsInput.optional(),
  /** Name to value; null removes it. Values are never given back. */
  secrets: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string().min(1).nullable()).optional(),
});
export type UpdateProject = z.infer<typeof UpdateProject>;

/** PUT /api/projects/:id/repository. What is stored for the old place is not sent to another: credentials that the new one needs are given again. */
export const MoveProject = z.strictObject({ url: CreateProject.shape.url, credentials: CredentialsInput.nullable().default(null) });
export type MoveProject = z.infer<typeof MoveProject>;

/** POST /api/projects/:id/builds. `ref`: a branch, tag or full commit; absent: the default branch. */
export const CreateBuild = z.strictObject({ ref: z.string().min(1).max(500).optional() });
export type CreateBuild = z.infer<typeof CreateBuild>;

/** POST /api/jobs/:id/hold. The machine of the job's running or next attempt is held that long if it fails; null: not any more. */
export const HoldJob = z.strictObject({ minutes: z.number().int().min(1).max(480).nullable() });
export type HoldJob = z.infer<typeof HoldJob>;
