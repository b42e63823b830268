import { GitFailure } from './git-errors.ts';
import { Program } from './program.ts';

/** Runs the git program. A run that ends with another code than 0 throws `GitFailure`. */
export class GitProgram extends Program {
  constructor(program: string, timeoutMs: number) {
    const failure = (action: string, code: number, detail: string): GitFailure => new GitFailure(action, code, detail);
    super({ title: 'git', program, remedy: 'install git 2.20 or newer', timeoutMs, failure });
  }
}
