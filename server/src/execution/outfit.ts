import type { Interpreter } from '#plugins/api';
import { demandOf, isAtLeast, type IsolationRules, orBetter, whoDemands } from '../builds/isolation-demand.ts';
import type { InterpreterCache } from '../forks/interpreter-cache.ts';
import type { FoundMachine } from '../machines/machine-pools.ts';
import type { JobCompiler } from '../toolchains/msvc.ts';
import { goneSince, type LoadedAttempt } from './load-attempt.ts';
import { type ProviderParts, type Provisions, provisionsFor } from './provisions.ts';
import { interpreterFiles } from './unpacked-interpreter.ts';

/** What an attempt finds on its machine, and what is brought there for it. */
export interface Outfit {
  readonly interpreter: Interpreter | null;
  readonly compiler: JobCompiler | null;
  readonly provisions: Provisions;
}

export interface OutfitParts {
  readonly provider: ProviderParts;
  readonly interpreters: InterpreterCache;
  /** What the installation demands of machines. */
  readonly isolation: IsolationRules;
}

/** Puts together what an attempt runs with; or says why it must not run on that machine, in words. Of one that is cancelled nothing is run, so that nothing is asked of its machine. */
export async function outfitOf(
  attempt: LoadedAttempt,
  machine: FoundMachine,
  isCancelled: boolean,
  parts: OutfitParts,
): Promise<Outfit | { readonly problem: string }> {
  const weakness = isCancelled ? null : tooWeak(attempt, machine, parts.isolation);
  if (weakness !== null) return { problem: weakness };
  const provisions = await provisionsFor(attempt, parts.provider);
  if ('problem' in provisions) return provisions;
  const interpreter = machine.interpreterFor(attempt.spec.requirements.interpreter);
  const compiler = machine.compilerFor(attempt.spec.requirements);
  const gone = isCancelled ? null : goneSince(attempt, interpreter, compiler);
  if (gone !== null) return { problem: gone };
  const files = [...provisions.files, ...interpreterFiles(interpreter, (archive) => parts.interpreters.fileOf(archive))];
  return { interpreter, compiler, provisions: { ...provisions, files } };
}

/**
 * Why the attempt must not run on that machine, in words; null if it may. No plan pairs them so: this holds where a demand has grown since, or an image was
 * replaced by another of its name. It holds for what runs already, too, when a server takes it over.
 */
function tooWeak({ isolation }: LoadedAttempt, { image }: FoundMachine, rules: IsolationRules): string | null {
  const demand = demandOf(rules, isolation);
  const actual = image?.isolation ?? 'none';
  if (isAtLeast(actual, demand.level)) return null;
  return `its machine is kept apart as ${actual}, not as ${orBetter(demand.level)}, which ${whoDemands(demand)}`;
}
