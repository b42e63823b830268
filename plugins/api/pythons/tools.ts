import type { KnownPython } from './catalogue.ts';

/** The newest release of a tool that runs on a Python. `current`: whatever is newest, as of `CATALOGUE_DAY`. `none`: no release was made for it. */
export interface ToolRelease {
  readonly version: string;
  /** Whether the tool itself says so: in its `python_requires`, its classifiers or its changelog. Otherwise it is what these let one expect. */
  readonly certain: boolean;
}

/** The tools that an old Python needs old releases of. */
export interface PythonTools {
  readonly pip: ToolRelease;
  readonly setuptools: ToolRelease;
  readonly wheel: ToolRelease;
  /** The newest virtualenv that runs on it. */
  readonly virtualenv: ToolRelease;
  readonly pytest: ToolRelease;
  /**
   * How an environment of its own is made on it: by its own module `venv` (from 3.3 on, PEP 405; with pip in it from 3.4 on, PEP 453), by the virtualenv above, which is installed on it,
   * or not at all.
   */
  readonly environment: 'venv' | 'venv without pip' | 'virtualenv' | 'none';
}

type Row = readonly [pip: string, setuptools: string, wheel: string, virtualenv: string, pytest: string, environment: PythonTools['environment']];

/**
 * By the version of the language. Read from `python_requires` and the classifiers of every tagged release, and from the changelogs: pip's NEWS, setuptools' and wheel's news,
 * virtualenv's changelog and its page on compatibility, pytest's changelog and its table of Python versions. A `?` behind a version: none of these says it in so many words.
 */
const TOOLS: Readonly<Record<string, Row>> = {
  '2.4': ['1.1', '1.4.2', 'none', '1.7.2', '1.3.4?', 'virtualenv'],
  '2.5': ['1.3.1', '1.4.2', 'none', '1.9.1', '2.8.7?', 'virtualenv'],
  '2.6': ['9.0.3', '36.8.0', '0.29.0', '15.2.0', '3.2.5', 'virtualenv'],
  '2.7': ['20.3.4', '44.1.1', '0.37.1', '20.15.1', '4.6.11', 'virtualenv'],
  '3.0': ['none', 'none', 'none', 'none', '2.9.2?', 'none'],
  '3.1': ['1.5.6', '18.4?', 'none', '1.11.6', '2.9.2?', 'virtualenv'],
  '3.2': ['7.1.2', '29.0.1', '0.29.0', '13.1.2?', '2.9.2', 'virtualenv'],
  '3.3': ['10.0.1', '39.2.0', '0.29.0', '16.0.0?', '3.2.5', 'venv without pip'],
  '3.4': ['19.1.1', '43.0.0', '0.33.6', '20.4.7', '4.6.11', 'venv'],
  '3.5': ['20.3.4', '50.3.2', '0.37.1', '20.15.1', '6.1.2', 'venv'],
  '3.6': ['21.3.1', '59.6.0', '0.37.1', '20.17.1', '7.0.1', 'venv'],
  '3.7': ['24.0', '68.0.0', '0.42.0', '20.26.6', '7.4.4', 'venv'],
  '3.8': ['25.0.1', '75.3.3', '0.45.1', '21.4.3', '8.3.5', 'venv'],
  '3.9': ['26.0.1', '82.0.1', 'current', 'current', '8.4.2', 'venv'],
};

const CURRENT: Row = ['current', 'current', 'current', 'current', 'current', 'venv'];

/**
 * What runs on a Python. PyPy is as CPython of its language, but that its 2.7 and 3.2 have no `venv`; of Jython only that virtualenv no longer knows it. A language newer than the
 * table takes what is current.
 */
export function toolsFor({ language, implementation }: Pick<KnownPython, 'language' | 'implementation'>): PythonTools {
  const [pip, setuptools, wheel, virtualenv, pytest, environment] = TOOLS[language] ?? CURRENT;
  const isCertain = implementation !== 'jython';
  const tool = (text: string): ToolRelease => ({ version: text.replace('?', ''), certain: isCertain && !text.endsWith('?') });
  return {
    pip: tool(pip),
    setuptools: tool(setuptools),
    wheel: tool(wheel),
    virtualenv: tool(virtualenv),
    pytest: tool(pytest),
    environment: implementation === 'jython' ? 'none' : environment,
  };
}

/** What pip is asked for so that it takes a release that runs: `pytest<=4.6.11`; the bare name where the newest does, or none is known. */
export function requirementFor(name: string, { version }: ToolRelease): string {
  return version === 'current' || version === 'none' ? name : `${name}<=${version}`;
}
