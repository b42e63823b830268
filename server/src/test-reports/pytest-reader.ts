import { posix } from 'node:path';
import { byLine, Failure } from './failure.ts';
import { CAPTURED, CHAINED, headingOf, NATIVE_REASON, placeOf, REASON, ROOT, RULE, summaryOf, totalsOf } from './pytest-lines.ts';
import { MOST_FAILURES, Tally } from './tally.ts';
import { treePath } from './tree-path.ts';

type Outcome = Failure['outcome'];

/** A part of pytest's output; `width`: of its title's line, which is as wide as the terminal. */
interface Section {
  readonly kind: Outcome | 'summary';
  readonly width: number;
}

/** What is known of a run until its last line. */
interface Run {
  /** The first ones. */
  readonly failures: Failure[];
  readonly seen: Record<Outcome, number>;
  /** By outcome and name: those that the summary has not told of yet. */
  readonly untold: Map<string, Failure[]>;
  /** What the summary alone tells of. */
  readonly told: Failure[];
  /** Places without a title, of `--tb=line`. */
  readonly loose: { readonly file: string; readonly line: number }[];
}

/**
 * Reads what pytest writes to a terminal, of any version: the sections FAILURES and ERRORS, the short summary, and the counts of the last line, after which a run is over. What
 * tests printed stands there under a title of its own and is passed over.
 */
export class PytestReader {
  readonly tally = new Tally();
  private readonly workTree: string;
  /** pytest's root folder, a path of the repository. */
  private root = '';
  private run = newRun();
  private current: Failure | null = null;
  private section: Section | null = null;
  private isCaptured = false;
  private isNative = false;

  constructor(workTree: string) {
    this.workTree = workTree;
  }

  line(text: string, number: number): void {
    const title = RULE.exec(text)?.[1];
    const totals = this.isCaptured && title === undefined ? null : totalsOf(title ?? text);
    if (title === 'test session starts') this.begin();
    else if (title !== undefined && text.length >= (this.section?.width ?? 0)) this.enter(title, text.length, totals);
    else if (totals !== null && title === undefined) this.finish(totals);
    else if (this.section === null) this.readRoot(text);
    else if (this.section.kind === 'summary') this.summarize(text, number);
    else this.inSection(text, number, this.section.kind, this.section.width);
  }

  /** The log is over. A run without its last line was cut off. */
  end(): void {
    if (this.run.seen.failed + this.run.seen.errored + this.run.told.length > 0) this.finish(null);
  }

  private begin(): void {
    this.end();
    this.section = null;
    this.root = '';
  }

  private enter(title: string, width: number, totals: Map<string, number> | null): void {
    this.current = null;
    this.isCaptured = false;
    if (title === 'FAILURES') this.section = { kind: 'failed', width };
    else if (title === 'ERRORS') this.section = { kind: 'errored', width };
    else if (title === 'short test summary info') this.section = { kind: 'summary', width };
    else this.section = null;
    if (totals !== null) this.finish(totals);
  }

  private readRoot(text: string): void {
    const root = ROOT.exec(text)?.[1];
    if (root !== undefined) this.root = treePath(`${root}/x`, this.workTree)?.replace(/\/?x$/, '') ?? '';
  }

  private inSection(text: string, number: number, outcome: Outcome, width: number): void {
    const heading = headingOf(text, width);
    if (heading !== null) this.open(new Failure(heading, outcome, number));
    else if (this.current === null) this.noteLoose(text);
    else if (CAPTURED.test(text)) this.isCaptured = true;
    else if (!this.isCaptured) this.trace(this.current, text);
  }

  private open(failure: Failure): void {
    this.isCaptured = false;
    this.isNative = false;
    this.current = failure;
    this.run.seen[failure.outcome] += 1;
    if (this.run.failures.length === MOST_FAILURES) return;
    this.run.failures.push(failure);
    const key = `${failure.outcome} ${failure.name}`;
    this.run.untold.set(key, [...(this.run.untold.get(key) ?? []), failure]);
  }

  private noteLoose(text: string): void {
    const place = placeOf(text);
    const file = place === null ? null : this.inTree(place.path);
    if (place !== null && file !== null && this.run.loose.length < MOST_FAILURES) this.run.loose.push({ file, line: place.line });
  }

  /** The place is the first in the repository, that of the test itself in every style of traceback; of the last exception, if it came of others. */
  private trace(failure: Failure, text: string): void {
    if (CHAINED.test(text)) return failure.goOn();
    const reason = REASON.exec(text)?.[1];
    const place = placeOf(reason ?? text);
    if (place?.isNative === true && reason === undefined) this.isNative = true;
    if (reason !== undefined) failure.say(reason);
    else if (this.isNative && place === null && NATIVE_REASON.test(text)) failure.say(text);
    const file = place === null || failure.file !== null ? null : this.inTree(place.path);
    if (place !== null && file !== null) failure.place(file, place.line);
  }

  /** The summary has the test's file where a traceback had none in the repository, and tests for which there is no traceback. */
  private summarize(text: string, number: number): void {
    const told = summaryOf(text);
    if (told === null) return;
    const file = this.inTree(told.path);
    const known = this.takeUntold(`${told.outcome} ${told.name}`, file);
    if (known !== null) {
      if (known.file === null && file !== null) known.place(file, null);
    } else if (this.run.told.length < MOST_FAILURES) {
      const failure = new Failure(told.name, told.outcome, number);
      const loose = this.run.loose.findIndex((place) => place.file === file);
      if (file !== null) failure.place(file, loose === -1 ? null : (this.run.loose.splice(loose, 1)[0]?.line ?? null));
      if (told.why !== '') failure.say(told.why);
      this.run.told.push(failure);
    }
  }

  /** Of several tests of one name that of the same file, if there is one. */
  private takeUntold(key: string, file: string | null): Failure | null {
    const found = this.run.untold.get(key);
    if (found === undefined || found.length === 0) return null;
    const same =
      file === null
        ? -1
        : found.findIndex((one) => one.file !== null && posix.basename(one.file) === posix.basename(file) && endsAlike(one.file, file));
    return found.splice(Math.max(same, 0), 1)[0] ?? null;
  }

  /** Paths are relative to the folder in which pytest was called: the root folder, or one above it, where they begin with its name. */
  private inTree(path: string): string | null {
    const isAbove = this.root !== '' && path.replaceAll('\\', '/').startsWith(`${this.root}/`);
    return treePath(path, this.workTree, isAbove ? '' : this.root);
  }

  /** `totals` null: there are none, and what was seen is all that there was. */
  private finish(totals: ReadonlyMap<string, number> | null): void {
    const { failures, seen, told } = this.run;
    const missing = (outcome: Outcome): number => (totals === null ? told.length : Math.max(0, countOf(totals, outcome) - seen[outcome]));
    const added = (['failed', 'errored'] as const).flatMap((outcome) => told.filter((one) => one.outcome === outcome).slice(0, missing(outcome)));
    const least = (outcome: Outcome): number => seen[outcome] + (totals === null ? added.filter((one) => one.outcome === outcome).length : 0);
    this.tally.keep([...failures, ...added].toSorted(byLine));
    this.tally.add({
      passed: sum(totals, 'passed', 'xfailed', 'xpassed'),
      failed: Math.max(countOf(totals, 'failed'), least('failed')),
      errored: Math.max(countOf(totals, 'errored'), least('errored')),
      skipped: sum(totals, 'skipped'),
    });
    this.run = newRun();
    this.current = null;
    this.section = null;
    this.isCaptured = false;
    this.root = '';
  }
}

function newRun(): Run {
  return { failures: [], seen: { failed: 0, errored: 0 }, untold: new Map(), told: [], loose: [] };
}

function endsAlike(one: string, other: string): boolean {
  return one === other || one.endsWith(`/${other}`) || other.endsWith(`/${one}`);
}

function countOf(totals: ReadonlyMap<string, number> | null, outcome: Outcome): number {
  return outcome === 'failed' ? sum(totals, 'failed') : sum(totals, 'error', 'errors');
}

function sum(totals: ReadonlyMap<string, number> | null, ...words: string[]): number {
  return words.reduce((total, word) => total + (totals?.get(word) ?? 0), 0);
}
