import { open } from 'node:fs/promises';
import path from 'node:path';
import { PluginError } from '#plugins/api';
import { archiveFiles, contentOf, packHistory, writeRepository, type ArchivedRepository } from './git-archive.ts';
import { CheckoutSize } from './git-checkout-size.ts';
import type { CommitInfo } from './git-objects.ts';
import type { GitMirror } from './git-mirror.ts';
import { listSubmodules, type Submodule } from './git-submodules.ts';
import { TarWriter } from './git-tar.ts';
import { listFiles, type TreeFile } from './git-tree.ts';

/** Brings a submodule's commit into a mirror of its own, by the rules of the repository it is part of. */
export type FetchSubmodule = (submodule: Submodule, signal: AbortSignal) => Promise<{ mirror: GitMirror; commit: CommitInfo }>;

/** What goes into one archive. */
export interface CheckoutRequest {
  readonly mirror: GitMirror;
  readonly commit: string;
  readonly branch: string | null;
  readonly depth: number | null;
  /** Null: submodules stay empty folders. */
  readonly fetchSubmodule: FetchSubmodule | null;
}

const DEEPEST_NESTING = 8;
const MOST_SUBMODULES = 1000;

interface Part {
  readonly repository: ArchivedRepository;
  /** Where it lies in the work tree: empty, or a path with a slash at its end. */
  readonly prefix: string;
}

/**
 * Makes the archive of a work tree with its `.git` in the empty folder `work`. Returns its file. Throws `invalid` for a work tree that is too large: see `CheckoutSize`.
 */
export async function archiveCheckout(request: CheckoutRequest, work: string, signal: AbortSignal): Promise<string> {
  const total = new CheckoutSize();
  const stub = { ...request, files: [], submodules: [] };
  // The slow things of the main repository at once: its files and its history.
  const [list, kept] = await settled([archiveListed(stub, path.join(work, '0.tar'), total, signal), packHistory(stub, path.join(work, '0'), signal)]);
  const parts = await collectParts({ ...stub, files: list }, '', request.fetchSubmodule, 1, total, signal);
  const [main] = parts;
  if (main === undefined) throw new Error('a checkout has no main repository');
  const content = await contentOf(path.join(work, '0.tar'));
  const handle = await open(path.join(work, '0.tar'), 'r+');
  try {
    const tar = new TarWriter(handle, content.end, Math.floor(Date.now() / 1000));
    await writeRepository(tar, main.repository, '', content, path.join(work, '0'), kept);
    for (const [index, part] of parts.entries()) if (index > 0) await addPart(tar, part, path.join(work, String(index)), total, signal);
    await tar.close();
  } finally {
    await handle.close();
  }
  return path.join(work, '0.tar');
}

/** Lists the files, and makes their archive only if they are not too large. */
async function archiveListed(repository: ArchivedRepository, file: string, total: CheckoutSize, signal: AbortSignal): Promise<TreeFile[]> {
  const files = await listFiles(repository.mirror, repository.commit, total, signal);
  await archiveFiles(repository, '', file, total, signal);
  return files;
}

async function addPart(tar: TarWriter, part: Part, folder: string, total: CheckoutSize, signal: AbortSignal): Promise<void> {
  const kept = await packHistory(part.repository, folder, signal);
  await archiveFiles(part.repository, part.prefix, `${folder}.tar`, total, signal);
  const content = await contentOf(`${folder}.tar`);
  const source = await open(`${folder}.tar`, 'r');
  try {
    await tar.raw(source, content.end);
  } finally {
    await source.close();
  }
  await writeRepository(tar, part.repository, part.prefix, content, folder, kept);
}

/** A repository and all submodules in it, the outer before the inner. */
async function collectParts(
  repository: ArchivedRepository,
  prefix: string,
  fetchSubmodule: FetchSubmodule | null,
  level: number,
  total: CheckoutSize,
  signal: AbortSignal,
): Promise<Part[]> {
  if (fetchSubmodule === null) return [{ repository, prefix }];
  const submodules = await listSubmodules(repository.mirror, repository.files, signal);
  const parts: Part[] = [{ repository: { ...repository, submodules }, prefix }];
  for (const submodule of submodules) {
    if (level > DEEPEST_NESTING) throw new PluginError('invalid', `The submodules are nested more than ${DEEPEST_NESTING} deep.`);
    const { mirror, commit } = await fetchSubmodule(submodule, signal);
    const files = await listFiles(mirror, commit.id, total, signal);
    const inner: ArchivedRepository = { mirror, commit: commit.id, branch: null, depth: 1, files, submodules: [] };
    parts.push(...(await collectParts(inner, `${prefix}${submodule.path}/`, fetchSubmodule, level + 1, total, signal)));
    if (parts.length > MOST_SUBMODULES) throw new PluginError('invalid', `There are more than ${MOST_SUBMODULES} submodules.`);
  }
  return parts;
}

/** Like `Promise.all`, but waits for every one, so that nothing is still writing when the folder is removed. */
async function settled<A, B>(work: [Promise<A>, Promise<B>]): Promise<[A, B]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
