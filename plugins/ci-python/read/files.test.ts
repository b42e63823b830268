import { describe, expect, it } from 'vitest';
import { readMakefile, readTox } from './commands.ts';
import { readIni } from './ini.ts';
import { poetryRequirements, poetrySpecifiers } from './poetry.ts';
import { readPyproject } from './pyproject.ts';
import { requirementName, requirementsIn, requirementWord } from './requirement.ts';
import { readSetupCfg } from './setup-cfg.ts';
import { placesIn, readToml } from './toml.ts';

const pyproject = (text: string): ReturnType<typeof readPyproject> => {
  const toml = readToml(text);
  if ('problem' in toml) throw new Error(toml.problem);
  return readPyproject(toml.table, placesIn(text));
};

describe('an INI file', () => {
  it('has values of several lines, remarks, and keys in any case', () => {
    const ini = readIni('; no\n[options]\nPython_Requires = >=3.6  # why\ntests-require:\n  mock\n  # not this\n\n  nose ; nor this\n[empty]\n');
    expect(ini.get('options')?.get('python_requires')).toEqual({ text: '>=3.6', line: 3 });
    expect(ini.get('options')?.get('tests-require')?.text).toBe('mock\nnose');
    expect(ini.has('empty')).toBe(true);
  });

  it('is passed over where it is none', () => {
    expect([...readIni('a\n = b\n  c\n[')]).toEqual([]);
  });

  it('is read soon, whatever a line is made of', () => {
    expect(readIni(`[a]\nb${' '.repeat(200_000)}c`).has('a')).toBe(true);
  });
});

describe('setup.cfg', () => {
  it("has setuptools' keys", () => {
    const reading = readSetupCfg(
      readIni(
        '[metadata]\nname = engine\nclassifiers =\n  A\n  B\n[options]\npython_requires = >=3.6\n[options.extras_require]\nTest_ing = pytest\n',
      ),
    );
    expect(reading.distribution).toEqual([{ value: 'setup.cfg', where: 'setup.cfg, line 2' }]);
    expect(reading.classifiers.map(({ value }) => value)).toEqual(['A', 'B']);
    expect(reading.requiresPython[0]?.value).toEqual(['>=3.6']);
    expect(reading.extras.get('test-ing')?.value).toEqual({ name: 'test_ing', requirements: ['pytest'] });
  });

  it("has pbr's, which came before", () => {
    const reading = readSetupCfg(readIni('[metadata]\nclassifier =\n  A\nrequires-python = >=2.7\n'));
    expect(reading).toMatchObject({ classifiers: [{ value: 'A' }], requiresPython: [{ value: ['>=2.7'] }], distribution: [] });
  });

  it('says what stands in another file', () => {
    expect(readSetupCfg(readIni('[options]\ninstall_requires = file: requirements.in\n')).notes).toHaveLength(1);
  });
});

describe('pyproject.toml', () => {
  it('has groups that include groups, even in circles', () => {
    const { groups } = pyproject('[dependency-groups]\nTest = ["pytest", {include-group = "base"}]\nbase = ["six", {include-group = "test"}]\n');
    expect(groups.get('test')).toEqual({ value: ['pytest', 'six'], where: 'pyproject.toml, line 2' });
  });

  it("has Poetry's, PDM's and Hatch's tables", () => {
    const { groups } = pyproject(
      '[tool.poetry.group.test.dependencies]\npytest = "^7.1"\n[tool.pdm.dev-dependencies]\ndev = ["nose"]\n[tool.hatch.envs.hatch-test]\nextra-dependencies = ["mock"]\n',
    );
    expect(groups.get('test')?.value).toEqual(['pytest>=7.1,<8']);
    expect(groups.get('dev')?.value).toEqual(['nose']);
  });

  it('needs a setuptools that knows what it uses, said or not', () => {
    const needs = (project: string, requires = '"setuptools"'): unknown =>
      pyproject(`[build-system]\nrequires = [${requires}]\nbuild-backend = "setuptools.build_meta"\n${project}`).buildRequires?.value;
    expect(needs('')).toEqual(['setuptools']);
    expect(needs('[project]\nname = "a"\n')).toEqual(['setuptools>=61']);
    expect(needs('[project]\nname = "a"\nlicense = "MIT"\n')).toEqual(['setuptools>=77']);
    expect(needs('[project]\nname = "a"\n', '"setuptools<81", "wheel"')).toEqual(['setuptools<81,>=61', 'wheel']);
    expect(needs('[project]\nname = "a"\n', '"setuptools>=40"')).toEqual(['setuptools>=40']);
    expect(
      pyproject('[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n[project]\nname = "a"\n').buildRequires?.value,
    ).toEqual(['flit_core']);
  });

  it('is no distribution by the settings of tools', () => {
    expect(pyproject('[tool.black]\nline-length = 100\n').distribution).toEqual([]);
    expect(pyproject('[tool.poetry]\npackage-mode = false\n').distribution).toEqual([]);
    expect(pyproject('[build-system]\nrequires = ["flit_core"]\nbuild-backend = "flit_core.buildapi"\n').distribution).toHaveLength(1);
  });

  it.each([
    ['mesonpy', 'Meson'],
    ['maturin', 'Rust'],
    ['scikit_build_core.build', 'CMake'],
  ])('knows that %s compiles', (backend, what) => {
    expect(pyproject(`[build-system]\nrequires = []\nbuild-backend = "${backend}"\n`).native).toContainEqual(
      expect.objectContaining({ value: what }),
    );
  });

  it('says where it is no TOML, and never throws', () => {
    expect(readToml('a = 1\nb = = 2\n')).toMatchObject({ line: 2 });
    expect(readToml('['.repeat(100_000))).toHaveProperty('problem');
  });

  it('has lines, but not those of texts that look alike', () => {
    const text = 'a = """\n[project]\nname = 1\n"""\n[ project ]\n"name" = "x"\n[project.urls]\nname = "y"\n';
    expect(placesIn(text).lineOf(['project'], null)).toBe(5);
    expect(placesIn(text).lineOf(['project'], 'name')).toBe(6);
    expect(placesIn(text).lineOf(['project'], 'version')).toBeNull();
  });
});

describe('Poetry', () => {
  it.each([
    ['^3.8', ['>=3.8,<4']],
    ['^0.3.1', ['>=0.3.1,<0.4']],
    ['^0', ['>=0,<1']],
    ['~3.8', ['>=3.8,<3.9']],
    ['~3', ['>=3,<4']],
    ['>=3.8, <3.13', ['>=3.8,<3.13']],
    ['>=3.8 <4', ['>=3.8,<4']],
    ['~2.7 || ^3.5', ['>=2.7,<2.8', '>=3.5,<4']],
    ['*', ['']],
    ['3.9.*', ['==3.9.*']],
    ['~=3.9', ['~=3.9']],
    ['latest', null],
  ])('means by %s %j', (text, specifiers) => {
    expect(poetrySpecifiers(text)).toEqual(specifiers);
  });

  it('has dependencies with versions and markers', () => {
    expect(poetryRequirements({ python: '^3', mock: { version: '^1', markers: "python_version < '3'" }, x: { git: 'u' } })).toEqual([
      "mock>=1,<2; python_version < '3'",
      'x',
    ]);
  });
});

describe('a requirement', () => {
  it.each([
    ['pytest', 'pytest'],
    ['pytest >= 3 , <4', 'pytest>=3,<4'],
    ['pytest (>=3)', 'pytest>=3'],
    ['coverage[toml, x]>=5', 'coverage[toml,x]>=5'],
    ["mock ; python_version<'3'", 'mock; python_version<"3"'],
    ['zope.interface', 'zope.interface'],
    ['coverage pytest', null],
    ['a --index-url x', null],
    ["a; b' && rm -rf / '", null],
    ["a'b", null],
    ['a $(b)', null],
    ['a`b`', null],
    ['a\nb', null],
    ['a; python_version > "3\n"', null],
    ['x @ https://example.org/x.zip', null],
    ['-e .', null],
    ['./here', null],
    ['', null],
  ])('%j is the word %j', (text, word) => {
    expect(requirementWord(text)).toBe(word);
  });

  it('has a plain name', () => {
    expect(requirementName('Zope.Interface_x[a]>=1')).toBe('zope-interface-x');
  });

  it('is found in a file among options and remarks', () => {
    expect(requirementsIn('-r other.txt\n# no\npytest>=3 # yes\nmock \\\n  >=1\n--index-url x\n')).toEqual(['pytest>=3', 'mock   >=1']);
  });
});

describe('commands', () => {
  it("are tox's, with its requirements, file and Pythons", () => {
    const tox = readTox(
      readIni(
        '[tox]\nenvlist = py{27,36}-a, py310, pypy, docs\n[testenv]\nsetenv =\n  A = b=c\n  B={x}\nextras = a, {env:X:b}\ndeps =\n  -r{toxinidir}/req/test.txt\n  mock\n  py27: old\n  {[base]deps}\ncommands =\n  tests: pytest \\\n    -v tests\n',
      ),
    );
    expect(tox.commands).toEqual([{ value: 'pytest  -v tests', where: 'tox.ini, line 13' }]);
    expect(tox.requirements?.value).toEqual(['mock']);
    expect(tox.variables).toEqual([{ name: 'A', value: 'b=c' }]);
    expect(tox.extras?.value).toEqual(['a', 'b']);
    expect(tox.file?.value).toBe('req/test.txt');
    expect(tox.pythons.map(({ value }) => value)).toEqual(['2.7', '3.6', '3.10']);
  });

  it("are a Makefile's, or those of what its test is made of", () => {
    expect(readMakefile('all:\n\tmake\ntest: build inplace\n\ninplace: build\n\t@$(PYTHON) test.py $(FLAGS)\n')).toEqual([
      { value: 'python test.py ', where: 'Makefile, line 6' },
    ]);
    expect(readMakefile('test:\n\tpytest\n\nclean:\n\trm -f x\n').map(({ value }) => value)).toEqual(['pytest']);
    expect(readMakefile('test:\n\tA=1 \\\n\t  run $${ARGS:-tests}\n\techo\n').map(({ value }) => value)).toEqual(['A=1 run tests', 'echo']);
    expect(readMakefile('tests := x\n')).toEqual([]);
  });
});
