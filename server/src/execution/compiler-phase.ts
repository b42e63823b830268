import type { AgentPhase } from '#agents/api';
import { type JobCompiler, vcvarsArgument, vcvarsPath } from '../toolchains/msvc.ts';

/**
 * What a Windows machine does before the job's own commands: takes over the environment of vcvarsall.bat, and tells distutils and setuptools to use it instead of looking for a compiler
 * themselves. `MSSdk` is what Pythons before 3.5 ask besides. Source: distutils' msvc9compiler.py and _msvccompiler.py.
 */
export function compilerPhase(compiler: JobCompiler | null): AgentPhase[] {
  if (compiler === null) return [];
  const { toolchain, target } = compiler;
  const argument = vcvarsArgument(compiler);
  // Its path cannot hold what cmd takes for more than a letter: see `Toolchain`.
  const commands = [
    { title: `${toolchain.product} for ${target}`, run: `call "${vcvarsPath(toolchain)}" ${argument}`, shell: 'cmd' as const },
    { title: 'set DISTUTILS_USE_SDK=1 and MSSdk=1', run: 'set "DISTUTILS_USE_SDK=1"\nset "MSSdk=1"', shell: 'cmd' as const },
  ];
  return [{ name: 'compiler', when: 'always', onFailure: 'error', commands }];
}
