import { z } from 'zod';
import { type Annotation, isPluginError, type StatusReport } from '#plugins/api';
import type { GithubApi } from '../client/github-api.ts';
import type { Place } from '../places.ts';
import { RERUN_ACTION } from '../webhooks/checks.ts';
import { asPlainBlock, isOver, shortened } from './texts.ts';

const CheckRun = z.object({
  id: z.number().int(),
  status: z.string(),
  external_id: z.string().nullish(),
  started_at: z.string().nullish(),
  output: z.object({ annotations_count: z.number().int() }).nullish(),
});
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
/** GitHub takes 64 KB; characters may have four bytes. */
const LONGEST_MESSAGE = 16_000;
/** So many in one call; each call adds to those of the ones before. */
const ANNOTATIONS_A_CALL = 50;
const AGAIN = { label: 'Run again', description: 'Runs it again on a new machine', identifier: RERUN_ACTION };

/**
 * Tells by a check run, as Apps may: the newest of a name is the one that counts. One that is over and begins again is a new one, because GitHub does not take
 * the conclusion of a check run back.
 */
export async function setCheckRun(api: GithubApi, place: Place, appId: number, report: StatusReport, signal: AbortSignal): Promise<void> {
  try {
    await tell(api, place, appId, report, signal);
  } catch (error) {
    // Annotations come of what a job has written: if GitHub takes one of them not, it is to know the state all the same.
    if (!isPluginError(error, 'rejected') || report.annotations.length === 0) throw error;
    await tell(api, place, appId, { ...report, annotations: [] }, signal);
  }
}

async function tell(api: GithubApi, { owner, name }: Place, appId: number, report: StatusReport, signal: AbortSignal): Promise<void> {
  const repository = { owner, repo: name };
  const what = `set a check run of ${owner}/${name}`;
  const found = await newest(api, { ...repository, ref: report.commit, check_name: report.key, app_id: appId, filter: 'latest' }, what, signal);
  const goesOn = found !== null && isSame(found, report) ? found : null;
  // Those that are there were told by a call whose answer was lost, perhaps.
  const [first = [], ...more] = batches(report.annotations.slice(goesOn?.output?.annotations_count ?? 0));
  const change = async (id: number, annotations: readonly Annotation[]): Promise<void> => {
    const parameters = { ...repository, ...contentOf(report, annotations), check_run_id: id };
    await api.do({ route: 'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}', what, parameters }, signal);
  };
  if (goesOn !== null) await change(goesOn.id, first);
  const id = goesOn?.id ?? (await create(api, { ...repository, ...contentOf(report, first), ...namesOf(report) }, what, signal));
  for (const annotations of more) await change(id, annotations);
}

async function create(api: GithubApi, parameters: Record<string, unknown>, what: string, signal: AbortSignal): Promise<number> {
  const made = await api.ask(CheckRun, { route: 'POST /repos/{owner}/{repo}/check-runs', what, parameters }, signal);
  return made.id;
}

function namesOf({ key, commit }: StatusReport): Record<string, unknown> {
  return { name: key, head_sha: commit, external_id: key };
}

/** Whether a check run is of what is told of. One that is over stays as it is when that is run again, also where nobody was told of the beginning. */
function isSame(found: CheckRun, { state, startedAt }: StatusReport): boolean {
  if (found.status !== 'completed') return true;
  if (!isOver(state)) return false;
  return startedAt === null || typeof found.started_at !== 'string' || seconds(found.started_at) === seconds(startedAt);
}

function seconds(moment: string): number {
  return Math.floor(Date.parse(moment) / 1000);
}

function batches(annotations: readonly Annotation[]): (readonly Annotation[])[] {
  const count = Math.ceil(annotations.length / ANNOTATIONS_A_CALL);
  return Array.from({ length: count }, (_, index) => annotations.slice(index * ANNOTATIONS_A_CALL, (index + 1) * ANNOTATIONS_A_CALL));
}

async function newest(api: GithubApi, parameters: Record<string, unknown>, what: string, signal: AbortSignal): Promise<CheckRun | null> {
  const call = { route: 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs', what, parameters };
  const { check_runs: runs } = await api.ask(CheckRuns, call, signal);
  const ours = runs.filter((run) => run.external_id === parameters['check_name']).toSorted((one, other) => other.id - one.id);
  return ours[0] ?? null;
}

function contentOf(report: StatusReport, annotations: readonly Annotation[]): Record<string, unknown> {
  const state = STATES[report.state];
  const ended = state.status === 'completed' && report.finishedAt !== null;
  const summary = report.details.length === 0 ? [report.summary] : report.details;
  return {
    ...state,
    details_url: report.url,
    ...(report.startedAt === null ? {} : { started_at: report.startedAt }),
    ...(ended ? { completed_at: report.finishedAt } : {}),
    output: {
      title: shortened(report.summary, LONGEST_TITLE),
      summary: asPlainBlock(summary),
      ...(annotations.length === 0 ? {} : { annotations: annotations.map(annotationOf) }),
    },
    actions: state.status === 'completed' && report.state !== 'held' && report.state !== 'passed' ? [AGAIN] : [],
  };
}

/** https://docs.github.com/en/rest/checks/runs#update-a-check-run: titles and messages are shown as plain text. */
function annotationOf({ path, line, level, title, message }: Annotation): Record<string, unknown> {
  const text = { title: shortened(title, LONGEST_TITLE), message: shortened(message, LONGEST_MESSAGE) };
  return { path, start_line: line, end_line: line, annotation_level: level, ...text };
}
