import type { CiPlan, JobSpec } from '#plugins/api';
import { type JobBudget, withinBudget } from '#plugins/kit/job-budget';
import { matchesName } from './wildcard.ts';
import { interpreterOf } from '#plugins/kit/python-name';
import type { Report } from '#plugins/kit/yaml/report';
import type { EnvSettings, ToxSettings } from '../settings.ts';
import { type EnvPython, namesPython, namesPython2, pythonOf } from './base-python.ts';
import { type EnvJob, envJob, wholeJob } from './jobs.ts';

const TEST = 'test';
/** For environments that work with what others leave: a report of coverage. */
const AFTER = 'after';

interface Env {
  readonly name: string;
  readonly python: EnvPython;
  readonly platform: string | null;
  readonly depends: readonly string[];
}

/** What the plan may come to, and the files that were asked for. */
export interface Limits {
  readonly budget: JobBudget;
  readonly texts: ReadonlyMap<string, string>;
}

/** The jobs of what was read, one for each environment that plain `tox` runs. `report` gets what is to be said of them. */
export function planEnvs(settings: ToxSettings, { budget, texts }: Limits, report: Report): Pick<CiPlan, 'jobs' | 'stages'> {
  const at = settings.line === null ? null : { line: settings.line, column: 1 };
  if (settings.envs === null) return { jobs: [wholeJob(settings, TEST)], stages: [TEST] };
  const { envs: names } = settings;
  const envs = withinBudget(
    () => {
      budget.jobs(names.length);
      // Every job installs all that tox requires.
      budget.work(names.length * settings.requires.length);
      budget.text(names.length * settings.requires.reduce((sum, line) => sum + line.length, 0));
      return readEnvs(settings, { names, texts, budget }, report);
    },
    null,
    (problem) => report.error('env_list', at, problem),
  );
  if (envs === null) return { jobs: [], stages: [TEST] };
  const kept = envs.filter((env) => runsHere(env, report));
  const jobs = toJobs(kept, settings, report);
  const stages = [TEST, AFTER].filter((stage) => jobs.some((job) => job.stage === stage));
  if (jobs.length === 0) report.error('env_list', at, 'No environment of the list is for Linux, so there is nothing to run.');
  return { jobs, stages: stages.length === 0 ? [TEST] : stages };
}

function readEnvs(settings: ToxSettings, { names, texts, budget }: Limits & { readonly names: readonly string[] }, report: Report): Env[] {
  const context = {
    generation: settings.generation,
    ignoreConflict: settings.ignoreConflict,
    hasPython2: namesPython2(names),
  };
  const all = names.reduce((sum, name) => sum + name.length, 0);
  budget.text(all);
  return names.map((name) => {
    const said = settings.env(name);
    budget.text([said.platform ?? '', ...said.basePython, ...said.basePythonFiles].reduce((sum, text) => sum + text.length, 0));
    const python = fromFile(name, { said, texts, hasPython2: context.hasPython2 }, report) ?? pythonOf(name, said, context);
    if (python.problem !== null) report.warning(`testenv:${name}`, null, python.problem);
    const others = said.basePython.slice(1).flatMap((one) => interpreterOf(one, context.hasPython2) ?? []);
    if (others.length > 0) {
      report.info(
        `testenv:${name}`,
        null,
        `${name} takes ${python.interpreter ?? 'any Python'}; ${others.join(' and ')}, which would do as well, are not tried.`,
      );
    }
    // Each pattern is compared with each name, letter by letter.
    const letters = said.depends.reduce((sum, pattern) => sum + pattern.length, 0);
    budget.work((letters * all) / 100);
    const depends = names.filter((other) => other !== name && said.depends.some((pattern) => matchesName(pattern, other)));
    return { name, python, platform: said.platform, depends };
  });
}

/** What a `base_python_file` says; null where none counts: `base_python` or the name says more, or the file is not among those that are read. */
function fromFile(
  name: string,
  { said, texts, hasPython2 }: { readonly said: EnvSettings; readonly texts: Limits['texts']; readonly hasPython2: boolean },
  report: Report,
): EnvPython | null {
  if (said.basePythonFiles.length === 0 || said.basePython.length > 0 || namesPython(name)) return null;
  const text = said.basePythonFiles.map((file) => texts.get(file)).find((one) => one !== undefined);
  const line = text?.split('\n').find((one) => one.trim() !== '' && !one.trim().startsWith('#'));
  if (line !== undefined) return { interpreter: interpreterOf(line, hasPython2), problem: null };
  report.info(
    `testenv:${name}`,
    null,
    `${name} takes the Python of ${said.basePythonFiles.join(' or ')}, which is not there, or not read here: the newest 3.x is taken.`,
  );
  return null;
}

/** Whether tox would run it on Linux: an environment for another system is left out, and that is told. */
function runsHere({ name, platform }: Env, report: Report): boolean {
  if (platform === null) return true;
  // The whole text is the pattern: of several lines none can match.
  const isMany = platform.includes('\n');
  const words = platform.split(/[|\n]/).map((word) => word.trim());
  // Anything but words, perhaps with "more" behind, is left to tox.
  if (!words.every((word) => /^\w+(?:\.\*|\d)?$/.test(word))) return true;
  if (!isMany && words.some((word) => /^linux(?:2|\.\*|\d)?$/.test(word))) return true;
  report.info(
    `testenv:${name}`,
    null,
    `${name} is only for ${words.filter((word) => !isMany || word !== 'linux').join(' and ')}, so it is left out here: jobs of tox run on Linux.`,
  );
  return false;
}

/**
 * Machines share no files. What only makes something of what other environments leave, and is no test on some Python, comes after them and decides nothing.
 */
function toJobs(envs: readonly Env[], settings: ToxSettings, report: Report): JobSpec[] {
  const jobs = envs.map(({ name, python, depends }): EnvJob => {
    const isAfter = depends.length > 0 && python.interpreter === null;
    return { name, python, depends, stage: isAfter ? AFTER : TEST, allowFailure: isAfter };
  });
  const after = jobs.filter(({ stage }) => stage === AFTER).map(({ name }) => name);
  if (after.length > 0) {
    const text = `${after.join(', ')} depends on other environments, whose files stay on their own machines: it runs after them, and its failure decides nothing.`;
    report.warning('depends', null, text);
  }
  return [...jobs.filter(({ stage }) => stage === TEST), ...jobs.filter(({ stage }) => stage === AFTER)].map((job) => envJob(job, settings));
}
