import type { CiInput, CiPlan, CiProvider, Message, PluginContext } from '#plugins/api';
import { readYaml } from '#plugins/kit/yaml/read-yaml';
import { Report } from '#plugins/kit/yaml/report';
import type { AppveyorConfig } from './config.ts';
import { chooseConfiguration, settingsFor } from './expand/choose.ts';
import { nameOf, whySkipped } from './expand/filter.ts';
import { expandJobs } from './expand/jobs.ts';
import { stagesOf } from './expand/stages.ts';
import { describeJobs } from './jobs/describe-jobs.ts';
import { sayWhatDiffers } from './jobs/hints.ts';
import { readConfiguration, type Configuration } from './read/description.ts';
import { complain, itemsOf, type Part } from '#plugins/kit/yaml/part';

type Plan = Omit<CiPlan, 'messages'>;

const NOTHING: Plan = { jobs: [], stages: [], declaredStages: [], fastFinish: false };

/** Each is looked at several times, for whatever an alias stands. */
const MOST_CHARACTERS = 5_000_000;

/**
 * Reads `appveyor.yml` files and makes the jobs that AppVeyor would make. Filters (`branches`, `skip_tags`, ...) are decided with what the change
 * says; a build or a job that one of them leaves out is named in a message. Builds by hand and by the clock are not filtered.
 */
export class AppveyorProvider implements CiProvider {
  readonly kind = 'service';
  readonly completes = true;
  readonly files = ['appveyor.yml', '.appveyor.yml'];
  readonly title = 'AppVeyor';
  readonly #maximumJobs: number;

  constructor(context: PluginContext<AppveyorConfig>) {
    this.#maximumJobs = context.config.maximumJobs;
  }

  parse(input: CiInput): CiPlan {
    const report = new Report();
    const plan = this.#plan(input, report);
    return { ...(report.failed ? NOTHING : plan), messages: once(report.messages) };
  }

  #plan({ text, change }: CiInput, report: Report): Plan {
    const configuration = readDescription(text, nameOf(change), report);
    if (configuration === null) return NOTHING;
    const settings = settingsFor(configuration, nameOf(change), report);
    const why = whySkipped(change, settings, report);
    if (why !== null) {
      report.info('', null, `AppVeyor would not build this: ${why}.`);
      return NOTHING;
    }
    const jobs = expandJobs(settings, configuration.sections, change, this.#maximumJobs, report);
    if (report.failed) return NOTHING;
    if (jobs.length === 0) {
      report.info('', null, 'No job is left to run.');
      return NOTHING;
    }
    const stages = stagesOf(jobs, report);
    sayWhatDiffers(jobs, report);
    const specs = describeJobs(jobs, stages, change, report);
    return { jobs: specs, stages: stages.names, declaredStages: [], fastFinish: settings.matrix.fastFinish === true };
  }
}

/** The configuration for a branch: the file is one, or lists several. Null, with a message, if there is none. */
function readDescription(text: string, branch: string, report: Report): Configuration | null {
  const tree = readYaml(text, report, { escapedApostrophes: true, mostCharacters: MOST_CHARACTERS });
  if (tree === null || tree.kind === 'empty') {
    if (!report.failed)
      report.error(
        '',
        { line: 1, column: 1 },
        'This file is empty. AppVeyor would look for a Visual Studio solution; Terrarium needs commands, under "test_script".',
      );
    return null;
  }
  const parts = itemsOf({ tree, path: '', at: tree.at });
  const isRight = parts.map((part) => isMap(part, report)).every(Boolean);
  if (!isRight) return null;
  const all = parts.map((part) => readConfiguration(part, report));
  if (tree.kind !== 'list') return all[0] ?? null;
  const chosen = chooseConfiguration(all, branch, report);
  if (chosen === null) report.info('', null, `None of the configurations is for the branch ${branch}: there is nothing to build.`);
  // Their branches choose among them, and filter no more.
  return chosen && { ...chosen, settings: { ...chosen.settings, filters: { ...chosen.settings.filters, branches: null } } };
}

function isMap(part: Part, report: Report): boolean {
  if (part.tree.kind === 'map') return true;
  complain(part, report, 'a map of settings, as {test_script: [pytest]}');
  return false;
}

/** Several jobs may lead to the same words. */
function once(messages: readonly Message[]): Message[] {
  return [...new Map(messages.map((message) => [JSON.stringify(message), message])).values()];
}
