import { z } from 'zod';
import { PluginError, type Ref } from '#plugins/api';
import { isCommitId, isHgName } from './hg-name.ts';
import type { HgUrl } from './hg-url.ts';

const CommitId = z.string().refine(isCommitId);

/** What a repository offers, as the extension prints it. */
const Printed = z.object({
  /** Heads of named branches; those of one branch from the oldest to its tip. `order` grows towards the newest, over all branches. */
  heads: z.array(z.object({ branch: z.string(), commit: CommitId, closed: z.boolean(), order: z.number().int() })),
  bookmarks: z.array(z.object({ name: z.string(), commit: CommitId })),
  tags: z.array(z.object({ name: z.string(), commit: CommitId })),
});

/** What a repository offers, without closed heads and names that we do not take. */
export interface HgListing {
  /** Open heads of every named branch, the tip of a branch last. */
  readonly branches: ReadonlyMap<string, readonly string[]>;
  readonly bookmarks: ReadonlyMap<string, string>;
  readonly tags: ReadonlyMap<string, string>;
  /** `@`, or `default`, or the branch of the newest open head; null where there is none. */
  readonly defaultBranch: string | null;
  /** Names that are there, but may not be used here. */
  readonly refused: readonly string[];
}

/** What a listing says about a ref that was asked for. */
export interface Target {
  readonly commit: string;
  /** Null where only the id is known: then the changeset says itself of which branch it is. */
  readonly branch: string | null;
  readonly tag: string | null;
}

/** Reads what the extension printed: its last line, for a host can make hg write lines of its own before. Throws `unavailable` for anything else. */
export function parseListing(output: string): HgListing {
  const read = Printed.safeParse(jsonOf(output.trimEnd().split('\n').at(-1) ?? ''));
  if (!read.success) throw new PluginError('unavailable', 'hg did not say what the repository offers: is it another program?', { cause: read.error });
  const { heads, bookmarks, tags } = read.data;
  const open = heads.filter(({ branch, closed }) => !closed && isHgName(branch));
  const branches = new Map<string, string[]>();
  for (const { branch, commit } of open) branches.set(branch, [...(branches.get(branch) ?? []), commit]);
  const marked = namesOf(bookmarks);
  const all = [...heads.map(({ branch }) => branch), ...[...bookmarks, ...tags].map(({ name }) => name)];
  const newest = open.reduce<(typeof open)[number] | null>((last, head) => (last !== null && last.order > head.order ? last : head), null);
  const usual = marked.has('@') ? '@' : branches.has('default') ? 'default' : null;
  const refused = [...new Set(all.filter((name) => !isHgName(name)))];
  return { branches, bookmarks: marked, tags: namesOf(tags), defaultBranch: usual ?? newest?.branch ?? null, refused };
}

/** The heads, bookmarks and tags of a listing as the seam has them. A bookmark is a branch; one at a head of the branch of its name is the same one. */
export function refsOf({ branches, bookmarks, tags }: HgListing): Ref[] {
  const heads = [...branches].flatMap(([name, commits]) => commits.map((commit): Ref => ({ kind: 'branch', name, commit })));
  const marks = [...bookmarks].filter(([name, commit]) => !branches.get(name)?.includes(commit));
  return [
    ...heads,
    ...marks.map(([name, commit]): Ref => ({ kind: 'branch', name, commit })),
    ...[...tags].map(([name, commit]): Ref => ({ kind: 'tag', name, commit })),
  ];
}

/**
 * What `ref` stands for: null the default branch, a full changeset id, a bookmark, the tip of a named branch, a tag, or one of these by its full name, as git has
 * them. A bookmark comes before a branch of its name, as for Mercurial. Throws `not-found`. An id is taken as it is: whether it exists is for the mirror to say.
 */
export function findTarget(listing: HgListing, ref: string | null, url: HgUrl): Target {
  const name = ref ?? listing.defaultBranch;
  if (name === null) throw new PluginError('not-found', `${url.text}: there is no open head to build. Is the repository empty?`);
  if (isCommitId(name)) return { commit: name, branch: null, tag: null };
  const [, kind, short = ''] = /^refs\/(heads|tags)\/(.+)$/.exec(name) ?? [];
  const found =
    branchTarget(listing, name) ??
    tagTarget(listing, name) ??
    (kind === 'heads' ? branchTarget(listing, short) : null) ??
    (kind === 'tags' ? tagTarget(listing, short) : null);
  if (found === null) throw new PluginError('not-found', `${url.text}: there is no bookmark, open branch or tag ${name}. Was it closed or deleted?`);
  return found;
}

function branchTarget({ branches, bookmarks }: HgListing, name: string): Target | null {
  const commit = bookmarks.get(name) ?? branches.get(name)?.at(-1);
  return commit === undefined ? null : { commit, branch: name, tag: null };
}

function tagTarget({ tags }: HgListing, name: string): Target | null {
  const commit = tags.get(name);
  return commit === undefined ? null : { commit, branch: name, tag: name };
}

function namesOf(list: readonly { readonly name: string; readonly commit: string }[]): Map<string, string> {
  return new Map(list.flatMap(({ name, commit }) => (isHgName(name) ? [[name, commit]] : [])));
}

/** Null where it is none, which no schema here takes. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
