import type { Toolchain } from '#plugins/api';
import { isAtLeast } from '../builds/isolation-demand.ts';
import { matchInterpreter, sameInterpreters } from './match-interpreter.ts';
import { toolchainFor } from '../toolchains/msvc.ts';
import type { InterpreterMatch, PlanPool, Wanted } from './plan-types.ts';

/** Names of one architecture that `uname -m` and people use. */
const ARCHITECTURE_NAMES: ReadonlyMap<string, string> = new Map([
  ['amd64', 'x86_64'],
  ['x64', 'x86_64'],
  ['arm64', 'aarch64'],
  ['i386', 'i686'],
  ['i586', 'i686'],
  ['x86', 'i686'],
]);

/** A pool that can run a job, and the interpreter that the job gets there; null if it needs none. */
export interface Fit<Pool extends PlanPool> {
  readonly pool: Pool;
  readonly match: InterpreterMatch | null;
  /** The compiler that is set up for it; null: it wants none. */
  readonly toolchain: Toolchain | null;
}

/** Finds the pools that fit what a job wants, in the order of `pools`; the same is worked out once. */
export function fitter<Pool extends PlanPool>(pools: readonly Pool[]): (wanted: Wanted) => readonly Fit<Pool>[] {
  const known = new Map<string, readonly Fit<Pool>[]>();
  return (requirements) => {
    const { system, architecture, interpreter, image, compiler, isolation } = requirements;
    const key = `${system}\n${architecture ?? ''}\n${interpreter ?? ''}\n${image ?? ''}\n${compiler ?? ''}\n${isolation.level}`;
    const found = known.get(key) ?? fittingPools(pools, requirements);
    known.set(key, found);
    return found;
  };
}

/**
 * Of all pools with the right kind of machine the wish for an interpreter is settled once, so that `3` means the same Python wherever the job
 * runs; then those fit that have it.
 */
function fittingPools<Pool extends PlanPool>(pools: readonly Pool[], requirements: Wanted): Fit<Pool>[] {
  const kind = pools.filter((pool) => isRightKind(pool, requirements));
  if (requirements.interpreter === null) return kind.flatMap((pool) => equipped(pool, null, requirements));
  const wanted = requirements.interpreter;
  const settled = matchInterpreter(
    wanted,
    kind.map((pool) => pool.image),
  );
  if (settled === null) return [];
  return kind.flatMap((pool) => {
    const match = matchInterpreter(wanted, [sameInterpreters(pool.image, settled.interpreter)]);
    return match === null ? [] : equipped(pool, match, requirements);
  });
}

/** The pool, if it has the compiler that is wanted. */
function equipped<Pool extends PlanPool>(pool: Pool, match: InterpreterMatch | null, { compiler }: Wanted): Fit<Pool>[] {
  if (compiler === undefined) return [{ pool, match, toolchain: null }];
  const toolchain = toolchainFor(compiler, match?.interpreter.name ?? null, pool.image.toolchains);
  return toolchain === null ? [] : [{ pool, match, toolchain }];
}

function isRightKind({ name, image }: PlanPool, wanted: Wanted): boolean {
  if (!isAtLeast(image.isolation, wanted.isolation.level)) return false;
  if (image.system.toLowerCase() !== wanted.system.toLowerCase()) return false;
  if (wanted.architecture !== null && architectureName(image.architecture) !== architectureName(wanted.architecture)) return false;
  return wanted.image === null || wanted.image === image.image || wanted.image === name;
}

function architectureName(name: string): string {
  const lower = name.toLowerCase();
  return ARCHITECTURE_NAMES.get(lower) ?? lower;
}
