import type { Repository, StatusReport, Statuses } from '#plugins/api';
import { assertCommitId } from '#plugins/kit/git-ref';
import type { GithubAccess } from '../client/access.ts';
import type { GithubPlaces } from '../places.ts';
import { setCheckRun } from './check-run.ts';
import { setCommitStatus } from './commit-status.ts';

/** Tells GitHub how commits do: by check runs where our App is installed, else by commit statuses. */
export class GithubStatuses implements Statuses {
  private readonly places: GithubPlaces;
  private readonly access: GithubAccess;
  private readonly appId: number | null;

  constructor(places: GithubPlaces, access: GithubAccess, appId: number | null) {
    this.places = places;
    this.access = access;
    this.appId = appId;
  }

  async report(repository: Repository, report: StatusReport, signal: AbortSignal): Promise<void> {
    const place = this.places.get(repository.url);
    assertCommitId(report.commit);
    const api = await this.access.forRepository(repository, place, signal);
    if (api.kind === 'installation' && this.appId !== null) return setCheckRun(api, place, this.appId, report, signal);
    return setCommitStatus(api, place, report, signal);
  }
}
