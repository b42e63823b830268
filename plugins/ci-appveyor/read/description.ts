import type { Report } from '#plugins/kit/yaml/report';
import { sayWhatIsNotRead } from './keys.ts';
import { AXES, readSettings, type Settings } from './settings.ts';
import { complain, entriesOf, itemsOf, partOf, type Part } from '#plugins/kit/yaml/part';

/** A section under `for`: settings for some branches, or (where `ofJobs`) for some jobs of the matrix. */
export interface Section {
  readonly settings: Settings;
  readonly ofJobs: boolean;
  readonly part: Part;
}

/** A whole configuration. A description may list several, each for other branches. */
export interface Configuration {
  readonly settings: Settings;
  readonly sections: readonly Section[];
}

/** Reads a configuration and its sections, and says what of them has no effect. */
export function readConfiguration(root: Part, report: Report): Configuration {
  const parts = sectionParts(root, report);
  sayWhatIsNotRead([root, ...parts], report);
  const sections = parts.map((part) => readSection(part, report));
  return { settings: readSettings(root, report), sections };
}

function sectionParts(root: Part, report: Report): Part[] {
  const list = partOf(root, 'for');
  const parts = list === null ? [] : itemsOf(list);
  for (const part of parts) if (part.tree.kind !== 'map' && part.tree.kind !== 'empty') complain(part, report, 'a map of settings');
  return parts.filter(({ tree }) => tree.kind === 'map');
}

function readSection(part: Part, report: Report): Section {
  const settings = readSettings(part, report);
  const ofJobs = settings.matrix.only !== null || settings.matrix.except !== null;
  for (const { key, path, at } of entriesOf(part)) {
    if (key === 'for' || key === 'version' || (ofJobs && AXES.some((axis) => axis === key))) {
      report.warning(
        path,
        at,
        `"${key}" has no effect within "for"${ofJobs && key !== 'for' ? ' for some jobs of the matrix' : ''}: AppVeyor ignores it, too.`,
      );
    }
  }
  if (ofJobs && settings.environment.rows.length > 0) {
    report.warning(
      `${part.path}.environment.matrix`,
      part.at,
      'Rows of the matrix have no effect in a section for some jobs of the matrix: AppVeyor ignores them, too.',
    );
  }
  return { settings, ofJobs, part };
}
