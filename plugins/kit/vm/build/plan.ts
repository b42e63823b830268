import { posix } from 'node:path';
import { type ImageRecipe, PluginError } from '#plugins/api';
import { INTERPRETERS, type InterpreterSource } from './interpreters.ts';
import { type DebianArchitecture, type Suite, SUITES, debianArchitecture, suiteOf } from './suites.ts';

/** One Debian system in an image: the base, or one below `/opt/suites` for interpreters that the base does not have. */
export interface TreePlan {
  readonly suite: Suite;
  readonly architecture: DebianArchitecture;
  /** `trixie`, `bullseye-i386`: the folder below `/opt/suites`. Null for the base. */
  readonly folder: string | null;
  readonly packages: readonly string[];
}

/** One interpreter in an image. */
export interface InterpreterPlan {
  readonly name: string;
  readonly source: InterpreterSource;
  /** See `TreePlan`. */
  readonly tree: string | null;
  /** What jobs start; absolute. */
  readonly path: string;
}

/** All that an image is made of. */
export interface ImagePlan {
  readonly base: TreePlan;
  readonly others: readonly TreePlan[];
  readonly interpreters: readonly InterpreterPlan[];
  readonly diskBytes: number;
}

/** What C extensions and most build steps need. */
const COMPILERS = ['gcc', 'g++', 'make', 'libc6-dev'];

/** What every base system has beside Debian's essential packages. */
const BASE = [
  ...COMPILERS,
  'bash',
  'busybox-static',
  'bzip2',
  'ca-certificates',
  'curl',
  'e2fsprogs',
  'git',
  'iproute2',
  'kmod',
  'mercurial',
  'mount',
  'openssh-server',
  'patch',
  'procps',
  'sudo',
  'unzip',
  'xz-utils',
];

/** What every other system has: jobs see it alone while its interpreters run. */
const OTHER = [...COMPILERS, 'bash', 'bzip2', 'ca-certificates', 'curl', 'git', 'patch', 'procps', 'unzip', 'xz-utils'];

/** What a recipe means. Pure; throws `invalid` with all that is possible. */
export function planImage(recipe: ImageRecipe): ImagePlan {
  const suite = suiteOf(recipe.system);
  const architecture = debianArchitecture(recipe.architecture);
  const wanted = [...new Set(recipe.interpreters.map((name) => name.trim().toLowerCase()))];
  const interpreters = wanted.map((name) => planInterpreter(name, suite, architecture));
  const packagesOf = (folder: string | null): string[] =>
    interpreters.filter(({ tree }) => tree === folder).flatMap(({ source, suite: own }) => [...source.packages, ...(source.extra?.[own.name] ?? [])]);
  const others = [...new Map(interpreters.flatMap((one) => (one.tree === null ? [] : [[one.tree, one] as const]))).entries()];
  return {
    base: { suite, architecture, folder: null, packages: sorted([...BASE, ...recipe.packages, ...packagesOf(null)]) },
    others: others.map(([folder, one]) => ({
      suite: one.suite,
      architecture: one.architecture,
      folder,
      packages: sorted([...OTHER, ...packagesOf(folder)]),
    })),
    interpreters: interpreters.map(({ name, source, tree, path }) => ({ name, source, tree, path })),
    diskBytes: recipe.diskGigabytes * 1024 ** 3,
  };
}

function planInterpreter(
  name: string,
  base: Suite,
  baseArchitecture: DebianArchitecture,
): InterpreterPlan & Pick<TreePlan, 'suite' | 'architecture'> {
  const is32 = name.endsWith('-32');
  if (is32 && baseArchitecture === 'i386')
    throw new PluginError('invalid', `On a 32-bit system all interpreters have 32 bits: write ${name.slice(0, -3)}, without the -32.`);
  const source = sourceOf(is32 ? name.slice(0, -3) : name, name);
  const architecture = is32 ? 'i386' : baseArchitecture;
  const suite = source.suites.includes(base.name) ? base : SUITES.find((one) => one.name === source.suites[0]);
  if (!suite) throw new Error(`The table of interpreters names an unknown suite for ${name}.`);
  if (suite === base && architecture === baseArchitecture) return { name, source, tree: null, path: source.program, suite, architecture };
  const tree = architecture === 'i386' ? `${suite.name}-i386` : suite.name;
  return { name, source, tree, path: `/opt/python/${name}/bin/${posix.basename(source.program)}`, suite, architecture };
}

function sourceOf(key: string, name: string): InterpreterSource {
  const source = Object.hasOwn(INTERPRETERS, key) ? INTERPRETERS[key] : undefined;
  if (source) return source;
  const known = Object.keys(INTERPRETERS).join(', ');
  throw new PluginError('invalid', `Debian has no interpreter "${name}". It has: ${known}; of each a 32-bit one, with -32 behind, as in 3.11-32.`);
}

function sorted(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}
