import { BuildNotice } from '#plugins/api';
import type { SubscriptionView } from '#server/api';
import type { Links } from '../common/links.ts';
import type { BuildFacts } from './facts.ts';

const MOST_FAILURES = 10;
const Ended = BuildNotice.shape.build.shape.state;

/**
 * What subscribers are told of a build that has ended; null where it runs again, or they want to hear of other things only. `version` counts its ends: the same
 * end has the same id. Pure.
 */
export function noticeOf(build: BuildFacts, occasion: SubscriptionView['occasion'], version: number, links: Links): BuildNotice | null {
  const state = Ended.safeParse(build.state);
  const previous = Ended.safeParse(build.previous);
  if (build.finishedAt === null || !state.success || !wanted(occasion, state.data, previous.success ? previous.data : null)) return null;
  const { kind, branch, tag, commit, message, author, pullRequest } = build.change;
  return {
    id: `build-${build.id}-${version}`,
    project: { id: build.projectId, name: build.projectName, url: links.project(build.projectId) },
    build: {
      id: build.id,
      number: build.number,
      state: state.data,
      previous: previous.success ? previous.data : null,
      url: links.build(build.id),
      startedAt: build.startedAt?.toISOString() ?? null,
      finishedAt: build.finishedAt.toISOString(),
    },
    change: { kind, branch, tag, commit, message, author, pullRequest: pullRequest && { number: pullRequest.number, title: pullRequest.title } },
    failures: build.jobs
      .filter(({ state: job }) => job === 'failed' || job === 'errored' || job === 'canceled')
      .slice(0, MOST_FAILURES)
      .map(({ id, name, state: job, reason }) => ({ name, state: job, reason, url: links.job(id) })),
    counts: countsOf(build),
  };
}

type EndState = BuildNotice['build']['state'];

/** A cancelled build is somebody's own doing: only who wants to hear of everything hears of it. */
function wanted(occasion: SubscriptionView['occasion'], state: EndState, previous: EndState | null): boolean {
  if (occasion === 'always') return true;
  if (state === 'canceled') return false;
  if (occasion === 'failure') return state !== 'passed';
  return state === 'passed' ? previous !== null && previous !== 'passed' : previous !== state;
}

function countsOf({ jobs }: BuildFacts): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { state } of jobs) counts.set(state, (counts.get(state) ?? 0) + 1);
  return Object.fromEntries(counts);
}
