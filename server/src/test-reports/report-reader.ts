import { StringDecoder } from 'node:string_decoder';
import type { TestReport } from '#server/api';
import { CoverageLines } from './coverage.ts';
import { byLine } from './failure.ts';
import type { Findings } from './findings.ts';
import { plainLine } from './plain-line.ts';
import { PytestReader } from './pytest-reader.ts';
import { MOST_FAILURES } from './tally.ts';
import { CaseBook } from './test-case.ts';
import { UnittestReader } from './unittest-reader.ts';
import { VerboseLines } from './verbose-lines.ts';

/** A line without an end is not waited for. Characters. */
const LONGEST_LINE = 65_536;

/** Reads a log from its beginning for what test runners say in it. Takes a bounded time for each byte, and a bounded memory. */
export class ReportReader {
  private readonly decoder = new StringDecoder('utf8');
  private readonly readers: readonly [PytestReader, UnittestReader];
  private readonly cases = new CaseBook();
  private readonly coverage = new CoverageLines();
  private readonly verbose = new VerboseLines(this.cases);
  private rest = '';
  private number = 0;

  /** `workTree`: see `treePath`. */
  constructor(workTree: string) {
    this.readers = [new PytestReader(workTree), new UnittestReader(workTree)];
  }

  /** The log's next bytes. */
  push(bytes: Buffer): void {
    const lines = (this.rest + this.decoder.write(bytes)).split('\n');
    this.rest = (lines.pop() ?? '').slice(0, LONGEST_LINE);
    for (const line of lines) this.take(line);
  }

  /** What the log says. */
  end(): Findings {
    if (this.rest !== '') this.take(this.rest);
    for (const reader of this.readers) reader.end();
    return { report: this.report(), cases: this.cases.all(), isCut: this.cases.isCut, coverage: this.coverage.total, notes: [] };
  }

  /** What it says of tests; null if it says nothing of any. */
  private report(): TestReport | null {
    const tallies = this.readers.map(({ tally }) => tally).filter(({ hasRun }) => hasRun);
    if (tallies.length === 0) return null;
    const sum = (key: 'passed' | 'failed' | 'errored' | 'skipped'): number => tallies.reduce((total, tally) => total + tally[key], 0);
    const failures = tallies.flatMap((tally) => tally.failures).toSorted(byLine);
    return {
      passed: sum('passed'),
      failed: sum('failed'),
      errored: sum('errored'),
      skipped: sum('skipped'),
      failures: failures.slice(0, MOST_FAILURES).map((failure) => failure.done()),
    };
  }

  private take(line: string): void {
    const text = plainLine(line);
    for (const reader of this.readers) reader.line(text, this.number);
    this.verbose.line(text);
    this.coverage.line(text);
    this.number += 1;
  }
}
