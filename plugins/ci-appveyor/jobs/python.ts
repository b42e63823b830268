import type { System } from '../expand/images.ts';
import { valueOf, type Setting } from '../read/environment.ts';
import { commandsSay } from './python-commands.ts';
import { folderSays, shortVersion, toxSays, versionSays, widthIn, type Said, type Width } from './python-names.ts';

/** The Python that a job is for. */
export interface Python {
  /** As interpreters are called here: `2.7`, `3.11-32`, `pypy3`. */
  readonly interpreter: string;
  /** Of the processor; null: any. */
  readonly architecture: string | null;
}

/** What else may say which Python it is. */
interface Surroundings {
  readonly system: System;
  readonly stack: string | null;
  /** What the job runs. */
  readonly commands: readonly string[];
}

/** Variables that hold a version, most telling first. */
const VERSIONS = ['PYTHON_VERSION', 'PYTHON_VER', 'PYVER', 'PY_VER', 'PY_VERSION', 'CONDA_PY', 'CONDA', 'PY_PYTHON', 'PYTHON'];
const WIDTHS = ['PYTHON_ARCH', 'PYTHON_BITS', 'PY_ARCH', 'ARCH', 'ARCHITECTURE', 'BITS', 'PLATFORM'];
const ARCHITECTURES: Readonly<Record<Width, string | null>> = { '32': null, '64': 'x86_64', arm64: 'aarch64' };

/**
 * The Python of a job, as its variables say; those of its row of the matrix count before those of all jobs. A folder such as `C:\Python27-x64`
 * says one, as AppVeyor's images call them (a plain `C:\Python27` is 32-bit); else a version, with the width beside it; else a factor of a tox
 * environment; else the one folder of a Python that its commands name. Null: nothing does. Elsewhere than on Windows nothing says a width, commands say
 * nothing, and `stack: python 3.7` counts before all variables.
 */
export function pythonOf(own: readonly Setting[], all: readonly Setting[], { system, stack, commands }: Surroundings): Python | null {
  if (system === 'windows') {
    // What stands in PYTHON and is not known is another one, whatever commands use besides.
    const said = found(own) ?? found(all) ?? (valueOf(all, 'PYTHON') ? null : commandsSay(commands));
    return said && onWindows(said, all);
  }
  const stacked = /(?:^|,)\s*python\s+(\d[\w.]*)/i.exec(stack ?? '')?.[1];
  const name = stacked === undefined ? (found(own) ?? found(all))?.name : (shortVersion(stacked) ?? stacked);
  return name === undefined ? null : { interpreter: name, architecture: null };
}

function onWindows({ name, width: own, usual }: Said, all: readonly Setting[]): Python {
  const width = own ?? widthOf(all) ?? usual;
  return { interpreter: width === '32' ? `${name}-32` : name, architecture: width && ARCHITECTURES[width] };
}

function widthOf(all: readonly Setting[]): Width | null {
  for (const name of WIDTHS) {
    const width = widthIn(valueOf(all, name) ?? '');
    if (width !== null) return width;
  }
  return null;
}

function found(layer: readonly Setting[]): Said | null {
  return inFolder(layer) ?? inVersion(layer) ?? toxSays(valueOf(layer, 'TOXENV') ?? valueOf(layer, 'TOX_ENV') ?? '');
}

/** The variable PYTHON first, then any other. Conda makes Pythons of other versions: one that is named beside it counts more. */
function inFolder(layer: readonly Setting[]): Said | null {
  const named = layer.filter(({ name }) => name.toUpperCase() === 'PYTHON');
  for (const { name, value } of [...named, ...layer]) {
    const said = value === null ? null : placeSays(name, value);
    if (said !== null) return said.isConda ? { ...said, name: inVersion(layer)?.name ?? said.name } : said;
  }
  return null;
}

/** `PYTHON: 36-x64` is what is left of a folder's name once a command puts `C:\Python` before it. */
function placeSays(name: string, value: string): Said | null {
  const isRest = name.toUpperCase() === 'PYTHON' && /^\d{2,3}(?:[-_].*)?$/.test(value);
  return folderSays(isRest ? `Python${value}` : value);
}

function inVersion(layer: readonly Setting[]): Said | null {
  const [major, minor] = [valueOf(layer, 'PYTHON_MAJOR'), valueOf(layer, 'PYTHON_MINOR')];
  for (const value of [...VERSIONS.map((name) => valueOf(layer, name)), major && minor && `${major}.${minor}`]) {
    const said = versionSays(value ?? '');
    if (said !== null) return said;
  }
  return null;
}

/** Whether a variable says nothing of a job but which Python it is for. */
export function isImplied({ name, value }: Setting, { interpreter, architecture }: Python): boolean {
  if (value === null) return false;
  const upper = name.toUpperCase();
  const width = interpreter.endsWith('-32') ? '32' : architecture === 'x86_64' ? '64' : null;
  if (WIDTHS.includes(upper)) return width !== null && widthIn(value) === width;
  const said = placeSays(name, value) ?? (VERSIONS.includes(upper) ? versionSays(value) : null);
  const plain = interpreter.replace(/-32$/, '');
  if (upper === 'PYTHON_MAJOR' || upper === 'PYTHON_MINOR') return plain.split('.')[upper === 'PYTHON_MAJOR' ? 0 : 1] === value;
  return said?.name === plain && (said.width === null || said.width === width);
}
