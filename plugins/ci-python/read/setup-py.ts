import { type Found, place, plainName } from './found.ts';
import { readSetupCall, type SetupCall } from './python/module.ts';
import { textsIn, type Value } from './python/values.ts';
import { type Extra, NOTHING, ofBuild, type Reading } from './reading.ts';
import { requirementName } from './requirement.ts';

const FILE = 'setup.py';
const CLASSIFIER = /^Programming Language :: Python :: [^%{]+$/;
/** What matters enough to say that it could not be read. */
const NEEDED = ['python_requires', 'tests_require', 'extras_require', 'test_suite'];

/** What the call of `setup()` in a setup.py says, as far as it can be read without running it; null where there is no such call. */
export function readSetupPy(text: string): Reading | null {
  const call = readSetupCall(text);
  if (call === null) return null;
  const argument = (name: string): Value | undefined => call.args.get(name);
  const texts = (name: string): Found<readonly string[]> | null => foundTexts(argument(name));
  const python = texts('python_requires');
  const dependencies = texts('install_requires') ?? texts('requires');
  const setupRequires = texts('setup_requires');
  const builders = (setupRequires?.value ?? []).map((one) => ({ value: requirementName(one), where: setupRequires?.where ?? FILE }));
  const fromBuild = ofBuild(call.args.has('pbr') ? [...builders, { value: 'pbr', where: FILE }] : builders);
  const suite = argument('test_suite');
  return {
    ...NOTHING,
    ...fromBuild,
    distribution: [{ value: 'setup.py', where: place(FILE, call.line) }],
    requiresPython: python === null ? [] : [{ value: [python.value.join(',')], where: python.where }],
    classifiers: classifiers(call),
    dependencies: dependencies === null ? [] : [dependencies],
    extras: extras(argument('extras_require')),
    testsRequire: texts('tests_require'),
    testSuite: suite?.kind === 'text' ? { value: suite.text, where: place(FILE, suite.line) } : null,
    testCommand: testCommand(argument('cmdclass')),
    packages: texts('packages')?.value ?? [],
    native: [...native(call), ...fromBuild.native],
    notes: notes(call),
    warnings: call.isTooMuch
      ? [{ value: 'Lists and texts are put together here into more than is read, so that some of it is left out', where: FILE }]
      : [],
  };
}

function foundTexts(value: Value | undefined): Found<readonly string[]> | null {
  const texts = value === undefined ? null : textsIn(value);
  if (value === undefined || texts === null) return null;
  return {
    value:
      value.kind === 'text'
        ? value.text
            .split('\n')
            .map((line) => line.trim())
            .filter((line) => line !== '')
        : texts,
    where: place(FILE, value.line),
  };
}

/** Those that are handed over; where these are put together by the file, those that stand in it as texts. */
function classifiers(call: SetupCall): Found<string>[] {
  const value = call.args.get('classifiers');
  const known = foundTexts(value);
  if (known !== null && value !== undefined) return known.value.map((one) => ({ value: one.trim(), where: known.where }));
  return call.strings.flatMap(({ text, line }) =>
    text.split('\n').flatMap((one) => (CLASSIFIER.test(one.trim()) ? [{ value: one.trim(), where: place(FILE, line) }] : [])),
  );
}

function extras(value: Value | undefined): Map<string, Found<Extra>> {
  if (value?.kind !== 'map') return new Map();
  return new Map(
    [...value.entries].map(([name, one]) => [plainName(name), { value: { name, requirements: textsIn(one) ?? [] }, where: place(FILE, one.line) }]),
  );
}

function testCommand(value: Value | undefined): Found<string> | null {
  const command = value?.kind === 'map' ? value.entries.get('test') : undefined;
  return command === undefined ? null : { value: 'test', where: place(FILE, command.line) };
}

function native(call: SetupCall): Found<string>[] {
  return ['ext_modules', 'cffi_modules', 'rust_extensions', 'cmake_source_dir'].flatMap((name) => {
    const value = call.args.get(name);
    const isEmpty = (value?.kind === 'list' && value.items.length === 0) || value?.kind === 'plain';
    return value === undefined || isEmpty ? [] : [{ value: name, where: place(FILE, value.line) }];
  });
}

function notes(call: SetupCall): Found<string>[] {
  const computed = NEEDED.flatMap((name) => {
    const value = call.args.get(name);
    const isKnown = value === undefined || value.kind === 'map' || foundTexts(value) !== null || value.kind === 'plain';
    return isKnown ? [] : [{ value: `${name} is computed`, where: place(FILE, value.line) }];
  });
  const spread = call.args.get('**');
  const changed = [...call.changed].map(([name, line]) => ({ value: `${name} is changed under conditions`, where: place(FILE, line) }));
  return [
    ...computed,
    ...changed,
    ...(spread === undefined ? [] : [{ value: 'some arguments of setup() are computed', where: place(FILE, spread.line) }]),
  ];
}
