import type { ForkOutcome, ForkPackageReport, ForkReport } from '#server/api';
import { expect, test } from 'vitest';
import { reportSentence, worstFirst } from './fork-report.ts';

function report(...outcomes: ForkOutcome[]): ForkReport {
  const packages = outcomes.map((outcome, index): ForkPackageReport => {
    return { projectId: index + 1, projectName: `p${index}`, outcome, buildId: 1, problem: null, commit: null, pairs: [] };
  });
  return { name: 'acme-3.8', upstream: '3.8', revision: 'a'.repeat(40), own: null, revisions: [], packages };
}

test.each([
  [report(), 'No package is tried on it.'],
  [{ ...report(), upstream: null }, 'It is Python as it was released, and compared with nothing.'],
  [{ ...report(), revision: null }, 'Nothing was published yet: it is once a push has been built.'],
  [report('same'), 'Its package does as well on it as on its upstream.'],
  [report('same', 'fixed'), 'All 2 packages do as well on it as on its upstream.'],
  [report('same', 'regressed', 'open'), '1 package of 3 does worse on it than on its upstream.'],
  [report('regressed', 'regressed'), '2 packages of 2 do worse on it than on its upstream.'],
  [report('same', 'open'), '1 package of 2 is still being tried; none does worse so far.'],
  [report('same', 'unknown'), 'No package does worse on it, but of 1 nothing is known.'],
])('%#: can we ship it?', (one, sentence) => {
  expect(reportSentence(one)).toBe(sentence);
});

test('what is worse comes first', () => {
  expect(worstFirst(report('same', 'fixed', 'regressed', 'unknown').packages).map(({ outcome }) => outcome)).toEqual([
    'regressed',
    'unknown',
    'fixed',
    'same',
  ]);
});
