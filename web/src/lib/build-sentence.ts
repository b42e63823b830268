import type { BuildView, JobSummary } from '#server/api';
import { count, listWords } from './numbers.ts';
import { groupBy } from './group.ts';
import { readInterpreter } from './interpreter.ts';
import { brokenAsWhole } from './matrix.ts';

/** The answer to a build page's question, in words: which cells broke, and is it the code or the farm? */
export function buildSentence(build: Pick<BuildView, 'state' | 'jobs' | 'messages' | 'description'>): string {
  const jobs = build.jobs;
  if (jobs.length === 0) return nothingSentence(build);
  const parts = [codeSentence(jobs), farmSentence(jobs), heldSentence(jobs), restSentence(jobs)];
  return parts.filter((part) => part !== '').join(' ');
}

function nothingSentence(build: Pick<BuildView, 'state' | 'messages' | 'description'>): string {
  if (build.messages.some((message) => message.level === 'error'))
    return `${build.description ?? 'The CI description'} cannot be used as it is: see below.`;
  return build.state === 'queued' || build.state === 'running' ? 'Reading what there is to run.' : 'There was nothing to run.';
}

function codeSentence(jobs: readonly JobSummary[]): string {
  const failed = jobs.filter((job) => job.state === 'failed' && !job.allowFailure);
  if (failed.length === 0) return '';
  const columns = brokenColumns(jobs, 'failed');
  const where = columns.length > 0 ? `: all of ${listWords(columns)}` : '';
  return `${failed.length} of ${count(jobs.length, 'job')} failed${where}.`;
}

function farmSentence(jobs: readonly JobSummary[]): string {
  const errored = jobs.filter((job) => job.state === 'errored');
  if (errored.length === 0) return '';
  const columns = brokenColumns(jobs, 'errored');
  const where = columns.length > 0 ? ` (all of ${listWords(columns)})` : '';
  return `${count(errored.length, 'job')} errored before a verdict${where}: not a failed test.`;
}

function heldSentence(jobs: readonly JobSummary[]): string {
  const held = jobs.filter((job) => job.state === 'held').length;
  return held === 0 ? '' : `${count(held, 'job')} ${held === 1 ? 'is' : 'are'} held.`;
}

function restSentence(jobs: readonly JobSummary[]): string {
  const running = jobs.filter((job) => ['starting', 'running', 'finishing'].includes(job.state)).length;
  const waiting = jobs.filter((job) => job.state === 'queued' || job.state === 'waiting').length;
  if (running + waiting > 0) return `${running} running, ${waiting} waiting.`;
  const canceled = jobs.filter((job) => job.state === 'canceled').length;
  if (canceled > 0) return `${canceled} of ${count(jobs.length, 'job')} canceled.`;
  const allowed = jobs.filter((job) => job.state === 'failed' && job.allowFailure).length;
  const note = allowed > 0 ? ` ${count(allowed, 'failure')} allowed.` : '';
  if (jobs.every((job) => job.state === 'passed' || (job.allowFailure && job.state === 'failed')))
    return `All ${count(jobs.length, 'job')} done, none failed${note === '' ? '' : ' that must pass'}.${note}`;
  return note.trim();
}

function brokenColumns(jobs: readonly JobSummary[], state: 'failed' | 'errored'): string[] {
  const byColumn = groupBy(jobs, (job) => job.cell.column);
  const broken = [...byColumn].filter(([, cells]) => brokenAsWhole(cells) === state).map(([name]) => name);
  return broken
    .map((name) => readInterpreter(name))
    .map((reading) => (reading.group === 'Other' ? reading.label : `${reading.group.split(' ')[0] ?? ''} ${reading.label}`));
}
