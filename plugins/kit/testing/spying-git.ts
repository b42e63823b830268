import { spyingProgram, type SpyingProgram } from '../../../test/support/spying-program.ts';

/** A git that writes down how it was called: see `spyingProgram`. */
export function spyingGit(folder: string, options?: { readonly processes: boolean }): Promise<SpyingProgram> {
  return spyingProgram('git', folder, options);
}
