import type { Change } from '#plugins/api';
import type { Report } from '#plugins/kit/yaml/report';
import type { Section } from '../read/description.ts';
import { overlaid, valueOf, type Setting } from '../read/environment.ts';
import type { Settings } from '../read/settings.ts';
import { whyFiltered } from './filter.ts';
import { expandMatrix, holds, sayIdle, type Row } from './matrix.ts';
import { merge } from './merge.ts';

/** A job: a row of the matrix with the settings that hold for it. */
export interface Job {
  readonly row: Row;
  readonly settings: Settings;
  /** All its variables, in order: those of all jobs, of its row, and of its sections under `for`. */
  readonly variables: readonly Setting[];
  readonly allowFailure: boolean;
  /** As its row names it; null: it has no name of its own. */
  readonly name: string | null;
}

/** The jobs of a description: its matrix, each row with the sections under `for` that mean it. Rows whose section filters the change out are left out, with a message. */
export function expandJobs(settings: Settings, sections: readonly Section[], change: Change, maximum: number, report: Report): Job[] {
  const ofJobs = sections.filter((section) => section.ofJobs);
  const others = ofJobs.map((section) => section.settings);
  const rows = expandMatrix(settings, others, maximum, report);
  sayIdle(settings.matrix.allowFailures, rows, report);
  sayIdle(
    ofJobs.flatMap((section) => section.settings.matrix.only ?? []),
    rows,
    report,
  );
  const whys = new Map(ofJobs.map((section) => [section, whyFiltered(change, section.settings.filters, report, false)]));
  return rows.flatMap((row) => {
    const meant = ofJobs.filter((section) => isMeant(section, row));
    const out = meant.find((section) => whys.get(section) !== null);
    if (out === undefined) return [specialised(settings, meant, row)];
    report.info(out.part.path, out.part.at, `The job ${describeRow(row)} is left out: ${whys.get(out)}.`);
    return [];
  });
}

function isMeant({ settings: { matrix } }: Section, row: Row): boolean {
  const isOne = (conditions: typeof matrix.only): boolean => conditions?.some((one) => holds(one, row)) ?? false;
  return (matrix.only === null || isOne(matrix.only)) && !isOne(matrix.except);
}

function describeRow({ image, platform, configuration, own }: Row): string {
  const variables = own.map(({ name, value }) => `${name}=${value ?? '[secure]'}`);
  return [image, platform, configuration, ...variables].filter((part) => part !== null).join(' · ');
}

function specialised(base: Settings, sections: readonly Section[], row: Row): Job {
  const settings = sections.reduce((so, section) => merge(so, section.settings, 'job'), base);
  const special = sections.map((section) => section.settings.environment.shared);
  const variables = overlaid([base.environment.shared, row.own, ...special], row.system === 'windows');
  return {
    row,
    settings,
    variables,
    allowFailure: base.matrix.allowFailures.some((one) => holds(one, row)),
    name: valueOf(row.own, 'APPVEYOR_JOB_NAME') || valueOf(row.own, 'JOB_NAME') || null,
  };
}
