import type { Change, CiInput, CiPlan, CiProvider, JobSpec, Message, PluginContext } from '#plugins/api';
import { JobBudget, withinBudget } from '#plugins/kit/job-budget';
import { Report } from '#plugins/kit/yaml/report';
import type { GithubActionsConfig } from './config.ts';
import { isForChanges, sayPaths, startedBy } from './expand/event.ts';
import type { JobRun } from './expand/job-run.ts';
import { runsOf } from './expand/runs.ts';
import { purposeOf } from './expand/tests.ts';
import { sayWhatDiffers } from './hints.ts';
import { type BuildFacts, describeJob } from './jobs/describe-job.ts';
import { readWorkflow } from './read/workflow.ts';

const WORKFLOWS = /^\.github\/workflows\/.+\.ya?ml$/;
const PYTHON_VERSION = '.python-version';
const NOTHING = { jobs: [], stages: [], declaredStages: [], fastFinish: false };

/** What one file comes to. */
interface Reading {
  readonly file: string;
  readonly runs: readonly JobRun[];
  /** It tests changes, but GitHub would not test this one by it. */
  readonly holdsBack: boolean;
  readonly report: Report;
}

/** Reads the workflows of GitHub Actions and makes the jobs that test. What GitHub would run besides, and what is not done here, is told. */
export class GithubActionsProvider implements CiProvider {
  readonly kind = 'service';
  readonly completes = true;
  readonly files = ['.github/workflows/*.yml', '.github/workflows/*.yaml'];
  readonly alsoReads = [PYTHON_VERSION];
  readonly title = 'GitHub Actions';
  readonly #maximumJobs: number;

  constructor(context: PluginContext<GithubActionsConfig>) {
    this.#maximumJobs = context.config.maximumJobs;
  }

  parse(input: CiInput): CiPlan {
    const budget = new JobBudget(this.#maximumJobs);
    const readings = textsOf(input).map(([file, text]) => readFile(file, text, input.change, budget));
    const [{ report } = { report: new Report() }] = readings;
    const plan = withinBudget(
      () => planOf(readings, input, budget),
      NOTHING,
      (problem) => report.error('', null, problem),
    );
    const failed = readings.some(({ report }) => report.failed);
    const isSilent = !failed && plan.jobs.length === 0 && !readings.some(({ holdsBack }) => holdsBack);
    const files = readings.filter(({ runs }) => runs.length > 0).map(({ file }) => file);
    return {
      ...(failed ? NOTHING : plan),
      messages: messagesOf(readings),
      ...(plan.jobs.length > 0 && !failed ? { files } : {}),
      ...(isSilent ? { isSilent } : {}),
    };
  }
}

function planOf(readings: readonly Reading[], { change, texts }: CiInput, budget: JobBudget): Omit<CiPlan, 'messages'> {
  const runs = readings.flatMap((reading) => reading.runs);
  if (readings.some(({ report }) => report.failed)) return NOTHING;
  const build: BuildFacts = { change, versionFile: texts.get(PYTHON_VERSION) ?? null, prefixOf: prefixes(runs), taken: new Set(), budget };
  const made = readings.flatMap(({ runs: own, report }) => own.flatMap((run) => describeJob(run, build, report) ?? []));
  const { stages, jobs } = inStages(made);
  sayStages(stages, readings);
  return { jobs, stages, declaredStages: [], fastFinish: runs.length > 0 && runs.every(({ failFast }) => failFast) };
}

/** The workflows among the texts; where somebody gives a text under another name, that. */
function textsOf({ file, text, texts }: CiInput): [string, string][] {
  const found = [...texts].filter(([path]) => WORKFLOWS.test(path));
  return found.length === 0 ? [[file, text]] : found;
}

function readFile(file: string, text: string, change: Change, budget: JobBudget): Reading {
  const report = new Report();
  const workflow = readWorkflow(file, text, report);
  if (workflow === null || report.failed) return { file, runs: [], holdsBack: false, report };
  const tests = isForChanges(workflow) ? workflow.jobs.filter((job) => purposeOf(job) === 'tests') : [];
  const started = startedBy(change, workflow, report);
  if ('why' in started) {
    report.info('on', workflow.on.at, `This workflow is left out: ${started.why}.`);
    return { file, runs: [], holdsBack: tests.length > 0, report };
  }
  const { runs, skipped } = withinBudget(
    () => runsOf(workflow, started.event, change, { budget, report }),
    { runs: [], skipped: new Set<string>() },
    (problem) => report.error('jobs', null, problem),
  );
  if (runs.length > 0) sayPaths(workflow, started.event, report);
  if (runs.length > 0) sayWhatDiffers(workflow, report);
  return { file, runs, holdsBack: tests.some(({ key }) => skipped.has(key)), report };
}

/** `CI / ` before the names of jobs, if more than one workflow makes any. */
function prefixes(runs: readonly JobRun[]): BuildFacts['prefixOf'] {
  const several = new Set(runs.map(({ workflow }) => workflow.file)).size > 1;
  return ({ workflow }) => (several ? `${workflow.name} / ` : '');
}

/** The levels that have jobs, as stages with names of their own, and the jobs in their order. */
function inStages(made: readonly JobSpec[]): { readonly stages: string[]; readonly jobs: JobSpec[] } {
  const levels = [...new Set(made.map(({ stage }) => stage))].toSorted((one, other) => Number(one) - Number(other));
  const nameOf = (index: number): string => (levels.length === 1 ? 'test' : String(index + 1));
  const jobs = levels.flatMap((level, index) => made.filter(({ stage }) => stage === level).map((job) => ({ ...job, stage: nameOf(index) })));
  return { stages: levels.map((_, index) => nameOf(index)), jobs };
}

function sayStages(stages: readonly string[], readings: readonly Reading[]): void {
  if (stages.length < 2) return;
  const waiting = readings.find(({ runs }) => runs.some(({ level }) => level > 0));
  const run = waiting?.runs.find(({ level }) => level > 0);
  waiting?.report.info(
    run?.part.path ?? '',
    run?.part.at ?? null,
    'Jobs that need others wait for all jobs of the stage before: there are stages here, and no single needs.',
  );
}

/** With the file before the path, if there are several; several jobs may lead to the same words. */
function messagesOf(readings: readonly Reading[]): Message[] {
  const all = readings.flatMap(({ file, report }) =>
    report.messages.map((message) =>
      readings.length === 1 ? message : { ...message, path: message.path === '' ? file : `${file}: ${message.path}` },
    ),
  );
  return [...new Map(all.map((message) => [JSON.stringify(message), message])).values()];
}
