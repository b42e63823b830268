/** Where an interpreter comes from. */
export interface InterpreterSource {
  /** The suites that have it, the one to take first. The system's own suite goes before all. */
  readonly suites: readonly string[];
  /** Its absolute path there. */
  readonly program: string;
  /** Other names in the same folder that people expect. */
  readonly aliases: readonly string[];
  readonly packages: readonly string[];
  /** Packages that only some of the suites have. */
  readonly extra?: Readonly<Record<string, readonly string[]>>;
  /** It has no packaged pip, setuptools and wheel: they are put where it finds them, out of an environment that `virtualenv` makes of it. */
  readonly sitePackages?: string;
}

/** What every Python 3 of a suite shares. */
const PYTHON3 = ['python3-pip', 'python3-pytest', 'python3-setuptools', 'python3-venv', 'python3-wheel', 'virtualenv'];

/** Every interpreter that Debian has, by the name that people write. The 32-bit ones are called the same with `-32` behind. */
export const INTERPRETERS: Readonly<Record<string, InterpreterSource>> = {
  '2.7': {
    suites: ['bullseye'],
    program: '/usr/bin/python2.7',
    aliases: ['python', 'python2'],
    packages: ['python2.7', 'python2.7-dev', 'virtualenv'],
    sitePackages: '/usr/local/lib/python2.7/dist-packages',
  },
  '3.9': cpython('3.9', ['bullseye']),
  '3.11': cpython('3.11', ['bookworm']),
  '3.13': cpython('3.13', ['trixie', 'forky', 'sid']),
  '3.14': cpython('3.14', ['forky', 'sid']),
  '3.15': cpython('3.15', ['forky', 'sid']),
  'pypy2.7': {
    suites: ['bullseye'],
    program: '/usr/bin/pypy',
    aliases: ['python', 'python2', 'pypy2'],
    packages: ['pypy', 'pypy-dev', 'virtualenv'],
    sitePackages: '/usr/local/lib/pypy2.7/dist-packages',
  },
  'jython2.7': { suites: ['bullseye', 'bookworm'], program: '/usr/bin/jython', aliases: ['python', 'python2'], packages: ['jython'] },
  'pypy3.7': pypy3(['bullseye']),
  // Its pytest wants what Debian leaves out because Python 3.11 has it.
  'pypy3.9': pypy3(['bookworm'], ['python3-exceptiongroup', 'python3-tomli']),
  'pypy3.11': pypy3(['trixie', 'forky', 'sid']),
};

function cpython(version: string, suites: readonly string[]): InterpreterSource {
  const name = `python${version}`;
  return { suites, program: `/usr/bin/${name}`, aliases: ['python', 'python3'], packages: [name, `${name}-dev`, `${name}-venv`, ...PYTHON3] };
}

function pypy3(suites: readonly string[], more: readonly string[] = []): InterpreterSource {
  const later = Object.fromEntries(suites.filter((suite) => suite !== 'bullseye').map((suite) => [suite, ['pypy3-venv']]));
  return {
    suites,
    program: '/usr/bin/pypy3',
    aliases: ['python', 'python3', 'pypy'],
    packages: ['pypy3', 'pypy3-dev', ...PYTHON3, ...more],
    extra: later,
  };
}
