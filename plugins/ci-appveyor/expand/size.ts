import type { Report } from '#plugins/kit/yaml/report';
import type { Settings } from '../read/settings.ts';

/** Rows of the matrix, times what each is given or compared with. */
const MAXIMUM = 500_000;
/** Characters of commands and variables, times rows. */
const MAXIMUM_TEXT = 20_000_000;

/**
 * Whether a matrix is too large to be expanded; an error says so. Looked at before anything is built: every job gets its own copy of all its
 * commands and variables, and their product may be more than fits into memory, or than anybody waits for. `others` are sections for single jobs.
 */
export function isTooLarge(rows: number, maximumRows: number, settings: Settings, others: readonly Settings[], report: Report): boolean {
  if (rows > maximumRows) {
    report.error('', null, `The matrix has ${rows} rows, but at most ${maximumRows} are allowed here. Take something out of it.`);
    return true;
  }
  const length = [settings, ...others].reduce((sum, one) => sum + lengthOf(one), axesLength(settings));
  if (rows * length > MAXIMUM_TEXT) {
    report.error(
      '',
      null,
      `The matrix has ${rows} rows, of which each would get up to ${length} characters: that is too much text. Put long commands into files.`,
    );
    return true;
  }
  const size = [settings, ...others].reduce((sum, one) => sum + sizeOf(one), 0);
  if (rows * size <= MAXIMUM) return false;
  report.error(
    '',
    null,
    `The matrix has ${rows} rows, of which each would get or be compared with ${size} lines, variables and rules: that is too much. Take something out of it.`,
  );
  return true;
}

/** Characters that a row has of its own, on average: of its variables, and of each axis. */
function axesLength({ images, platforms, configurations, environment }: Settings): number {
  const texts = [images, platforms, configurations].map((axis) => axis.map(({ text }) => text));
  const own = environment.rows.map((row) => row.map(({ name, value }) => name + (value ?? '')).join(''));
  return [...texts, own].reduce((sum, axis) => sum + Math.ceil(axis.reduce((all, text) => all + text.length, 0) / Math.max(1, axis.length)), 0);
}

function lengthOf({ scripts, environment }: Settings): number {
  const texts = [...[...scripts.values()].flat().map(({ text }) => text), ...environment.shared.map(({ name, value }) => name + (value ?? ''))];
  return texts.reduce((sum, text) => sum + text.length, 0);
}

function sizeOf({ scripts, environment, matrix }: Settings): number {
  const lines = [...scripts.values()].flat().reduce((sum, { text }) => sum + text.split('\n').length, 0);
  const rules = [matrix.allowFailures, matrix.exclude, matrix.only ?? [], matrix.except ?? []].reduce((sum, list) => sum + list.length, 0);
  return 1 + lines + rules + environment.shared.length;
}
