import type { CiInput, CiPlan, CiProvider, Message, PluginContext } from '#plugins/api';
import { JobBudget, withinBudget } from '#plugins/kit/job-budget';
import { Report } from '#plugins/kit/yaml/report';
import type { GithubActionsConfig } from './config.ts';
import type { JobRun } from './expand/job-run.ts';
import type { BuildFacts } from './jobs/describe-job.ts';
import { type FilePlan, planFile, verdictOf } from './file-plan.ts';
import { type Reading, readFile } from './reading.ts';
import { inStages } from './stages.ts';

const WORKFLOWS = /^\.github\/workflows\/.+\.ya?ml$/;
const PYTHON_VERSION = '.python-version';
const NOTHING = { jobs: [], stages: [], declaredStages: [], fastFinish: false };

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
    const plans = withinBudget(
      () => planFiles(readings, input, budget),
      null,
      (problem) => report.error('', null, problem),
    );
    if (plans === null) return { ...NOTHING, messages: messagesOf(readings, true) };
    const { isFailed, isSilent } = verdictOf(plans);
    const made = isFailed || isSilent ? [] : plans.filter((one) => one.made.length > 0);
    const plan = isFailed || isSilent ? NOTHING : planOf(made);
    if (isSilent) sayLost(plans);
    return {
      ...plan,
      messages: messagesOf(readings, isFailed),
      ...(made.length > 0 ? { files: made.map(({ reading }) => reading.file) } : {}),
      ...(isSilent ? { isSilent } : {}),
    };
  }
}

/** The workflows among the texts; where somebody gives a text under another name, that. */
function textsOf({ file, text, texts }: CiInput): [string, string][] {
  const found = [...texts].filter(([path]) => WORKFLOWS.test(path));
  return found.length === 0 ? [[file, text]] : found;
}

function planFiles(readings: readonly Reading[], { change, texts }: CiInput, budget: JobBudget): FilePlan[] {
  if (readings.some(({ isTooMuch }) => isTooMuch)) return readings.map((reading) => ({ reading, made: [], losesTests: false }));
  const prefixOf = prefixes(readings.flatMap(({ runs }) => runs));
  const build: BuildFacts = { change, versionFile: texts.get(PYTHON_VERSION) ?? null, prefixOf, taken: new Set(), budget };
  return readings.map((reading) => planFile(reading, build));
}

/** `CI / ` before the names of jobs, if more than one workflow makes any. */
function prefixes(runs: readonly JobRun[]): BuildFacts['prefixOf'] {
  const several = new Set(runs.map(({ workflow }) => workflow.file)).size > 1;
  return ({ workflow }) => (several ? `${workflow.name} / ` : '');
}

function planOf(plans: readonly FilePlan[]): Omit<CiPlan, 'messages'> {
  const runs = plans.flatMap(({ made }) => made.map(({ run }) => run));
  return { ...inStages(plans), declaredStages: [], fastFinish: runs.length > 0 && runs.every(({ failFast }) => failFast) };
}

/** Says of jobs that could run why they do not. */
function sayLost(plans: readonly FilePlan[]): void {
  for (const { reading, made } of plans) {
    const [first] = made;
    if (first === undefined) continue;
    const ids = [...new Set(made.map(({ run }) => run.id))].join(', ');
    reading.report.warning(
      'jobs',
      null,
      `Not run either: ${ids}. No tests are among them, as those that there are cannot be run here, or not be read.`,
    );
  }
}

/** With their files. Unless the plan fails, what is wrong with some files is a warning; several jobs may lead to the same words. */
function messagesOf(readings: readonly Reading[], isFailed: boolean): Message[] {
  const all = readings.flatMap(({ file, report }): Message[] => {
    const messages = report.messages.map((message): Message => ({ ...message, file }));
    if (isFailed || !report.failed) return messages;
    const text = 'None of this workflow is run, as something in it must be mended: see what else is said of it. The others count.';
    return [{ level: 'warning', text, file, path: '', line: null, column: null }, ...messages.map(warned)];
  });
  return [...new Map(all.map((message) => [JSON.stringify(message), message])).values()];
}

function warned(message: Message): Message {
  return message.level === 'error' ? { ...message, level: 'warning' } : message;
}
