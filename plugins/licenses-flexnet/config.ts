import { z } from 'zod';

const Pattern = z.string().trim().min(1).max(100);

/** `27000@license.example.com`; the three of a redundant server are joined by commas, servers of their own by colons, as lmutil takes them. */
const Server = z
  .string()
  .regex(
    /^\d{0,5}@[A-Za-z0-9.-]+([,:]\d{0,5}@[A-Za-z0-9.-]+)*$/,
    'PORT@HOST, several of them with "," between the parts of a redundant server, else ":"',
  );

/** A FlexNet licence server, and how its program is run. */
export const FlexnetConfig = z.strictObject({
  /** The lmutil program that comes with the server. */
  program: z.string().startsWith('/', 'must be an absolute path'),
  server: Server,
  /**
   * Who this installation's jobs are there: patterns of names of users and hosts, in which `*` stands for anything; a list that is empty says nothing, and with both a use must fit
   * both. They must fit nobody else: what such have left may be removed.
   */
  ours: z
    .strictObject({ users: z.array(Pattern).max(100).default([]), hosts: z.array(Pattern).max(100).default([]) })
    .refine(
      ({ users, hosts }) => users.length + hosts.length > 0,
      'say by `users` or `hosts` who the jobs of this installation are: else their own seats count as taken by others',
    ),
  /** Whether what killed clients have left is removed by lmremove. The server must allow it: lmadmin does with -allowLicenseReclaim. */
  removeLeft: z.boolean().default(true),
  /** How long one question may take. */
  timeoutSeconds: z.number().positive().max(300).default(20),
  /** More variables of lmutil's environment. */
  environment: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a name of a variable'), z.string()).default({}),
});
export type FlexnetConfig = z.infer<typeof FlexnetConfig>;
