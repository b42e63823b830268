import { readToml, valueAt } from '#plugins/kit/toml';

const PYTHON_3 = 'Programming Language :: Python :: 3.';

/**
 * The Pythons that a pyproject.toml names in its classifiers, as `nox.project.python_versions` reads them; null where there are none. Source:
 * https://nox.thea.codes/en/stable/config.html#configuring-a-session-s-virtualenv
 */
export function classifiedPythons(pyproject: string): string[] | null {
  const read = readToml(pyproject);
  const classifiers = 'table' in read ? valueAt(read.table, 'project', 'classifiers') : undefined;
  if (!Array.isArray(classifiers)) return null;
  const pythons = classifiers.flatMap((one) => (typeof one === 'string' && one.startsWith(PYTHON_3) ? (one.split(/\s+/).at(-1) ?? []) : []));
  return pythons.length === 0 ? null : pythons;
}
