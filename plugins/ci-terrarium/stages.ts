import type { Placed } from './fields.ts';
import type { Group } from './group.ts';
import type { Report } from '#plugins/kit/yaml/report';
import { didYouMean } from '#plugins/kit/yaml/suggest';

/** The stages of a build. */
export interface Stages {
  /** In the order they run. */
  readonly names: readonly string[];
  readonly of: (group: Group) => string;
}

const DEFAULT_STAGE = 'test';

/**
 * Which stages there are: those the file lists, or else those the jobs name, in their order. A job that names none belongs to the first
 * stage listed, or to `test`. A job of a stage that is not listed is an error, a stage without jobs a warning.
 */
export function stagesOf(groups: readonly Group[], listed: readonly Placed<string>[] | undefined, report: Report): Stages {
  const declared = [...new Set((listed ?? []).map(({ value }) => value))];
  const usual = declared[0] ?? DEFAULT_STAGE;
  const stageOf = (group: Group): string => group.stage ?? usual;
  const used = new Set(groups.map((group) => stageOf(group)));
  if (declared.length === 0) return { names: [...used], of: stageOf };
  for (const group of groups) checkListed(group, declared, report);
  for (const { value, path, at } of listed ?? []) if (!used.has(value)) report.warning(path, at, `No job belongs to the stage "${value}".`);
  return { names: declared, of: stageOf };
}

function checkListed({ stage, origin }: Group, declared: readonly string[], report: Report): void {
  if (stage === null || declared.includes(stage)) return;
  report.error(origin.path, origin.at, `The stage "${stage}" is not listed under "stages".${didYouMean(stage, declared)}`);
}
