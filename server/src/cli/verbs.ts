import type { Verb } from './verb.ts';

/** A verb as the list of all verbs shows it. It is loaded only when it is typed: `plan` must not wait for the server's modules. */
export interface VerbEntry {
  readonly summary: string;
  readonly load: () => Promise<Verb>;
}

/** Every verb of the `terrarium` command. A new one is a module and a line here. */
export const VERBS: Readonly<Record<string, VerbEntry>> = {
  run: { summary: "run a project's jobs on this computer", load: async () => (await import('./run/verb.ts')).run },
  ssh: { summary: "open a shell in a job's machine, or hold it", load: async () => (await import('./ssh/verb.ts')).ssh },
  image: { summary: 'make and keep the images that machines are made from', load: async () => (await import('./image/verb.ts')).image },
  secrets: { summary: 'change the key that stored secrets are sealed with', load: async () => (await import('./secrets/verb.ts')).secrets },
  account: { summary: 'who may sign in to a server, and as what', load: async () => (await import('./account/verb.ts')).account },
  migrate: { summary: 'write a .terrarium.yml from what is there', load: async () => (await import('./migrate/verb.ts')).migrate },
  lint: { summary: 'say what is wrong with a CI description', load: async () => (await import('./lint/verb.ts')).lint },
  plan: { summary: 'show the jobs that a CI description makes', load: async () => (await import('./plan/verb.ts')).plan },
};
