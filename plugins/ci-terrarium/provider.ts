import type { CiInput, CiPlan, CiProvider, PluginContext } from '#plugins/api';
import type { TerrariumCiConfig } from './config.ts';
import { description } from './description.ts';
import { plan } from './plan.ts';
import { Report } from '#plugins/kit/yaml/report';
import { readYaml } from '#plugins/kit/yaml/read-yaml';

/** The reader of `.terrarium.yml`; the format is described in README.md. */
export class TerrariumCi implements CiProvider {
  readonly kind = 'own';
  readonly files = ['.terrarium.yml'];
  readonly title = 'Terrarium';
  readonly #maximumJobs: number;

  constructor(context: PluginContext<TerrariumCiConfig>) {
    this.#maximumJobs = context.config.maximumJobs;
  }

  /** Pure, and never throws: what does not fit is in the messages, and then there are no jobs. */
  parse({ text }: Pick<CiInput, 'text'>): CiPlan {
    const report = new Report();
    const tree = readYaml(text, report);
    const nothing: CiPlan = { jobs: [], stages: [], declaredStages: [], messages: report.messages, fastFinish: false };
    if (tree === null || tree.kind === 'empty') {
      if (!report.failed)
        report.error('', { line: 1, column: 1 }, 'This file is empty. A beginning: "python: [3.11, 3.12]", and below it "test: pytest".');
      return nothing;
    }
    const root = description.read(tree, '', report);
    return root === undefined || report.failed ? nothing : { ...plan(root, this.#maximumJobs, report), messages: report.messages };
  }
}
