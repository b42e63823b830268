import { createTwoFilesPatch } from 'diff';
import type { Pool } from 'pg';
import { Change, isPluginError } from '#plugins/api';
import type { ReviewView } from '#server/api';
import { CoreError } from '../common/errors.ts';
import type { Sources } from '../projects/sources.ts';
import type { Approvals } from './approvals.ts';

/** Files at a repository's root that a job runs or obeys without being told to: what an approver must see. */
const SCRIPTS = [
  'setup.py setup.cfg pyproject.toml MANIFEST.in requirements.txt requirements-dev.txt dev-requirements.txt test-requirements.txt',
  'tox.ini noxfile.py pytest.ini .coveragerc conftest.py tests/conftest.py test/conftest.py sitecustomize.py',
  'Makefile build.py build.sh test.sh runtests.py run_tests.py dodo.py tasks.py .gitmodules .gitattributes',
].flatMap((names) => names.split(' '));

/** Characters of both sides together: more is nothing to look at on a page. */
const LARGEST_TEXT = 200_000;
/** Lines that may differ: comparing takes the square of it, and nobody reads so many. */
const MOST_EDITS = 1_500;
const LOOK_THERE = 'Look at it at the code host before you approve.';

/** What a change does to the files that decide what runs. */
export class Reviews {
  constructor(
    private readonly pool: Pool,
    private readonly sources: Sources,
    private readonly wanted: readonly string[],
    private readonly approvals: Approvals,
  ) {}

  /** Throws `not-found`. */
  async of(buildId: number, signal: AbortSignal): Promise<ReviewView> {
    const { projectId, change } = await this.build(buildId);
    const looked = [...new Set([...this.wanted, ...SCRIPTS])];
    const base = change.pullRequest?.baseCommit ?? (await this.headOf(projectId, change.branch, signal));
    const read = (commit: string | null): Promise<ReadFiles> => this.read(projectId, commit, looked, signal);
    const [before, after] = [await read(base), await read(change.commit)];
    const named = [before, after].flatMap(({ texts, problems }) => [...texts.keys(), ...problems.keys()]);
    const files = [...new Set([...looked, ...named])].flatMap((path) => differs(path, before, after));
    return { buildId, commit: change.commit, base, files, looked, approvals: await this.approvals.of(buildId) };
  }

  private async build(id: number): Promise<{ projectId: number; change: Change }> {
    const { rows } = await this.pool.query<{ projectId: number; change: unknown }>(
      'select project_id as "projectId", change from builds where id = $1',
      [id],
    );
    const [row] = rows;
    if (row === undefined) throw new CoreError('not-found', `There is no build ${id}.`);
    return { projectId: row.projectId, change: Change.parse(row.change) };
  }

  private async headOf(projectId: number, branch: string, signal: AbortSignal): Promise<string | null> {
    try {
      return (await this.sources.resolve(projectId, `refs/heads/${branch}`, signal)).commit;
    } catch (error) {
      if (isPluginError(error, 'not-found') || isPluginError(error, 'invalid')) return null;
      throw error;
    }
  }

  /** All at once; where one is too large to be read, one by one, so that it hides none of the others. */
  private async read(projectId: number, commit: string | null, paths: readonly string[], signal: AbortSignal): Promise<ReadFiles> {
    if (commit === null) return { texts: new Map(), problems: new Map() };
    try {
      return { texts: await this.sources.readFiles(projectId, commit, paths, signal), problems: new Map() };
    } catch (error) {
      if (!isPluginError(error, 'invalid')) throw error;
      const [path, ...others] = paths;
      if (path === undefined) throw error;
      if (others.length === 0) return { texts: new Map(), problems: new Map([[path, error.message]]) };
    }
    const each = await Promise.all(paths.map((path) => this.read(projectId, commit, [path], signal)));
    return { texts: merged(each.map(({ texts }) => texts)), problems: merged(each.map(({ problems }) => problems)) };
  }
}

/** What could be read of a revision, and why the rest could not, by path. */
export interface ReadFiles {
  readonly texts: ReadonlyMap<string, string>;
  readonly problems: ReadonlyMap<string, string>;
}

function merged(maps: readonly ReadonlyMap<string, string>[]): Map<string, string> {
  return new Map(maps.flatMap((map) => [...map]));
}

/** The entry of a file; none where it is alike on both sides. */
export function differs(path: string, from: ReadFiles, to: ReadFiles): ReviewView['files'] {
  const problem = from.problems.get(path) ?? to.problems.get(path);
  if (problem !== undefined) return [{ path, change: 'changed', patch: null, note: `${problem} ${LOOK_THERE}` }];
  const [before, after] = [from.texts.get(path), to.texts.get(path)];
  if (before === after) return [];
  const change = before === undefined ? 'added' : after === undefined ? 'removed' : 'changed';
  if ((before ?? '').length + (after ?? '').length > LARGEST_TEXT)
    return [{ path, change, patch: null, note: `It is too large to be shown. ${LOOK_THERE}` }];
  const patch = createTwoFilesPatch(path, path, before ?? '', after ?? '', '', '', { context: 3, maxEditLength: MOST_EDITS });
  const note = patch === undefined ? `It differs in more lines than can be compared here. ${LOOK_THERE}` : null;
  return [{ path, change, patch: patch ?? null, note }];
}
