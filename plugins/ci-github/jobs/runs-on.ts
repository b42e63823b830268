import { itemsOf, partOf, type Part } from '#plugins/kit/yaml/part';
import type { Report } from '#plugins/kit/yaml/report';
import type { Scope } from '../expressions/evaluate.ts';
import { isList, isMap, textOfValue, type Value } from '../expressions/value.ts';
import { valueIn } from '../read/evaluated.ts';

/** What a job runs on. */
export interface Runner {
  readonly system: 'linux' | 'windows' | 'macos';
  /** Null: any. */
  readonly architecture: string | null;
  readonly labels: readonly string[];
}

const SYSTEMS: readonly (readonly [RegExp, Runner['system']])[] = [
  [/windows/i, 'windows'],
  [/mac-?os|^osx/i, 'macos'],
  [/ubuntu|linux|debian|fedora/i, 'linux'],
];
/** Runners of GitHub's on ARM say so, those of macOS on Intel as well. Source: docs.github.com, "GitHub-hosted runners reference". */
const ARM = /(?:^|[-_])(?:arm|arm64|aarch64)$|^arm64$/i;
const INTEL = /^macos-(?:1[0-3]\b|.*-(?:intel|large)$)|^x64$/i;

/** The runner of a job by its labels: `ubuntu-24.04-arm`, `[self-hosted, linux]`. What is not GitHub's is told. Null, with an error, where there is none. */
export function runnerOf(job: Part, scope: Scope, report: Report): Runner | null {
  const part = partOf(job, 'runs-on');
  if (part === null || part.tree.kind === 'empty') {
    report.error(job.path, job.at, 'This job does not say what it runs on, as runs-on: ubuntu-latest.');
    return null;
  }
  const labels = labelsOf(part, scope, report);
  const system = SYSTEMS.find(([pattern]) => labels.some((label) => pattern.test(label)))?.[1];
  if (system === undefined) report.warning(part.path, part.at, `No system can be told from "${labels.join(', ')}": Linux is taken.`);
  if (labels.some((label) => label.toLowerCase() === 'self-hosted'))
    report.warning(
      part.path,
      part.at,
      'This asks for a machine of the project, of which Terrarium knows nothing but the system: what else it has may be missing.',
    );
  const architecture = labels.some((label) => ARM.test(label)) ? 'aarch64' : labels.some((label) => INTEL.test(label)) ? 'x86_64' : null;
  return { system: system ?? 'linux', architecture, labels };
}

function labelsOf(part: Part, scope: Scope, report: Report): string[] {
  if (part.tree.kind !== 'map') return textsOf(valueIn(part, scope, report));
  const group = partOf(part, 'group');
  if (group !== null) report.warning(group.path, group.at, 'Groups of runners are not known here: the labels count alone.');
  return itemsOf({ ...part, tree: partOf(part, 'labels')?.tree ?? { kind: 'empty', at: part.at } }).flatMap((label) =>
    textsOf(valueIn(label, scope, report)),
  );
}

function textsOf(value: Value): string[] {
  if (isList(value)) return value.flatMap((item) => textsOf(item));
  if (isMap(value)) return textsOf(value.get('labels') ?? null);
  return value === null ? [] : [textOfValue(value)];
}
