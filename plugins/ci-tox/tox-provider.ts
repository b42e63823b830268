import type { CiInput, CiPlan, CiProvider, PluginContext } from '#plugins/api';
import { JobBudget, withinBudget } from '#plugins/kit/job-budget';
import { Report } from '#plugins/kit/yaml/report';
import type { ToxConfig } from './config.ts';
import { planEnvs } from './jobs/plan-envs.ts';
import { findSettings } from './source.ts';

const NOTHING: CiPlan = { jobs: [], stages: ['test'], declaredStages: [], messages: [], fastFinish: false };

/** Reads what a project says to tox, as tox itself does: a job for every environment that plain `tox` would run. See README.md. */
export class ToxProvider implements CiProvider {
  readonly kind = 'tool';
  readonly files = ['tox.ini', 'tox.toml', 'setup.cfg', 'pyproject.toml'];
  /** For `base_python_file`: the names that are in use. */
  readonly alsoReads = ['.python-version', '.python-version-default'];
  readonly title = 'tox';
  readonly #maximumJobs: number;

  constructor(context: PluginContext<ToxConfig>) {
    this.#maximumJobs = context.config.maximumJobs;
  }

  /** Pure, and never throws. Silent where no file says anything to tox. */
  parse({ file, texts }: Pick<CiInput, 'file' | 'texts'>): CiPlan {
    const report = new Report();
    const budget = new JobBudget(this.#maximumJobs);
    return withinBudget(
      () => planWithin({ file, texts }, budget, report),
      { ...NOTHING, messages: report.messages },
      (problem) => report.error('env_list', { line: 1, column: 1 }, problem),
    );
  }
}

/** Throws `TooMuch`. */
function planWithin({ file, texts }: Pick<CiInput, 'file' | 'texts'>, budget: JobBudget, report: Report): CiPlan {
  const found = findSettings(texts, budget, report);
  if (found === 'none') return { ...NOTHING, isSilent: true };
  if (found === 'wrong') return { ...NOTHING, messages: report.messages };
  if (found.file !== file) report.info('', null, `${found.file} is what says how tox runs; ${file} says nothing of it, or tox looks there later.`);
  const { jobs, stages } = planEnvs(found, { budget, texts }, report);
  return { ...NOTHING, jobs: report.failed ? [] : jobs, stages, messages: report.messages };
}
