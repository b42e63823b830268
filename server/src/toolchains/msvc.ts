import type { ImageDescription, Toolchain } from '#plugins/api';

/** What extensions of a Python are compiled with. Versions are Visual Studio's own: 9.0 is 2008, 10.0 is 2010, 14.0 is 2015, 15 is 2017, 16 is 2019, 17 is 2022. */
interface Era {
  /** The first Python of it, by major and minor version. */
  readonly from: readonly [number, number];
  readonly compiler: string;
  /** Whether later compilers will do, too: those from 14.0 on share their runtime. */
  readonly orLater: boolean;
}

/**
 * Which Visual Studio the python.org builds of each version are made with, newest first; extensions need the same, for the C runtime differs. Source: the Python wiki's
 * page WindowsCompilers and PCbuild/readme.txt of each version. 2.7 counts with 2.6: it was never moved on.
 */
const ERAS: readonly Era[] = [
  { from: [3, 5], compiler: '14.0', orLater: true },
  { from: [3, 3], compiler: '10.0', orLater: false },
  { from: [2, 6], compiler: '9.0', orLater: false },
  { from: [2, 3], compiler: '7.1', orLater: false },
];

/** The compiler that a Python of that name needs, in words that jobs use: `msvc 14.0`; `orLater` as in the table. Null where it is not known. */
interface CompilerWish {
  readonly version: string;
  readonly orLater: boolean;
}

/** By the name of an interpreter as people write it, `2.7`, `3.11-32`, `3.13t`, `pypy3.10`. PyPy for Python 3 is built with 14.0 or later, that for 2.7 looks for 9.0. */
export function compilerFor(interpreter: string): CompilerWish | null {
  const [, pypy, major, minor] = /^(pypy)?(\d)?\.?(\d+)?/.exec(interpreter) ?? [];
  if (pypy !== undefined) return major === '3' ? { version: '14.0', orLater: true } : { version: '9.0', orLater: false };
  if (major === undefined) return null;
  // Whatever "3" will turn out to be, it is none of the old ones.
  const version = [Number(major), minor === undefined ? (major === '3' ? 99 : 7) : Number(minor)] as const;
  const era = ERAS.find(({ from }) => version[0] > from[0] || (version[0] === from[0] && version[1] >= from[1]));
  return era === undefined ? null : { version: era.compiler, orLater: era.orLater };
}

/** Of the toolchains of an image the one that a Python needs: the newest where several will do. Null if there is none. */
function chooseToolchain(wish: CompilerWish, toolchains: readonly Toolchain[]): Toolchain | null {
  const suitable = toolchains.filter(
    ({ name, version }) => name === 'msvc' && (wish.orLater ? major(version) >= major(wish.version) : major(version) === major(wish.version)),
  );
  return suitable.toSorted((one, other) => major(other.version) - major(one.version)).at(0) ?? null;
}

/** What a job's wish, `msvc` or `msvc 14.0`, comes to on an image; without a Python `msvc` is the newest. Null if the image has none that will do. */
export function toolchainFor(compiler: string, interpreter: string | null, toolchains: readonly Toolchain[]): Toolchain | null {
  const [, version] = compiler.split(' ');
  if (version !== undefined) return chooseToolchain({ version, orLater: false }, toolchains);
  if (interpreter === null) return chooseToolchain({ version: '0', orLater: true }, toolchains);
  const wish = compilerFor(interpreter);
  return wish === null ? null : chooseToolchain(wish, toolchains);
}

/** What a job needs a seat of to use it, where the installation counts those. */
export function licenseOf({ name, version }: Toolchain): string {
  return `${name} ${version.split('.').slice(0, 2).join('.')}`;
}

/** The compiler of a job, and what it is to build for and on (as `uname -m` says). */
export interface JobCompiler {
  readonly toolchain: Toolchain;
  readonly target: string;
  readonly host: string;
}

/** The compiler that a job gets on an image, with its interpreter; null if that has none that will do. */
export function jobCompiler(compiler: string, interpreter: string | null, image: ImageDescription): JobCompiler | null {
  const toolchain = toolchainFor(compiler, interpreter, image.toolchains);
  const host = image.architecture;
  return toolchain === null ? null : { toolchain, target: interpreter?.endsWith('-32') === true ? 'i686' : host, host };
}

/** Where its vcvarsall.bat is: since 2017 deeper down; the compiler for Python 2.7 has it in its own folder. Source: Microsoft, "Use the Microsoft C++ toolset from the command line". */
export function vcvarsPath({ product, version, path }: Toolchain): string {
  if (/for Python/.test(product)) return `${path}\\vcvarsall.bat`;
  return major(version) >= 15 ? `${path}\\VC\\Auxiliary\\Build\\vcvarsall.bat` : `${path}\\VC\\vcvarsall.bat`;
}

/** What vcvarsall.bat is called with. Since 2017 64 bit is called `x64`, before that `amd64`. */
export function vcvarsArgument({ toolchain, target, host }: JobCompiler): string {
  const wide = major(toolchain.version) >= 15 ? 'x64' : 'amd64';
  if (target === 'i686') return 'x86';
  if (target === 'aarch64') return host === 'aarch64' ? 'arm64' : `${wide}_arm64`;
  return wide;
}

function major(version: string): number {
  return Number.parseInt(version, 10);
}
