import type { Repository, StatusReport, Statuses } from '#plugins/api';
import type { Addresses } from '../addresses.ts';
import { BUILD_STATES, descriptionOf } from '../build-states.ts';
import type { ApiClient } from '../http/api-client.ts';
import { repositoryPath } from './repository-path.ts';

/** Build statuses at a Data Center, 8.0 or newer. The same key overwrites. */
export class DataCenterStatuses implements Statuses {
  private readonly client: ApiClient;
  private readonly addresses: Addresses;

  constructor(client: ApiClient, addresses: Addresses) {
    this.client = client;
    this.addresses = addresses;
  }

  async report(repository: Repository, report: StatusReport, signal: AbortSignal): Promise<void> {
    const path = [...repositoryPath(this.addresses, repository), 'commits', report.commit, 'builds'];
    await this.client.send({ method: 'POST', path, body: bodyOf(report) }, repository, signal);
  }
}

/** All statuses have one parent, which is what "required builds" ask for. */
function bodyOf(report: StatusReport): object {
  const state = BUILD_STATES[report.state];
  const duration = durationOf(report);
  return {
    key: report.key,
    parent: report.key.replace(/\/.*$/s, ''),
    state: state === 'stopped' ? 'CANCELLED' : state,
    name: report.key,
    description: descriptionOf(report),
    url: report.url,
    ...(duration === null ? {} : { duration }),
  };
}

/** Milliseconds. */
function durationOf({ startedAt, finishedAt }: StatusReport): number | null {
  if (startedAt === null || finishedAt === null) return null;
  const duration = Date.parse(finishedAt) - Date.parse(startedAt);
  return duration >= 0 ? duration : null;
}
