import type { Change } from '#plugins/api';
import { insertBuild } from '../../builds/sql/insert-build.ts';
import { change, jobSpec, newBuild } from '../../builds/testing/rows.ts';
import { type Database, withTransaction } from '../../database/index.ts';
import type { InterpreterCache } from '../interpreter-cache.ts';

/** Makes a project a fork called `acme-3.8`, whose default branch is main. */
export async function insertFork(database: Database, projectId: number, images: readonly string[] = ['debian-12']): Promise<void> {
  await database.pool.query(`update projects set default_branch = 'main' where id = $1`, [projectId]);
  await database.pool.query(`insert into forks (project_id, name, upstream, images) values ($1, 'acme-3.8', '3.8', $2)`, [projectId, images]);
}

/** A build of the fork; nothing is published. Returns its id and number. */
export async function insertForkBuild(
  database: Database,
  forkId: number,
  of: Partial<Change> = {},
): Promise<{ id: number; number: number; change: Change }> {
  const made = newBuild(forkId, [jobSpec('build', { stage: 'build' })], { change: change(of) });
  const id = await withTransaction(database, (client) => insertBuild(client, made));
  const { rows } = await database.pool.query<{ number: number }>('select number from builds where id = $1', [id]);
  return { id, number: rows[0]?.number ?? 0, change: made.change };
}

/** Publishes what such a build has made; `content` unless given the revision. */
export async function publish(
  cache: InterpreterCache,
  forkId: number,
  build: Awaited<ReturnType<typeof insertForkBuild>>,
  { image = 'debian-12', content = build.change.commit }: { readonly image?: string; readonly content?: string } = {},
): Promise<void> {
  const { commit, branch, tag } = build.change;
  const named = { name: branch, isBranch: tag === null };
  const what = { forkId, revision: commit, ...named, image, version: '3.8.20', buildId: build.id, buildNumber: build.number };
  await cache.keep(what, bytes(content));
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield Buffer.from(text);
}
