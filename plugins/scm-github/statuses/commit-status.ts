import { PluginError, isPluginError, type StatusReport } from '#plugins/api';
import type { GithubApi } from '../client/github-api.ts';
import type { Place } from '../places.ts';
import { shortened } from './texts.ts';

/** https://docs.github.com/en/rest/commits/statuses#create-a-commit-status */
const STATES = {
  held: 'pending',
  queued: 'pending',
  running: 'pending',
  passed: 'success',
  failed: 'failure',
  errored: 'error',
  canceled: 'error',
} as const satisfies Record<StatusReport['state'], string>;

const LONGEST_DESCRIPTION = 140;

/** Tells by a commit status, as users' tokens may: the newest of a context is the one that counts. */
export async function setCommitStatus(api: GithubApi, { owner, name }: Place, report: StatusReport, signal: AbortSignal): Promise<void> {
  const parameters = {
    owner,
    repo: name,
    sha: report.commit,
    state: STATES[report.state],
    context: report.key,
    description: shortened(report.summary, LONGEST_DESCRIPTION),
    target_url: report.url,
  };
  const call = { route: 'POST /repos/{owner}/{repo}/statuses/{sha}', what: `set a status of a commit of ${owner}/${name}`, parameters };
  try {
    await api.do(call, signal);
  } catch (cause) {
    if (!isPluginError(cause, 'rejected') || !/maximum number of statuses/i.test(cause.message)) throw cause;
    const sentence = `GitHub takes no more statuses ${report.key} for ${report.commit.slice(0, 10)}: it has 1000, which is all it allows for a commit.`;
    throw new PluginError('rejected', sentence, { cause });
  }
}
