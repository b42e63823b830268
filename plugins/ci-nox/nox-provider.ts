import type { CiInput, CiPlan, CiProvider, JobSpec, PluginContext } from '#plugins/api';
import { JobBudget, withinBudget } from '#plugins/kit/job-budget';
import { Report } from '#plugins/kit/yaml/report';
import type { NoxConfig } from './config.ts';
import { chosen } from './expand/choose.ts';
import type { Session } from './expand/session.ts';
import { sessionsOf } from './expand/sessions.ts';
import { classifiedPythons } from './read/classifiers.ts';
import { sayImports } from './imports.ts';
import { sessionJob, STAGE, wholeJob } from './jobs/jobs.ts';
import { type Noxfile, readNoxfile } from './read/noxfile.ts';

const MAXIMUM_LENGTH = 500_000;

/** Reads noxfile.py, which is never executed here: a job for each session that plain `nox` would run, as far as that can be read. See README.md. */
export class NoxProvider implements CiProvider {
  readonly kind = 'tool';
  readonly files = ['noxfile.py'];
  /** For the Pythons of its classifiers, for which noxfiles ask. */
  readonly alsoReads = ['pyproject.toml'];
  readonly title = 'nox';
  readonly #maximumJobs: number;

  constructor(context: PluginContext<NoxConfig>) {
    this.#maximumJobs = context.config.maximumJobs;
  }

  /** Pure, and never throws. Silent where the file has nothing of nox's in it. */
  parse({ text, texts }: Pick<CiInput, 'text' | 'texts'>): CiPlan {
    const report = new Report();
    const plan = { stages: [STAGE], declaredStages: [], fastFinish: false };
    if (text.length > MAXIMUM_LENGTH) {
      report.error('', null, `This is too large: ${text.length} characters, where ${MAXIMUM_LENGTH} are allowed.`);
      return { ...plan, jobs: [], messages: report.messages };
    }
    const budget = new JobBudget(this.#maximumJobs);
    return withinBudget<CiPlan>(
      () => this.#planWithin({ text, texts }, budget, report),
      { ...plan, jobs: [], messages: report.messages },
      (problem) => report.error('', { line: 1, column: 1 }, problem),
    );
  }

  /** Throws `TooMuch`. */
  #planWithin({ text, texts }: Pick<CiInput, 'text' | 'texts'>, budget: JobBudget, report: Report): CiPlan {
    const plan = { stages: [STAGE], declaredStages: [], fastFinish: false };
    const noxfile = readNoxfile(text, classifiedPythons(texts.get('pyproject.toml') ?? ''), budget);
    if (noxfile.sessions.length === 0 && noxfile.dynamic === null) return { ...plan, jobs: [], messages: [], isSilent: true };
    const jobs = jobsOf(noxfile, budget, report);
    return { ...plan, jobs: report.failed ? [] : jobs, messages: report.messages };
  }
}

function jobsOf(noxfile: Noxfile, budget: JobBudget, report: Report): JobSpec[] {
  const requirements = requirementsOf(noxfile);
  sayImports(noxfile, report);
  if (noxfile.dynamic !== null) {
    const { line, what } = noxfile.dynamic;
    report.warning('', { line, column: 1 }, `Which sessions there are, only nox can tell: here ${what}. All that nox runs is one job.`);
    return [wholeJob(requirements)];
  }
  const sessions = noxfile.sessions.flatMap((session) => sessionsOf(session, budget));
  const choice = chosen(sessions, noxfile.options, budget);
  if (choice.kind === 'wrong') report.error('nox.options.sessions', { line: 1, column: 1 }, choice.text);
  if (choice.kind === 'unknown')
    report.warning('nox.options', null, `Which sessions run, only nox can tell: ${choice.why}. All that it runs is one job.`);
  if (choice.kind !== 'sessions') return choice.kind === 'wrong' ? [] : [wholeJob(requirements)];
  if (choice.sessions.length === 0) report.error('', { line: 1, column: 1 }, 'No session runs by default. Name some in nox.options.sessions.');
  budget.jobs(choice.sessions.length);
  return toJobs(choice.sessions, requirements, report);
}

/** Jobs of one name are one. */
function toJobs(sessions: readonly Session[], requirements: readonly string[], report: Report): JobSpec[] {
  const hasPython2 = sessions.some(({ python }) => /^(?:python|pypy-?)?2/.test(python ?? ''));
  for (const { name, unknown, line } of sessions) {
    if (unknown === null) continue;
    report.warning(name, { line, column: 1 }, `What the session ${name} consists of, only nox can tell, since ${unknown}: all of it is one job.`);
  }
  const unique = new Map(sessions.map((session) => [session.name, session]));
  return [...unique.values()].map((session) => sessionJob(session, requirements, hasPython2));
}

/** nox itself comes first. */
function requirementsOf({ requirements }: Noxfile): string[] {
  const isAddition = (line: string): boolean => line.startsWith('nox-');
  return [requirements.find((line) => !isAddition(line)) ?? 'nox', ...requirements.filter(isAddition)];
}
