import type { Change, JobSpec } from '#plugins/api';
import type { BuildPlan } from '../pipelines/index.ts';
import type { Found } from './planner.ts';

/** What the thread is told when it begins: the instances that read CI descriptions, with the configuration that was checked already. */
export interface ThreadData {
  readonly plugins: readonly { readonly plugin: string; readonly name: string; readonly config: Readonly<Record<string, unknown>> }[];
  /** What paths and packages of plugins are seen from; absolute. */
  readonly folder: string;
  readonly pluginsFolder: string;
  readonly installation: string;
}

/** What the thread is asked, one question at a time. */
export type Question =
  | { readonly kind: 'plan'; readonly files: ReadonlyMap<string, string>; readonly change: Change }
  | { readonly kind: 'answer'; readonly asking: JobSpec; readonly answer: string; readonly isStrangers: boolean };

/** What it says: once that it is ready, then an answer to each question. `broken`: a plugin threw, which none may. */
export type Saying =
  | { readonly kind: 'ready' }
  | { readonly kind: 'planned'; readonly plan: BuildPlan }
  | { readonly kind: 'found'; readonly found: Found }
  | { readonly kind: 'broken'; readonly message: string };
