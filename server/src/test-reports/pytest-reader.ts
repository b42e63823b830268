import { posix } from 'node:path';
import { Failure, Failures, type TestRun } from './failure.ts';
import { treePath } from './tree-path.ts';

/** A title between equals signs, which fill the line. */
const RULE = /^={3,} (.+?) ={3,}$/;
/** A test's title between underscores. Where the title is long there is only one on either side. */
const HEADING = /^_+ (.+?) _+$/;
/** `tests/test_a.py:12: ValueError`, `tests/test_a.py:12: in test_b`; nothing behind it where another frame follows. */
const PLACE = /^((?:[A-Za-z]:)?[^\s:][^:]*):(\d+):(?: .*)?$/;
const REASON = /^E(?: {3,}|$)(.*)$/;
/** A parameter may hold what stands before the reason. */
const SUMMARY = /^(FAILED|ERROR) ((?:[^[]|\[[^\]]*\])+?)(?: - (.*))?$/;
/** The last line of a traceback as Python itself writes it. */
const NATIVE_REASON = /^[A-Za-z_][\w.]*(?:Error|Exception|Warning|Failure|Exit|Interrupt)(?::.*)?$/;
const ROOT = /^rootdir: (.+?)(?:, (?:inifile|configfile|testpaths|plugins)\b.*)?$/;
const COUNTS = /(\d+) ([a-z]+)/g;
const TOTALS = /^(?:\d+ [a-z]+(?:, )?)+ in [\d.]+ ?s/;

/**
 * Reads what pytest writes to a terminal, of any version: sections FAILURES and ERRORS, the short summary, and the counts of the last line, after which a run is over. What tests
 * printed stands there under a title of its own and is passed over.
 */
export class PytestReader {
  readonly runs: TestRun[] = [];
  private readonly workTree: string;
  private root = '';
  private failures = new Failures();
  private current: Failure | null = null;
  /** The section that we are in; its title's line is as wide as the terminal. */
  private section: { readonly outcome: Failure['outcome']; readonly width: number } | 'summary' | null = null;
  private isCaptured = false;

  constructor(workTree: string) {
    this.workTree = workTree;
  }

  line(text: string, number: number): void {
    const rule = RULE.exec(text)?.[1];
    if (rule !== undefined || TOTALS.test(text)) this.title(rule ?? text, text.length);
    else if (this.section === null) this.beforeSections(text);
    else if (this.section === 'summary') this.summarize(text, number);
    else this.inSection(text, number, this.section);
  }

  /** The log is over. A run without its last line was cut off. */
  end(): void {
    if (this.failures.kept.length > 0) this.finish(new Map());
  }

  private title(title: string, width: number): void {
    this.current = null;
    if (title === 'FAILURES') this.section = { outcome: 'failed', width };
    else if (title === 'ERRORS') this.section = { outcome: 'errored', width };
    else if (title === 'short test summary info') this.section = 'summary';
    else this.section = null;
    if (title === 'test session starts') this.end();
    if (TOTALS.test(title)) this.finish(countsOf(title));
  }

  private beforeSections(text: string): void {
    const root = ROOT.exec(text)?.[1];
    if (root !== undefined) this.root = treePath(`${root}/x`, this.workTree)?.replace(/\/?x$/, '') ?? '';
  }

  private inSection(text: string, number: number, { outcome, width }: { readonly outcome: Failure['outcome']; readonly width: number }): void {
    const heading = HEADING.exec(text)?.[1];
    if (heading !== undefined && text.length >= width && !/^[_ ]+$/.test(heading)) {
      this.begin(heading.replace(/^ERROR (?:collecting|at setup of|at teardown of) /, ''), outcome, number);
      return;
    }
    if (this.current === null) return;
    if (/^-{3,} .+ -{3,}$/.test(text)) this.isCaptured = true;
    if (this.isCaptured) return;
    const reason = REASON.exec(text);
    if (reason !== null) this.current.say(reason[1] ?? '');
    else if (NATIVE_REASON.test(text)) this.current.say(text);
    else this.locate(this.current, text);
  }

  private begin(name: string, outcome: Failure['outcome'], number: number): void {
    this.current = new Failure(name, outcome, number);
    this.failures.add(this.current);
    this.isCaptured = false;
  }

  /** The first place in the repository: that of the test itself, in every style of traceback. */
  private locate(failure: Failure, text: string): void {
    if (failure.file !== null) return;
    const [, path, line] = PLACE.exec(text) ?? /^ {2}File "(.+)", line (\d+)/.exec(text) ?? [];
    const file = path === undefined ? null : treePath(path, this.workTree, this.root);
    if (file !== null) failure.place(file, Number(line));
  }

  /** `FAILED tests/test_a.py::TestB::test_c - why`: the path is one of the root folder, whatever folder pytest was called in. */
  private summarize(text: string, number: number): void {
    const [, word, id, why] = SUMMARY.exec(text) ?? [];
    if (word === undefined || id === undefined) return;
    const [path = '', ...names] = id.split('::');
    const name = names.length === 0 ? path : names.join('.');
    const outcome = word === 'ERROR' ? 'errored' : 'failed';
    const file = treePath(path, this.workTree, this.root);
    const known = this.failures.kept.find((one) => isMeant(one, name, outcome));
    if (known === undefined && this.failures.isFull) return;
    if (known === undefined) {
      const failure = new Failure(name, outcome, number);
      if (file !== null) failure.place(file, null);
      if (why !== undefined) failure.say(why);
      this.failures.add(failure);
    } else if (file !== null && (known.file === null || posix.basename(known.file) === posix.basename(file))) known.place(file, known.line);
  }

  private finish(counts: ReadonlyMap<string, number>): void {
    const count = (...words: string[]): number => words.reduce((sum, word) => sum + (counts.get(word) ?? 0), 0);
    this.runs.push({
      passed: count('passed', 'xfailed', 'xpassed'),
      failed: Math.max(count('failed'), this.failures.count('failed')),
      errored: Math.max(count('error', 'errors'), this.failures.count('errored')),
      skipped: count('skipped'),
      failures: this.failures.kept,
    });
    this.failures = new Failures();
    this.root = '';
  }
}

/** What the summary cuts short, a long parameter, say, still begins alike. */
function isMeant(failure: Failure, name: string, outcome: Failure['outcome']): boolean {
  return failure.outcome === outcome && (failure.name === name || (name.includes('[') && failure.name.startsWith(name)));
}

function countsOf(title: string): Map<string, number> {
  return new Map([...title.matchAll(COUNTS)].map(([, number, word = '']) => [word, Number(number)]));
}
