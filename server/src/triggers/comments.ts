import type { Pool } from 'pg';
import { type Contributor, type HostEvent, isPluginError, PluginError, type PullRequest } from '#plugins/api';
import type { BuildTrust } from '#server/api';
import type { Builds } from '../builds/builds.service.ts';
import { isCoreError } from '../common/errors.ts';
import type { Sources } from '../projects/sources.ts';
import type { TrustDesk } from '../trust/trust-desk.ts';
import type { Trust } from '../trust/trust.ts';
import { type CommentCommand, commandIn } from './comment-command.ts';
import { isSameCommit } from './same-commit.ts';

type Comment = Extract<HostEvent, { kind: 'comment' }>;

/** The newest build of a pull request. */
interface NewestBuild {
  readonly id: number;
  readonly number: number;
  readonly commit: string;
  readonly trust: BuildTrust;
  readonly createdAt: Date;
}

/** A comment says `ok` to what its writer saw: a commit that came less than this before it he may not have seen. Milliseconds. */
const SEEN_MS = 60_000;

/** Does what maintainers ask for in comments to pull requests. */
export class Comments {
  constructor(
    private readonly pool: Pool,
    private readonly sources: Sources,
    private readonly trust: Trust,
    private readonly desk: TrustDesk,
    private readonly builds: Builds,
  ) {}

  /** What came of a comment, in words; null where it asks for nothing. Throws what may succeed another time. */
  async answer(projectId: number, comment: Comment, signal: AbortSignal): Promise<string | null> {
    const command = commandIn(comment.text);
    if (command === null) return null;
    if (!(await this.trust.policy(projectId)).comments) return 'the project takes no orders by comment';
    if (!(await this.trust.mayDecide(projectId, comment.by, signal)))
      return `${comment.by.name} may not: that needs the right to write to the repository`;
    const build = await this.newest(projectId, comment.number);
    if (build === null) return `there is no build of pull request ${comment.number}`;
    try {
      return await this.obey(projectId, command, comment, build, signal);
    } catch (error) {
      if (isCoreError(error) || isPluginError(error, 'not-found') || isPluginError(error, 'unsupported')) return error.message;
      throw error;
    }
  }

  private async obey(projectId: number, command: CommentCommand, comment: Comment, build: NewestBuild, signal: AbortSignal): Promise<string> {
    if (command.kind === 'retry') {
      await this.builds.restartBuild(build.id);
      return `build #${build.number} runs again`;
    }
    if (command.kind === 'stop') {
      await this.builds.cancelBuild(build.id, `stopped by ${comment.by.name}, in a comment`);
      return `build #${build.number} is cancelled`;
    }
    const problem = mayHaveMeant(build, command.commit ?? comment.commit, comment.at);
    if (problem !== null) return problem;
    const now = await this.pullRequest(projectId, comment.number, signal);
    if (!now.isOpen) return `pull request ${comment.number} is closed`;
    if (!isSameCommit(now.headCommit, build.commit)) return `its head is ${now.headCommit.slice(0, 10)} by now: look at that one`;
    if (command.kind === 'trust') await this.desk.trustAccount(projectId, authorOf(now), comment.by.name);
    if (build.trust === 'held') {
      await this.desk.decide({ buildId: build.id, commit: build.commit, decision: 'approved', by: comment.by.name, via: 'comment' });
      return `build #${build.number} is approved`;
    }
    return command.kind === 'trust' ? `${now.author.name} is trusted` : `build #${build.number} is ${build.trust} already`;
  }

  /** The pull request as it stands now: an approval must not rest on words that came late. Throws where the host cannot be asked. */
  private async pullRequest(projectId: number, number: number, signal: AbortSignal): Promise<PullRequest> {
    const { scm, repository } = await this.sources.open(projectId);
    if (scm.pullRequests === undefined) throw new PluginError('unsupported', 'This code host cannot be asked about pull requests.');
    return await scm.pullRequests.get(repository, number, signal);
  }

  private async newest(projectId: number, pullRequest: number): Promise<NewestBuild | null> {
    const { rows } = await this.pool.query<NewestBuild>(
      `select id, number, change->>'commit' as commit, trust, created_at as "createdAt" from builds
       where project_id = $1 and change->>'kind' = 'pull-request' and (change->'pullRequest'->>'number')::int = $2 order by id desc limit 1`,
      [projectId, pullRequest],
    );
    return rows[0] ?? null;
  }
}

/** An account without an id could be anybody's who takes the name next. */
function authorOf({ author }: PullRequest): Contributor {
  if (author.id === null)
    throw new PluginError(
      'unsupported',
      `The code host does not say which account ${author.name} is: trust the name in the settings of the project.`,
    );
  return author;
}

/**
 * Why a comment cannot be taken to mean that build, in words; null if it can. `named`: the commit that it names, or was written about. The beginning of an id is no name of one commit:
 * another that begins alike can be made in seconds, and pushed while the comment is written.
 */
export function mayHaveMeant(
  { commit, createdAt }: Pick<NewestBuild, 'commit' | 'createdAt'>,
  named: string | null,
  writtenAt: string | null,
): string | null {
  if (named === commit) return null;
  if (named !== null && !commit.startsWith(named)) return `the newest commit is ${commit.slice(0, 10)}, not ${named.slice(0, 10)}: look at that one`;
  const seen = writtenAt !== null && new Date(writtenAt).getTime() - createdAt.getTime() >= SEEN_MS;
  return seen ? null : `the newest commit came only just before the comment: name it whole, as "terrarium: ok ${commit}"`;
}
