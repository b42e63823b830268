import { z } from 'zod';
import type { StatusReport } from '#plugins/api';
import type { GithubApi } from '../client/github-api.ts';
import type { Place } from '../places.ts';
import { RERUN_ACTION } from '../webhooks/checks.ts';
import { asPlainBlock, isOver, shortened } from './texts.ts';

const CheckRun = z.object({ id: z.number().int(), status: z.string(), external_id: z.string().nullish() });
type CheckRun = z.infer<typeof CheckRun>;
const CheckRuns = z.object({ check_runs: z.array(CheckRun) });

/** `status`, and with `completed` the `conclusion`: https://docs.github.com/en/rest/checks/runs#create-a-check-run */
const STATES = {
  held: { status: 'completed', conclusion: 'action_required' },
  queued: { status: 'queued' },
  running: { status: 'in_progress' },
  passed: { status: 'completed', conclusion: 'success' },
  failed: { status: 'completed', conclusion: 'failure' },
  errored: { status: 'completed', conclusion: 'failure' },
  canceled: { status: 'completed', conclusion: 'cancelled' },
} as const satisfies Record<StatusReport['state'], { readonly status: string; readonly conclusion?: string }>;

const LONGEST_TITLE = 255;
const AGAIN = { label: 'Run again', description: 'Runs it again on a new machine', identifier: RERUN_ACTION };

/**
 * Tells by a check run, as Apps may: the newest of a name is the one that counts. One that is over and begins again is a new one, because GitHub does not take
 * the conclusion of a check run back.
 */
export async function setCheckRun(api: GithubApi, { owner, name }: Place, appId: number, report: StatusReport, signal: AbortSignal): Promise<void> {
  const names = { owner, repo: name };
  const what = `set a check run of ${owner}/${name}`;
  const found = await newest(api, { ...names, ref: report.commit, check_name: report.key, app_id: appId, filter: 'latest' }, what, signal);
  const content = contentOf(report);
  if (found === null || (found.status === 'completed' && !isOver(report.state))) {
    const parameters = { ...names, ...content, name: report.key, head_sha: report.commit, external_id: report.key };
    return api.do({ route: 'POST /repos/{owner}/{repo}/check-runs', what, parameters }, signal);
  }
  const parameters = { ...names, ...content, check_run_id: found.id };
  return api.do({ route: 'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}', what, parameters }, signal);
}

async function newest(api: GithubApi, parameters: Record<string, unknown>, what: string, signal: AbortSignal): Promise<CheckRun | null> {
  const call = { route: 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs', what, parameters };
  const { check_runs: runs } = await api.ask(CheckRuns, call, signal);
  const ours = runs.filter((run) => run.external_id === parameters['check_name']).toSorted((one, other) => other.id - one.id);
  return ours[0] ?? null;
}

function contentOf(report: StatusReport): Record<string, unknown> {
  const state = STATES[report.state];
  const ended = state.status === 'completed' && report.finishedAt !== null;
  const summary = report.details.length === 0 ? [report.summary] : report.details;
  return {
    ...state,
    details_url: report.url,
    ...(report.startedAt === null ? {} : { started_at: report.startedAt }),
    ...(ended ? { completed_at: report.finishedAt } : {}),
    output: { title: shortened(report.summary, LONGEST_TITLE), summary: asPlainBlock(summary) },
    actions: state.status === 'completed' && report.state !== 'held' && report.state !== 'passed' ? [AGAIN] : [],
  };
}
