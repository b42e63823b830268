import { Program } from '#plugins/kit/program';
import { HgFailure } from './hg-errors.ts';

/** Runs the hg program. A run that ends with another code than 0 throws `HgFailure`. */
export class HgProgram extends Program {
  constructor(program: string, timeoutMs: number) {
    const failure = (action: string, code: number, detail: string): HgFailure => new HgFailure(action, code, detail);
    super({ title: 'hg', program, remedy: 'install Mercurial 5.3 or newer', timeoutMs, failure });
  }
}
