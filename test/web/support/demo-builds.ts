import type { BuildState, BuildView, ChangeView, JobState, JobSummary, Message } from '#server/api';
import { ago } from './demo-clock.ts';

/** A cell as the demo describes it. */
export interface DemoCell {
  column: string;
  row: string;
  /** Linux unless told. */
  system?: string;
  architecture?: string;
  state: JobState;
  seconds?: number;
  reason?: string;
  stage?: string;
  allowFailure?: boolean;
}

export interface DemoBuild {
  id: number;
  projectId: number;
  projectName: string;
  number: number;
  state: BuildState;
  change: Partial<ChangeView>;
  trust?: BuildView['trust'];
  cells: DemoCell[];
  stages?: string[];
  messages?: Message[];
  startedSecondsAgo: number;
}

/** A job's id follows from its build and place, so that pages can be linked to. */
export function jobId(buildId: number, position: number): number {
  return buildId * 1000 + position;
}

/** A whole build from its description. */
export function makeBuild(demo: DemoBuild): BuildView {
  const jobs = demo.cells.map((cell, index) => makeJob(demo, cell, index + 1));
  const isDone = demo.state !== 'queued' && demo.state !== 'running';
  const longest = Math.max(0, ...demo.cells.map((cell) => cell.seconds ?? 60));
  return {
    id: demo.id,
    projectId: demo.projectId,
    projectName: demo.projectName,
    number: demo.number,
    state: demo.state,
    change: { ...CHANGE, ...demo.change },
    trust: demo.trust ?? { level: 'trusted', reason: null, contributor: null },
    counts: countStates(jobs),
    createdAt: ago(demo.startedSecondsAgo + 4),
    startedAt: demo.state === 'queued' ? null : ago(demo.startedSecondsAgo),
    finishedAt: isDone ? ago(demo.startedSecondsAgo - longest) : null,
    jobs,
    stages: demo.stages ?? ['test'],
    messages: demo.messages ?? [],
    description: '.travis.yml',
  };
}

const CHANGE: ChangeView = {
  kind: 'push',
  branch: 'main',
  tag: null,
  commit: '4f1c2a9d80b35e6617c0aa42d91be07735f2c88e',
  message: 'Parse dates without a time zone as local',
  author: 'Maya Lindqvist',
  committedAt: ago(3600),
  pullRequest: null,
};

function makeJob(demo: DemoBuild, cell: DemoCell, position: number): JobSummary {
  const seconds = cell.seconds ?? 40 + ((position * 37) % 160);
  const hasRun = !['held', 'waiting', 'queued', 'canceled', 'skipped'].includes(cell.state);
  const isDone = ['passed', 'failed', 'errored'].includes(cell.state);
  return {
    id: jobId(demo.id, position),
    buildId: demo.id,
    position,
    name: [cell.column, cell.row].filter(Boolean).join(' · '),
    stage: cell.stage ?? 'test',
    allowFailure: cell.allowFailure ?? false,
    cell: { column: cell.column, row: cell.row },
    system: cell.system ?? 'linux',
    architecture: cell.architecture ?? null,
    state: cell.state,
    reason: cell.reason ?? null,
    attempt: hasRun ? 1 : 0,
    coverage: cell.state === 'passed' && demo.projectId !== 6 ? 87.5 + (position % 5) : null,
    queuedAt: cell.state === 'held' ? null : ago(demo.startedSecondsAgo),
    startedAt: hasRun ? ago(demo.startedSecondsAgo) : null,
    finishedAt: isDone ? ago(demo.startedSecondsAgo - seconds) : null,
  };
}

function countStates(jobs: readonly JobSummary[]): BuildView['counts'] {
  const counts: BuildView['counts'] = {};
  for (const job of jobs) counts[job.state] = (counts[job.state] ?? 0) + 1;
  return counts;
}
