import type { Change } from '#plugins/api';
import type { Report } from '#plugins/kit/yaml/report';
import { valueOf } from '../read/environment.ts';
import type { CommitFilter, Filters } from '../read/filters.ts';
import { matchesAny } from '../read/pattern.ts';
import type { Settings } from '../read/settings.ts';

/** Whoever asks for a build by hand or by the clock gets it. */
const FILTERED: ReadonlySet<Change['kind']> = new Set(['push', 'tag', 'pull-request']);
const DIRECTIVE = /\[(?:skip ci|ci skip|skip appveyor)\]/i;

/** The branch or tag that names are compared with; what names none is taken for `master`, as AppVeyor takes the default branch. */
export function nameOf(change: Change): string {
  return change.tag ?? (change.branch === '' ? 'master' : change.branch);
}

/**
 * Why a change is not built, as a half sentence; null if it is. Source: appveyor.com/docs/branches, /docs/how-to/filtering-commits, and
 * /docs/environment-variables for APPVEYOR_IGNORE_COMMIT_FILTERING_ON_TAG.
 */
export function whySkipped(change: Change, { filters, environment }: Settings, report: Report): string | null {
  if (!FILTERED.has(change.kind)) return null;
  const directive = DIRECTIVE.exec(titleOf(change))?.[0];
  if (directive !== undefined) return `the title of its commit message says ${directive}`;
  const ignores = valueOf(environment.shared, 'APPVEYOR_IGNORE_COMMIT_FILTERING_ON_TAG')?.toLowerCase() === 'true';
  if (change.kind === 'tag' && ignores) return null;
  return whyFiltered(change, filters, report, true);
}

/** The same by filters alone. `gh-pages` is left out unless it is named, where they are those of a whole description. */
export function whyFiltered(change: Change, filters: Filters, report: Report, isWhole: boolean): string | null {
  if (!FILTERED.has(change.kind)) return null;
  const { branches, skipTags, skipNonTags, skipCommits, onlyCommits } = filters;
  const name = nameOf(change);
  const what = change.kind === 'tag' ? 'the tag' : 'the branch';
  if (branches?.only && !matchesAny(branches.only, name, report)) return `${what} ${name} is not among branches.only`;
  if (branches && matchesAny(branches.except, name, report)) return `${what} ${name} is among branches.except`;
  if (isWhole && !branches?.only && name.toLowerCase() === 'gh-pages') return 'AppVeyor never builds gh-pages unless branches.only names it';
  if (skipTags && change.kind === 'tag') return 'skip_tags is set, and it is a tag';
  if (skipNonTags && change.kind !== 'tag') return 'skip_non_tags is set, and it is no tag';
  if (skips(skipCommits, change, report)) return 'skip_commits applies to its commit';
  if (!allows(onlyCommits, change, report)) return 'only_commits does not apply to its commit';
  return null;
}

function skips({ messages, authors }: CommitFilter, change: Change, report: Report): boolean {
  return matchesAny(messages, titleOf(change), report) || matchesAny(authors, change.author, report);
}

function allows({ messages, authors }: CommitFilter, change: Change, report: Report): boolean {
  const isMessage = messages.length === 0 || matchesAny(messages, titleOf(change), report);
  return isMessage && (authors.length === 0 || matchesAny(authors, change.author, report));
}

/** Everything before the first empty line. */
function titleOf({ message }: Change): string {
  return (message.split(/\r?\n[ \t]*\r?\n/)[0] ?? '').trim();
}
