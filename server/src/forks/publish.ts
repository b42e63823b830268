import type { Pool } from 'pg';
import type { Session } from '#plugins/api';
import type { LoadedAttempt } from '../execution/load-attempt.ts';
import type { InterpreterCache } from './interpreter-cache.ts';

/** Its own word for its version is short. */
const LONGEST_VERSION = 100;

/**
 * Keeps the interpreter that a job has built, out of the machine in which it was built. Only of a project that is a fork, and of a change that is trusted and no pull request: what it makes runs in the machines
 * of others; and not of a commit that no branch and no tag has. Throws if it cannot be had: then the job has not done what it was for.
 */
export async function publishInterpreter(
  attempt: LoadedAttempt,
  image: string | null,
  session: Session,
  cache: InterpreterCache,
  pool: Pool,
  signal: AbortSignal,
): Promise<void> {
  const { spec, trust, change, projectId, buildId, buildNumber } = attempt;
  if (spec.publishes === undefined || trust !== 'trusted' || change.kind === 'pull-request' || image === null) return;
  if (change.tag === null && change.branch === '') return;
  const fork = await pool.query('select 1 from forks where project_id = $1', [projectId]);
  if (fork.rowCount === 0) return;
  const version = await readVersion(session, spec.publishes.version, signal);
  const named = { name: change.branch, isBranch: change.tag === null };
  const what = { forkId: projectId, revision: change.commit, ...named, image, version, buildId, buildNumber };
  await cache.keep(what, whole(session.download(spec.publishes.archive, signal), signal));
}

/** Half an archive is none: what was broken off must not look like its end. */
async function* whole(content: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  yield* content;
  signal.throwIfAborted();
}

async function readVersion(session: Session, path: string, signal: AbortSignal): Promise<string> {
  let text = '';
  for await (const chunk of session.download(path, signal)) {
    text += Buffer.from(chunk).toString('latin1');
    if (text.length > LONGEST_VERSION) break;
  }
  const [version] = /^\d+\.\d+\.\d+/.exec(text) ?? [];
  if (version === undefined) throw new Error('what was built does not say which version of Python it is');
  return version;
}
