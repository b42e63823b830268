import { type Found, place, plainName } from './found.ts';
import { includedGroups, MAXIMUM_DEPTH, MAXIMUM_REQUIREMENTS } from './groups.ts';
import { poetryRequirements, poetrySpecifiers } from './poetry.ts';
import { type Extra, NOTHING, ofBuild, type Reading } from './reading.ts';
import { requirementName } from './requirement.ts';
import { asTable, own, type Table, tableAt, textAt, textsOf, type TomlPlaces } from './toml.ts';

const FILE = 'pyproject.toml';
const TOO_MANY = `What [dependency-groups] includes comes to more than ${MAXIMUM_REQUIREMENTS} requirements, or goes deeper than ${MAXIMUM_DEPTH} groups: none of its groups is read. Let them include fewer others`;

/** A table of a pyproject.toml, with the way to it, so that places can be named. */
interface Part {
  readonly table: Table;
  readonly at: (key: string | null) => string;
}

/** What a pyproject.toml says: PEP 518, 621 and 735, and the tables of Poetry, Flit, PDM, uv and Hatch. `places` are those of the text that `table` was read from. */
export function readPyproject(table: Table, places: TomlPlaces): Reading {
  const part = (...path: string[]): Part => ({ table: tableAt(table, ...path), at: (key) => place(FILE, places.lineOf(path, key)) });
  const build = part('build-system');
  const project = part('project');
  const poetry = part('tool', 'poetry');
  const flit = part('tool', 'flit', 'metadata');
  const requires = textsOf(own(build.table, 'requires'));
  const backend = textAt(build.table, 'build-backend');
  const builders = [...requires.map(requirementName), plainName((backend ?? '').replaceAll(':', '.'))].map((value) => ({
    value,
    where: build.at('requires'),
  }));
  const standard = includedGroups(tableAt(table, 'dependency-groups'));
  return {
    ...NOTHING,
    ...ofBuild(builders),
    distribution: distribution([project, poetry, flit, build]),
    requiresPython: requiresPython(project, flit, part('tool', 'poetry', 'dependencies')),
    classifiers: [project, poetry, flit].flatMap(({ table: one, at }) =>
      textsOf(own(one, 'classifiers')).map((value) => ({ value, where: at('classifiers') })),
    ),
    dependencies: dependencies(project, flit, part('tool', 'poetry', 'dependencies')),
    buildRequires: requires.length === 0 ? null : { value: withUnsaid(requires, project.table), where: build.at('requires') },
    buildBackend: backend === undefined ? null : { value: backend, where: build.at('build-backend') },
    extras: new Map([
      ...extras(part('tool', 'flit', 'metadata', 'requires-extra')),
      ...poetryExtras(poetry.table, part('tool', 'poetry', 'extras')),
      ...extras(part('project', 'optional-dependencies')),
    ]),
    groups: groups(table, part, standard ?? new Map()),
    warnings: standard === null ? [{ value: TOO_MANY, where: part('dependency-groups').at(null) }] : [],
    notes: textsOf(own(project.table, 'dynamic')).includes('classifiers') ? [{ value: 'classifiers are dynamic', where: project.at('dynamic') }] : [],
  };
}

/**
 * With the setuptools that a `[project]` table needs, for those who do not say so: tables are read since 61.0 and licences as SPDX expressions (PEP 639) since 77.0, by its changelog. An
 * installed one that is older would fail where a downloaded one does not. One word for each name: an old pip takes no two.
 */
function withUnsaid(requires: readonly string[], project: Table): string[] {
  if (Object.keys(project).length === 0) return [...requires];
  const least = textAt(project, 'license') !== undefined || Object.hasOwn(project, 'license-files') ? '77' : '61';
  return requires.map((one) => {
    const isOpen = requirementName(one) === 'setuptools' && !/[;@]|>|[=~]=/.test(one);
    return isOpen ? `${one}${one.includes('<') ? ',' : ''}>=${least}` : one;
  });
}

function distribution([project, poetry, flit, build]: readonly Part[]): Found<string>[] {
  const named = [project, poetry, flit].filter(
    (one) => one !== undefined && Object.keys(one.table).length > 0 && own(one.table, 'package-mode') !== false,
  );
  const [first] = [...named, ...(build === undefined || textAt(build.table, 'build-backend') === undefined ? [] : [build])];
  return first === undefined ? [] : [{ value: 'pyproject.toml', where: first.at(null) }];
}

function requiresPython(project: Part, flit: Part, poetry: Part): Found<readonly string[]>[] {
  const plain = [project, flit].flatMap(({ table, at }) => {
    const text = textAt(table, 'requires-python');
    return text === undefined ? [] : [{ value: [text], where: at('requires-python') }];
  });
  const text = textAt(poetry.table, 'python') ?? textAt(asTable(own(poetry.table, 'python')), 'version');
  const specifiers = text === undefined ? null : poetrySpecifiers(text);
  return specifiers === null ? plain : [...plain, { value: specifiers, where: poetry.at('python') }];
}

function dependencies(project: Part, flit: Part, poetry: Part): Found<readonly string[]>[] {
  const lists: Found<readonly string[]>[] = [
    { value: textsOf(own(project.table, 'dependencies')), where: project.at('dependencies') },
    { value: textsOf(own(flit.table, 'requires')), where: flit.at('requires') },
    { value: poetryRequirements(poetry.table), where: poetry.at(null) },
  ];
  return lists.filter(({ value }) => value.length > 0);
}

function extras({ table, at }: Part): [string, Found<Extra>][] {
  return Object.keys(table).map((name) => [plainName(name), { value: { name, requirements: textsOf(own(table, name)) }, where: at(name) }]);
}

/** Poetry's extras name dependencies that are declared elsewhere. */
function poetryExtras(poetry: Table, part: Part): [string, Found<Extra>][] {
  return Object.hasOwn(poetry, 'extras') ? extras(part) : [];
}

function groups(
  table: Table,
  part: (...path: string[]) => Part,
  included: ReadonlyMap<string, readonly string[]>,
): Map<string, Found<readonly string[]>> {
  const found = new Map<string, Found<readonly string[]>>();
  const put = (name: string, value: readonly string[], where: string): void => {
    if (!found.has(plainName(name)) && value.length > 0) found.set(plainName(name), { value, where });
  };
  const standard = part('dependency-groups');
  for (const name of Object.keys(standard.table)) put(name, included.get(plainName(name)) ?? [], standard.at(name));
  const poetry = tableAt(table, 'tool', 'poetry', 'group');
  for (const name of Object.keys(poetry))
    put(name, poetryRequirements(tableAt(poetry, name, 'dependencies')), part('tool', 'poetry', 'group', name, 'dependencies').at(null));
  const poetryDev = part('tool', 'poetry', 'dev-dependencies');
  put('dev', poetryRequirements(poetryDev.table), poetryDev.at(null));
  const pdm = part('tool', 'pdm', 'dev-dependencies');
  for (const name of Object.keys(pdm.table)) put(name, textsOf(own(pdm.table, name)), pdm.at(name));
  const uv = part('tool', 'uv');
  put('dev', textsOf(own(uv.table, 'dev-dependencies')), uv.at('dev-dependencies'));
  for (const name of ['hatch-test', 'test', 'tests', 'default', 'dev']) {
    const env = part('tool', 'hatch', 'envs', name);
    const list = [...textsOf(own(env.table, 'dependencies')), ...textsOf(own(env.table, 'extra-dependencies'))];
    put(name === 'default' || name === 'dev' ? 'dev' : 'test', list, env.at(null));
  }
  return found;
}
