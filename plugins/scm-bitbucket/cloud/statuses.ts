import type { Repository, StatusReport, Statuses } from '#plugins/api';
import type { Addresses } from '../addresses.ts';
import { BUILD_STATES, descriptionOf, shortKey } from '../build-states.ts';
import type { ApiClient } from '../http/api-client.ts';

const LONGEST_KEY = 40;

/** Build statuses at Bitbucket Cloud. The same key overwrites. */
export class CloudStatuses implements Statuses {
  private readonly client: ApiClient;
  private readonly addresses: Addresses;

  constructor(client: ApiClient, addresses: Addresses) {
    this.client = client;
    this.addresses = addresses;
  }

  async report(repository: Repository, report: StatusReport, signal: AbortSignal): Promise<void> {
    const { owner, slug } = this.addresses.open(repository.url);
    const path = ['repositories', owner, slug, 'commit', report.commit, 'statuses', 'build'];
    await this.client.send({ method: 'POST', path, body: bodyOf(report) }, repository, signal);
  }
}

function bodyOf(report: StatusReport): object {
  const state = BUILD_STATES[report.state];
  return {
    key: shortKey(report.key, LONGEST_KEY),
    state: state === 'stopped' ? 'STOPPED' : state,
    name: report.key,
    description: descriptionOf(report),
    url: report.url,
    // Cloud wants the branch that a pull request comes from here; we know the one it goes to.
    ...(report.pullRequest === null && report.branch !== '' ? { refname: report.branch } : {}),
  };
}
