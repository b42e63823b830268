import type { Ref } from '#plugins/api';
import { isCommitId, isRefName } from './git-ref.ts';

/** Where a ref points: `object` is what it names, `commit` what that stands for (differs for annotated tags). */
export interface ListedRef {
  readonly object: string;
  readonly commit: string;
}

/** What a repository offers now. */
export interface GitListing {
  /** By full name, `refs/heads/main`; every ref, also those that are neither branch nor tag. */
  readonly refs: ReadonlyMap<string, ListedRef>;
  readonly defaultBranch: string | null;
  /** What HEAD stands for; null for an empty repository. */
  readonly head: string | null;
}

/** Reads the output of `git ls-remote --symref`. Lines that are none of git's, or names no ref may have, are passed over. */
export function parseListing(output: string): GitListing {
  const refs = new Map<string, ListedRef>();
  let head: string | null = null;
  let symbolic: string | null = null;
  for (const line of output.split('\n')) {
    const [value = '', name = ''] = line.split('\t');
    if (name === 'HEAD' && value.startsWith('ref: refs/heads/')) symbolic = value.slice('ref: refs/heads/'.length);
    else if (name === 'HEAD' && isCommitId(value)) head = value;
    else if (isCommitId(value)) addRef(refs, name, value);
  }
  return { refs, head, defaultBranch: symbolic !== null && refs.has(`refs/heads/${symbolic}`) ? symbolic : guessDefault(refs, head) };
}

/** The branches and tags of a listing as the seam has them. */
export function branchesAndTags(listing: GitListing): Ref[] {
  return [...listing.refs].flatMap(([name, { commit }]): Ref[] => {
    if (name.startsWith('refs/heads/')) return [{ kind: 'branch', name: name.slice('refs/heads/'.length), commit }];
    return name.startsWith('refs/tags/') ? [{ kind: 'tag', name: name.slice('refs/tags/'.length), commit }] : [];
  });
}

function addRef(refs: Map<string, ListedRef>, name: string, value: string): void {
  const peeled = name.endsWith('^{}');
  const plain = peeled ? name.slice(0, -3) : name;
  if (!plain.startsWith('refs/') || !isRefName(plain)) return;
  const object = peeled ? (refs.get(plain)?.object ?? value) : value;
  refs.set(plain, { object, commit: value });
}

/** Servers older than git 1.8.5 do not say what HEAD is called: a branch at the same commit is taken, the usual names first. */
function guessDefault(refs: ReadonlyMap<string, ListedRef>, head: string | null): string | null {
  if (head === null) return null;
  const same = [...refs].flatMap(([name, ref]) => (name.startsWith('refs/heads/') && ref.commit === head ? [name.slice('refs/heads/'.length)] : []));
  return ['main', 'master'].find((name) => same.includes(name)) ?? same[0] ?? null;
}
