import type { CiInput, CiPlan, CiProvider, PluginContext } from '#plugins/api';
import { JobBudget, withinBudget } from '#plugins/kit/job-budget';
import type { TravisConfig } from './config.ts';
import { MessageLog } from './document/messages.ts';
import { expand } from './expand/expand.ts';
import { factsOf } from './expand/facts.ts';
import { isFilteredOut, isSkipped } from './expand/filter.ts';
import { Judge } from './expand/judge.ts';
import { titleOf, type Staged } from './expand/stages.ts';
import { isObject } from './expand/json.ts';
import { describeJobs } from './jobs/describe-jobs.ts';
import { readConfig, type Config } from './read-config.ts';

const NOTHING: CiPlan = { jobs: [], stages: ['test'], declaredStages: [], messages: [], fastFinish: false };

/**
 * Reads `.travis.yml` files, of any language and year, as Travis's own expander does.
 *
 * Conditions (`if:`) are decided with what the change says; a job, stage or rule whose condition does not hold is left out, with an info
 * message; so is a change that `branches` or its commit message keeps from being built. A `manual` change with an empty branch is taken for
 * a push to `master` (see `factsOf`).
 */
export class TravisProvider implements CiProvider {
  readonly kind = 'service';
  readonly files = ['.travis.yml'];
  readonly title = 'Travis';
  readonly #config: TravisConfig;

  constructor(context: PluginContext<TravisConfig>) {
    this.#config = context.config;
  }

  parse(input: CiInput): CiPlan {
    const log = new MessageLog();
    if (isSkipped(input.change, log)) return { ...NOTHING, messages: log.messages() };
    const config = readConfig(input.text, log);
    if (config && isFilteredOut(input.change, config.root, log)) return { ...NOTHING, messages: log.messages() };
    const staged = config && expandOrSay(config, new Judge(factsOf(input.change), log), new JobBudget(this.#config.maximumJobs), log);
    if (!config || !staged) return { ...NOTHING, messages: log.messages() };
    const jobs = describeJobs({ staged, config, change: input.change, defaultPython: this.#config.defaultPython, log });
    if (jobs.length === 0) log.info([], 'no job is left to run');
    const { stages } = staged;
    return {
      jobs,
      stages: stages.length === 0 ? ['test'] : stages.map(titleOf),
      declaredStages: stages,
      messages: log.messages(),
      fastFinish: isObject(config.root['jobs']) && config.root['jobs']['fast_finish'] === true,
    };
  }
}

function expandOrSay(config: Config, judge: Judge, budget: JobBudget, log: MessageLog): Staged | null {
  return withinBudget<Staged | null>(
    () => expand(config.root, judge, budget),
    null,
    (problem) => log.error([], problem),
  );
}
