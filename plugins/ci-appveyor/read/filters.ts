import type { Report } from '#plugins/kit/yaml/report';
import { entriesOf, partOf, textsOf, type Part } from '#plugins/kit/yaml/part';
import { flagOf } from './switch.ts';
import { readPatterns, type Pattern } from './pattern.ts';

/** Names of branches and tags. `only` null: all. */
export interface NameFilter {
  readonly only: readonly Pattern[] | null;
  readonly except: readonly Pattern[];
}

/** Commits by their message's title and their author. */
export interface CommitFilter {
  readonly messages: readonly Pattern[];
  readonly authors: readonly Pattern[];
}

/** What keeps a change from being built. Null: not said. */
export interface Filters {
  readonly branches: NameFilter | null;
  readonly skipTags: boolean;
  readonly skipNonTags: boolean;
  readonly skipCommits: CommitFilter;
  readonly onlyCommits: CommitFilter;
}

/** Reads `branches`, `skip_tags`, `skip_non_tags`, `skip_commits` and `only_commits`; says what of them cannot be known here. */
export function readFilters(root: Part, report: Report): Filters {
  return {
    branches: readNames(partOf(root, 'branches'), report),
    skipTags: flagOf(partOf(root, 'skip_tags'), report) === true,
    skipNonTags: flagOf(partOf(root, 'skip_non_tags'), report) === true,
    skipCommits: readCommits(partOf(root, 'skip_commits'), report),
    onlyCommits: readCommits(partOf(root, 'only_commits'), report),
  };
}

function readNames(part: Part | null, report: Report): NameFilter | null {
  const only = part && partOf(part, 'only');
  const except = part && partOf(part, 'except');
  if (only === null && except === null) return null;
  return {
    only: only === null || only.tree.kind === 'empty' ? null : readPatterns(textsOf(only, report), report),
    except: readPatterns(textsOf(except, report), report),
  };
}

function readCommits(part: Part | null, report: Report): CommitFilter {
  if (part === null) return { messages: [], authors: [] };
  for (const { key, path, at } of entriesOf(part)) {
    if (key === 'files') report.info(path, at, 'Which files a change touches is not known here: this rule is left out.');
    else if (key !== 'message' && key !== 'author') report.warning(path, at, `"${key}" is not known here: there are message, author and files.`);
  }
  const patterns = (key: string): Pattern[] => readPatterns(textsOf(partOf(part, key), report), report);
  return { messages: patterns('message'), authors: patterns('author') };
}
