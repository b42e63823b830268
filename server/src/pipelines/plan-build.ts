import type { Change, CiPlan, CiProvider } from '#plugins/api';

/** What a change's CI description says. */
export interface BuildPlan {
  /** The file the jobs come from; null where none was found. */
  readonly description: string | null;
  /** The title of the provider that read it; null where none was found. */
  readonly ci: string | null;
  /** With a message of level `error` the build cannot run as it was meant: it has no jobs, or the wrong ones. */
  readonly plan: CiPlan;
}

/** Every file that one of the providers reads, most wanted first. Pure. */
export function wantedFiles(providers: readonly CiProvider[]): string[] {
  return [...new Set(providers.flatMap(({ files }) => files))];
}

/**
 * Chooses the CI description and reads it. `files` holds the texts of those of `wantedFiles` that exist at the change's revision. The first
 * provider that finds one of its files wins; others that are there are named in a message. Pure, never throws.
 */
export function planBuild(files: ReadonlyMap<string, string>, change: Change, providers: readonly CiProvider[]): BuildPlan {
  const found = providers.flatMap((provider) => provider.files.filter((file) => files.has(file)).map((file) => ({ provider, file })));
  const [first, ...others] = found;
  const text = first === undefined ? undefined : files.get(first.file);
  if (first === undefined || text === undefined) return nothingFound(providers);
  const plan = first.provider.parse({ file: first.file, text, change });
  return { description: first.file, ci: first.provider.title, plan: withUnread(plan, first.file, others) };
}

function withUnread(plan: CiPlan, read: string, others: readonly { readonly file: string }[]): CiPlan {
  const names = others.map(({ file }) => file).filter((file) => file !== read);
  if (names.length === 0) return plan;
  const text = `${read} is what counts. Also there, but not read: ${names.join(', ')}.`;
  return { ...plan, messages: [...plan.messages, { level: 'info', text, path: '', line: null, column: null }] };
}

function nothingFound(providers: readonly CiProvider[]): BuildPlan {
  const names = wantedFiles(providers).join(' or ');
  const text =
    names === ''
      ? 'No plugin that reads CI descriptions is configured.'
      : `There is nothing to run: put a file ${names} at the root of the repository.`;
  const messages = [{ level: 'error', text, path: '', line: null, column: null }] as const;
  return { description: null, ci: null, plan: { jobs: [], stages: [], declaredStages: [], messages, fastFinish: false } };
}
