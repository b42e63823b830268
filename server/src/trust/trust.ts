import type { Pool } from 'pg';
import { type Contributor, type People, PluginError, type PullRequest } from '#plugins/api';
import { TrustPolicy } from '#server/api';
import type { Sources } from '../projects/sources.ts';
import type { Contributors } from './contributors.ts';
import { type TrustDecision, decideTrust, mayWrite } from './decide-trust.ts';

/** Whom projects trust, asked at their code hosts. */
export class Trust {
  constructor(
    private readonly pool: Pool,
    private readonly sources: Sources,
    private readonly contributors: Contributors,
  ) {}

  /** How far a project trusts a pull request. Throws `not-found` for a project that is gone. */
  async of(projectId: number, pullRequest: Pick<PullRequest, 'author' | 'headRepository'>, signal: AbortSignal): Promise<TrustDecision> {
    const policy = await this.policy(projectId);
    const { scm, repository } = await this.sources.open(projectId);
    return await decideTrust(pullRequest, scm.identify(repository.url) ?? '', policy, {
      isListed: (who) => this.contributors.isListed(projectId, who),
      permission: (who) => peopleOf(scm.people).permission(repository, who, signal),
      isMember: (group, who) => peopleOf(scm.people).isMember(repository, group, who, signal),
      hasMerged: (who) => peopleOf(scm.people).hasMerged(repository, who, signal),
    });
  }

  /** Whether somebody at the code host may decide there what the project runs: he may write to it. Throws a `PluginError` where that cannot be found out. */
  async mayDecide(projectId: number, who: Contributor, signal: AbortSignal): Promise<boolean> {
    const { scm, repository } = await this.sources.open(projectId);
    return mayWrite(await peopleOf(scm.people).permission(repository, who, signal));
  }

  /** The account of that name at the project's code host. Without a way to look, the name alone. Throws `not-found` where there is no such account. */
  async find(projectId: number, name: string, signal: AbortSignal): Promise<Contributor> {
    const { scm } = await this.sources.open(projectId);
    if (scm.people === undefined) return { id: null, name };
    const found = await scm.people.find(name, signal);
    if (found === null) throw new PluginError('not-found', `The code host knows nobody called ${name}.`);
    return found;
  }

  async policy(projectId: number): Promise<TrustPolicy> {
    const { rows } = await this.pool.query<{ trust: unknown }>('select trust from projects where id = $1', [projectId]);
    return TrustPolicy.parse(rows[0]?.trust ?? {});
  }
}

/** Throws `unsupported` for a host that knows no people. */
function peopleOf(people: People | undefined): People {
  if (people === undefined) throw new PluginError('unsupported', 'This code host cannot be asked about people.');
  return people;
}
