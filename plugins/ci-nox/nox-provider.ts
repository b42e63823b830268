import { z } from 'zod';
import type { CiInput, CiPlan, CiProvider, JobSpec, PluginContext } from '#plugins/api';
import { JobBudget, withinBudget } from '#plugins/kit/job-budget';
import { Report } from '#plugins/kit/yaml/report';
import type { NoxConfig } from './config.ts';
import { chosen } from './expand/choose.ts';
import type { Session } from './expand/session.ts';
import { sessionsOf } from './expand/sessions.ts';
import { classifiedPythons } from './read/classifiers.ts';
import { sayImports } from './imports.ts';
import { askJob, ASK_STAGE, NOXFILE, sessionJob, STAGE } from './jobs/jobs.ts';
import { readAnswer } from './read/answer.ts';
import { type Noxfile, readNoxfile } from './read/noxfile.ts';

const MAXIMUM_LENGTH = 500_000;

/** Reads noxfile.py, which is never executed here: a job for each session that plain `nox` would run, as far as that can be read. See README.md. */
export class NoxProvider implements CiProvider {
  readonly kind = 'tool';
  readonly files = [NOXFILE];
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

  planned(answer: string, { config }: JobSpec): CiPlan {
    const report = new Report();
    const plan = { stages: [ASK_STAGE, STAGE], declaredStages: [], fastFinish: false };
    const sessions = readAnswer(answer, report);
    if (sessions.length > this.#maximumJobs)
      report.error('', null, `nox names ${sessions.length} sessions, but at most ${this.#maximumJobs} jobs are allowed here.`);
    return {
      ...plan,
      jobs: report.failed ? [] : toJobs(sessions, z.array(z.string()).catch(['nox']).parse(config['requirements'])),
      messages: report.messages,
    };
  }

  /** Throws `TooMuch`. */
  #planWithin({ text, texts }: Pick<CiInput, 'text' | 'texts'>, budget: JobBudget, report: Report): CiPlan {
    const plan = { stages: [STAGE], declaredStages: [], fastFinish: false };
    const noxfile = readNoxfile(text, classifiedPythons(texts.get('pyproject.toml') ?? ''), budget);
    if (noxfile.sessions.length === 0 && noxfile.dynamic === null) return { ...plan, jobs: [], messages: [], isSilent: true };
    const { jobs, stages } = jobsOf(noxfile, budget, report);
    return { ...plan, stages, jobs: report.failed ? [] : jobs, messages: report.messages };
  }
}

/** The jobs, and the stages that they are of. */
interface Jobs {
  readonly jobs: JobSpec[];
  readonly stages: readonly string[];
}

const NONE: Jobs = { jobs: [], stages: [STAGE] };

function jobsOf(noxfile: Noxfile, budget: JobBudget, report: Report): Jobs {
  const requirements = requirementsOf(noxfile);
  sayImports(noxfile, report);
  if (noxfile.dynamic !== null)
    return asked(`Which sessions there are, only nox can tell: here ${noxfile.dynamic.what}`, noxfile.dynamic.line, requirements, report);
  const sessions = noxfile.sessions.flatMap((session) => sessionsOf(session, budget));
  const choice = chosen(sessions, noxfile.options, budget);
  if (choice.kind === 'wrong') report.error('nox.options.sessions', { line: 1, column: 1 }, choice.text);
  if (choice.kind === 'unknown') return asked(`Which sessions run, only nox can tell: ${choice.why}`, null, requirements, report);
  if (choice.kind === 'wrong') return NONE;
  if (choice.sessions.length === 0) report.error('', { line: 1, column: 1 }, 'No session runs by default. Name some in nox.options.sessions.');
  const computed = choice.sessions.find(({ unknown }) => unknown !== null);
  if (computed !== undefined)
    return asked(`What the session ${computed.name} consists of, only nox can tell, since ${computed.unknown}`, computed.line, requirements, report);
  budget.jobs(choice.sessions.length);
  budget.work(choice.sessions.length * requirements.length);
  budget.text(choice.sessions.length * requirements.reduce((sum, line) => sum + line.length, 0));
  return { jobs: toJobs(choice.sessions, requirements), stages: [STAGE] };
}

/** One job that asks nox; the others come when it has answered. */
function asked(why: string, line: number | null, requirements: readonly string[], report: Report): Jobs {
  const place = line === null ? null : { line, column: 1 };
  report.info('', place, `${why}. It is asked in a machine, and a job for each session that it names is added to the build.`);
  return { jobs: [askJob(requirements)], stages: [ASK_STAGE, STAGE] };
}

/** Jobs of one name are one. */
function toJobs(sessions: readonly Pick<Session, 'name' | 'family' | 'parameters' | 'python'>[], requirements: readonly string[]): JobSpec[] {
  const hasPython2 = sessions.some(({ python }) => /^(?:python|pypy-?)?2/.test(python ?? ''));
  const unique = new Map(sessions.map((session) => [session.name, session]));
  return [...unique.values()].map((session) => sessionJob(session, requirements, hasPython2));
}

/** nox itself comes first. */
function requirementsOf({ requirements }: Noxfile): string[] {
  const isAddition = (line: string): boolean => line.startsWith('nox-');
  return [requirements.find((line) => !isAddition(line)) ?? 'nox', ...requirements.filter(isAddition)];
}
