import type { Report } from '#plugins/kit/yaml/report';
import type { Configuration } from '../read/description.ts';
import type { NameFilter } from '../read/filters.ts';
import { matchesAny } from '../read/pattern.ts';
import type { Settings } from '../read/settings.ts';
import { merge } from './merge.ts';

/**
 * The one of several configurations that is meant for a branch: the first that names it under `branches.only`, else the first that does not
 * name it under `branches.except`, else the first without `branches`; null if there is none. Source: appveyor.com/docs/branches,
 * "Conditional build configuration".
 */
export function chooseConfiguration(all: readonly Configuration[], branch: string, report: Report): Configuration | null {
  const isNamed = (names: NameFilter | null): boolean => names?.only !== null && names?.only !== undefined && matchesAny(names.only, branch, report);
  const isLeft = (names: NameFilter | null): boolean => names !== null && names.only === null && !matchesAny(names.except, branch, report);
  const branchesOf = ({ settings }: Configuration): NameFilter | null => settings.filters.branches;
  return (
    all.find((one) => isNamed(branchesOf(one))) ?? all.find((one) => isLeft(branchesOf(one))) ?? all.find((one) => branchesOf(one) === null) ?? null
  );
}

/** A configuration's settings with those of its sections for this branch put over them, in their order. */
export function settingsFor({ settings, sections }: Configuration, branch: string, report: Report): Settings {
  return sections
    .filter((section) => !section.ofJobs && isMeant(section.settings.filters.branches, branch, report))
    .reduce((base, section) => merge(base, section.settings, 'branch'), settings);
}

/** Whether a filter of names lets a name through. */
export function isMeant(names: NameFilter | null, name: string, report: Report): boolean {
  if (names === null) return true;
  return (names.only === null || matchesAny(names.only, name, report)) && !matchesAny(names.except, name, report);
}
