import type { Report } from '#plugins/kit/yaml/report';
import { overlaid, valueOf, type Setting } from '../read/environment.ts';
import type { Condition } from '../read/matrix-rules.ts';
import type { Settings } from '../read/settings.ts';
import { DEFAULT_IMAGE, systemOf, type System } from './images.ts';
import { isTooLarge } from './size.ts';

/** A row of the matrix. */
export interface Row {
  readonly image: string;
  readonly system: System;
  readonly platform: string | null;
  readonly configuration: string | null;
  /** Its own variables. */
  readonly own: readonly Setting[];
  /** What conditions can ask for, by names in capital letters: values in small ones. */
  readonly facts: ReadonlyMap<string, string>;
}

/**
 * The matrix: images x platforms x configurations x rows of variables, without what `matrix.exclude` names. A row may name an image of its
 * own. More than `maximum` rows are refused with an error, and so is what would be too large with its sections for single jobs (`others`). Source: appveyor.com/docs/build-configuration, "Build matrix".
 */
export function expandMatrix(settings: Settings, others: readonly Settings[], maximum: number, report: Report): Row[] {
  const images = textsOr(settings.images, DEFAULT_IMAGE);
  const platforms = textsOr(settings.platforms, null);
  const configurations = textsOr(settings.configurations, null);
  const rows = settings.environment.rows.length === 0 ? [[]] : settings.environment.rows;
  const count = images.length * platforms.length * configurations.length * rows.length;
  if (isTooLarge(count, maximum, settings, others, report)) return [];
  const all = images.flatMap((image) =>
    platforms.flatMap((platform) =>
      configurations.flatMap((configuration) => rows.map((own) => rowOf(settings, image, platform, configuration, own))),
    ),
  );
  return chosen(all, settings, report);
}

function textsOr<Other extends string | null>(axis: Settings['images'], other: Other): (string | Other)[] {
  return axis.length === 0 ? [other] : axis.map(({ text }) => text);
}

function rowOf(settings: Settings, image: string, platform: string | null, configuration: string | null, own: readonly Setting[]): Row {
  const name = valueOf([...settings.environment.shared, ...own], 'APPVEYOR_BUILD_WORKER_IMAGE') || image;
  const row = { image: name, system: systemOf(name), platform, configuration, own };
  return { ...row, facts: factsOf(row, settings.environment.shared) };
}

/** Variables of a row may be called `platform` and `configuration`, too: the axes of these names count more. */
function factsOf({ image, platform, configuration, own }: Omit<Row, 'facts'>, shared: readonly Setting[]): Map<string, string> {
  const variables = overlaid([shared, own], true).flatMap(({ name, value }): [string, string][] => (value === null ? [] : [[name, value]]));
  const axes = { IMAGE: image, OS: image, PLATFORM: platform, CONFIGURATION: configuration };
  const facts = [...variables, ...Object.entries(axes)];
  return new Map(facts.flatMap(([name, value]) => (value === null ? [] : [[name.toUpperCase(), value.toLowerCase()]])));
}

function chosen(rows: readonly Row[], { matrix }: Settings, report: Report): Row[] {
  const isOne = (row: Row, conditions: readonly Condition[]): boolean => conditions.some((one) => holds(one, row));
  sayIdle(matrix.exclude, rows, report);
  return rows.filter((row) => !isOne(row, matrix.exclude) && (matrix.only === null || isOne(row, matrix.only)) && !isOne(row, matrix.except ?? []));
}

/** Says of conditions that no row of the matrix fulfils that they do nothing. */
export function sayIdle(conditions: readonly Condition[], rows: readonly Row[], report: Report): void {
  for (const one of conditions) {
    if (!rows.some((row) => holds(one, row))) report.info(one.path, one.at, 'No job is like this: it has no effect.');
  }
}

/** Whether all that a condition says applies to a row: of `image` (or `os`), `platform`, `configuration`, and variables by their names. */
export function holds({ wanted }: Condition, { facts }: Row): boolean {
  for (const [name, values] of wanted) {
    const value = facts.get(name);
    if (value === undefined || !values.includes(value)) return false;
  }
  return true;
}
