import type { Change, CiPlan, JobSpec, Phase } from '#plugins/api';
import type { SetFork } from '#server/api';

/** What a build of a Python is to do. */
export interface ForkBuild {
  readonly fork: SetFork;
  readonly change: Change;
  /** Whether what it makes may be used by others: of changes of people who are trusted, and no pull request's. */
  readonly mayPublish: boolean;
}

const NOT_MOVABLE = 'This Python does not run from another folder than it was installed in, as it must: build it without --enable-shared.';
const ARCHIVE = 'home/interpreter.tar.gz';
const VERSION = 'home/interpreter.version';
/** Where it is installed while it is built. It finds itself wherever it is unpacked: Python looks for its library beside its own program. */
const PREFIX = '"$HOME/interpreter"';

/**
 * The jobs of a fork's own build: on each image it is built, and then its own test suite is run on what was published. What may not be published is tested in its build tree. Pure.
 */
export function planFork({ fork, change, mayPublish }: ForkBuild): CiPlan {
  const builds = fork.images.map((image) => buildJob(fork, image, mayPublish));
  const tests = mayPublish && fork.tests !== null ? fork.images.map((image) => testJob(fork, image, change.commit)) : [];
  const stages = tests.length > 0 ? ['build', 'test'] : ['build'];
  return {
    jobs: [...builds, ...tests],
    stages,
    declaredStages: [],
    messages: [{ level: 'info', text: sentence({ fork, change, mayPublish }), path: '', line: null, column: null }],
    fastFinish: false,
  };
}

function sentence({ fork: { name, upstream, definition }, change, mayPublish }: ForkBuild): string {
  const what = upstream === null ? `builds Python ${name}` : `is a fork of Python ${upstream}`;
  const how = definition === null ? '' : `, by python-build's definition ${definition}`;
  const done = mayPublish ? `it is published as ${name}@${change.branch}` : 'it is built and tested, but what a pull request makes is not published';
  return `This project ${what}${how}: ${done}.`;
}

function buildJob(fork: SetFork, image: string, mayPublish: boolean): JobSpec {
  const test: Phase[] = mayPublish || fork.tests === null ? [] : [phase('test', [WITH_TESTS, './python -m test -j2 "$@"'])];
  return {
    ...common(fork, image, 'build'),
    requirements: { system: 'linux', architecture: null, interpreter: null, image },
    variables: [
      lines('TERRARIUM_CONFIGURE', fork.configure),
      lines('TERRARIUM_TESTS', fork.tests ?? []),
      ...(fork.definition === null ? [] : [lines('TERRARIUM_DEFINITION', [fork.definition])]),
    ],
    program: {
      shell: 'sh',
      phases: [phase('build', fork.definition === null ? BUILD : BUILD_BY_DEFINITION), ...test, ...(mayPublish ? [phase('publish', PUBLISH)] : [])],
    },
    ...(mayPublish ? { publishes: { archive: ARCHIVE, version: VERSION } } : {}),
  };
}

/** The tests are those of the checkout: they are not in the archive, which every job would have to unpack. */
function testJob(fork: SetFork, image: string, commit: string): JobSpec {
  const commands = [
    'mkdir "$HOME/tests" && cp -R Lib/test "$HOME/tests/test"',
    WITH_TESTS,
    'cd "$HOME" && PYTHONPATH=$HOME/tests python -m test -j2 "$@"',
  ];
  return {
    ...common(fork, image, 'test'),
    requirements: { system: 'linux', architecture: null, interpreter: `${fork.name}@${commit}`, image },
    variables: [lines('TERRARIUM_TESTS', fork.tests ?? [])],
    program: { shell: 'sh', phases: [phase('test', commands)] },
  };
}

function common(fork: SetFork, image: string, stage: string): Omit<JobSpec, 'requirements' | 'variables' | 'program'> {
  return {
    name: `${stage} · ${image}`,
    stage,
    allowFailure: false,
    config: { fork: fork.name, image, stage },
    cell: { column: image, row: stage },
    checkout: { depth: 1, submodules: false },
    limits: { time: 4 * 3600, silence: 3600 },
  };
}

function phase(name: string, commands: readonly string[]): Phase {
  return { name, when: 'passing', onFailure: 'fail', commands: commands.map((run) => ({ run })) };
}

/** Words of a command that come from settings: a line each, in a variable. */
function lines(name: string, words: readonly string[]): JobSpec['variables'][number] {
  return { name, value: words.join('\n'), expand: false };
}

/** Makes `$@` the lines of a variable, without anything in them being expanded. */
function argumentsFrom(variable: string): string {
  return `set -f; IFS='\n'; set -- $${variable}; unset IFS; set +f`;
}

const WITH_TESTS = argumentsFrom('TERRARIUM_TESTS');

const BUILD = [argumentsFrom('TERRARIUM_CONFIGURE'), `./configure --prefix=${PREFIX} "$@"`, 'make -j"$(getconf _NPROCESSORS_ONLN)"', 'make install'];

/**
 * A checkout of pyenv has python-build among its plugins; one of python-build alone has it at the top. It would build a shared library, which is looked for where it was installed: see "Using
 * custom build options" in its README. Options reach it as words parted by blanks.
 */
const BUILD_BY_DEFINITION = [
  'builder=plugins/python-build/bin/python-build; if [ ! -x "$builder" ]; then builder=bin/python-build; fi',
  'if [ ! -x "$builder" ]; then echo "There is no python-build here: the repository must be one of pyenv, or of python-build." >&2; false; fi',
  `PYTHON_CONFIGURE_OPTS="--disable-shared $TERRARIUM_CONFIGURE" "$builder" --verbose "$TERRARIUM_DEFINITION" ${PREFIX}`,
];

const PUBLISH = [
  // Whatever it is called after its version: jobs find it as python.
  `cd ${PREFIX}/bin && for name in python3 python2 python3.[0-9]* python2.[0-9]; do if [ ! -e python ] && [ -e "$name" ]; then ln -s "$name" python; fi; done; cd - >/dev/null`,
  `${PREFIX}/bin/python -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' >"$HOME/interpreter.version" && cat "$HOME/interpreter.version"`,
  // Neither its tests, nor what can be made again, nor the library for programs that embed it.
  `find ${PREFIX} -depth \\( -name __pycache__ -o -path '*/lib/python*/test' -o -path '*/lib/pypy*/test' \\) -exec rm -rf {} \\; && find ${PREFIX} -name 'libpython*.a' -exec rm -f {} \\;`,
  `tar -C ${PREFIX} -czf "$HOME/interpreter.tar.gz" . && ls -l "$HOME/interpreter.tar.gz"`,
  // As jobs will have it: somewhere else, and where it was built is nothing any more.
  `mv ${PREFIX} "$HOME/interpreter.built" && mkdir "$HOME/moved" && tar -C "$HOME/moved" -xzf "$HOME/interpreter.tar.gz"`,
  `where='import os, sys; sys.exit(not os.path.realpath(os.__file__).startswith(os.path.join(os.path.realpath(sys.argv[1]), "")))'`,
  `if ! "$HOME/moved/bin/python" -c "$where" "$HOME/moved"; then echo '${NOT_MOVABLE}' >&2; false; fi`,
];
