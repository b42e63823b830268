import { type Found, place, plainName } from './found.ts';
import { type Ini, type IniValue, valueLines } from './ini.ts';
import { type Extra, NOTHING, ofBuild, type Reading } from './reading.ts';
import { requirementName } from './requirement.ts';

const FILE = 'setup.cfg';

/** What a setup.cfg says: setuptools' declarative keys, and those of pbr and d2to1, which came before them. Dashes and underlines in keys are the same. */
export function readSetupCfg(ini: Ini): Reading {
  const section = (name: string): ReadonlyMap<string, IniValue> =>
    new Map([...(ini.get(name) ?? [])].map(([key, value]): [string, IniValue] => [key.replaceAll('-', '_'), value]));
  const metadata = section('metadata');
  const options = section('options');
  const where = (value: IniValue): string => place(FILE, value.line);
  const listed = (value: IniValue | undefined): Found<readonly string[]> | null =>
    value === undefined || isElsewhere(value) ? null : { value: valueLines(value), where: where(value) };
  const text = (value: IniValue | undefined): Found<string> | null =>
    value === undefined ? null : { value: value.text.trim(), where: where(value) };
  const python = text(options.get('python_requires') ?? metadata.get('requires_python') ?? metadata.get('python_requires'));
  const classifiers = listed(metadata.get('classifiers') ?? metadata.get('classifier'));
  const setupRequires = listed(options.get('setup_requires'));
  const builders = (setupRequires?.value ?? []).map((one) => ({ value: requirementName(one), where: setupRequires?.where ?? FILE }));
  const dependencies = listed(options.get('install_requires'));
  const name = metadata.get('name');
  return {
    ...NOTHING,
    ...ofBuild(builders),
    distribution: name === undefined ? [] : [{ value: 'setup.cfg', where: where(name) }],
    requiresPython: python === null ? [] : [{ value: [python.value], where: python.where }],
    classifiers: (classifiers?.value ?? []).map((value) => ({ value, where: classifiers?.where ?? FILE })),
    dependencies: dependencies === null ? [] : [dependencies],
    extras: new Map([...extras(ini, 'extras'), ...extras(ini, 'options.extras_require')]),
    testsRequire: listed(options.get('tests_require')),
    testSuite: text(options.get('test_suite')),
    packages: valueLines(options.get('packages')).filter((one) => /^\w+(\.\w+)*$/.test(one)),
    notes: [...metadata, ...options].flatMap(([key, value]) =>
      isElsewhere(value) && NEEDED.has(key) ? [{ value: `${key} comes from another file`, where: where(value) }] : [],
    ),
  };
}

/** What is missed if it stands in a file of another name. */
const NEEDED = new Set(['classifiers', 'install_requires', 'tests_require', 'python_requires']);

function isElsewhere({ text }: IniValue): boolean {
  return /^(?:file|attr):/.test(text.trim());
}

function extras(ini: Ini, section: string): [string, Found<Extra>][] {
  return [...(ini.get(section) ?? [])].map(([name, value]) => [
    plainName(name),
    { value: { name, requirements: valueLines(value) }, where: place(FILE, value.line) },
  ]);
}
