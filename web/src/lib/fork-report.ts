import type { ForkOutcome, ForkPackageReport, ForkReport } from '#server/api';
import { count } from './numbers.ts';
import type { StatusLook } from './status.ts';

/** How an outcome looks: what is the same is good news here. */
export const FORK_LOOK: Record<ForkOutcome, StatusLook> = {
  same: { shape: 'check', tone: 'pass', word: 'same' },
  regressed: { shape: 'cross', tone: 'fail', word: 'regressed' },
  fixed: { shape: 'disc', tone: 'pass', word: 'fixed' },
  open: { shape: 'arc', tone: 'run', word: 'running' },
  unknown: { shape: 'dash', tone: 'idle', word: 'not known' },
};

const NEWS: readonly ForkOutcome[] = ['regressed', 'open', 'unknown', 'fixed', 'same'];

/** Can we ship it? In a sentence. */
export function reportSentence({ revision, packages, upstream }: ForkReport): string {
  if (revision === null) return 'Nothing was published yet: it is once a push has been built.';
  if (upstream === null) return 'It is Python as it was released, and compared with nothing.';
  if (packages.length === 0) return 'No package is tried on it.';
  const of = (outcome: ForkOutcome): number => packages.filter((one) => one.outcome === outcome).length;
  const [regressed, open, unknown] = [of('regressed'), of('open'), of('unknown')];
  if (regressed > 0)
    return `${count(regressed, 'package')} of ${packages.length} ${regressed === 1 ? 'does' : 'do'} worse on it than on its upstream.`;
  if (open > 0) return `${count(open, 'package')} of ${packages.length} ${open === 1 ? 'is' : 'are'} still being tried; none does worse so far.`;
  if (unknown > 0) return `No package does worse on it, but of ${unknown} nothing is known.`;
  return packages.length === 1
    ? 'Its package does as well on it as on its upstream.'
    : `All ${packages.length} packages do as well on it as on its upstream.`;
}

/** What somebody must look at first. */
export function worstFirst(packages: readonly ForkPackageReport[]): ForkPackageReport[] {
  return packages.toSorted((one, other) => NEWS.indexOf(one.outcome) - NEWS.indexOf(other.outcome));
}
