import { readableText } from '../builds/storable.ts';
import { Failure } from './failure.ts';
import { plainLine } from './plain-line.ts';
import { Tally } from './tally.ts';
import type { CaseBook, TestOutcome } from './test-case.ts';
import { readTrace } from './trace-text.ts';
import { treePath } from './tree-path.ts';
import type { XmlTarget } from './xml-reader.ts';

const LONGEST_NAME = 500;
/** Of a failure's text so much is looked at. Characters. */
const LONGEST_TEXT = 65_536;
/** pytest's own word for a test that failed as it was expected to: it has done what it should. */
const EXPECTED = 'pytest.xfail';

type Attributes = Readonly<Record<string, string>>;

/** What is known of the test that is being read. */
interface Current {
  readonly attributes: Attributes;
  outcome: TestOutcome;
  /** The attributes and text of what tells how it failed; null: it did not. */
  trouble: { readonly attributes: Attributes; text: string } | null;
}

/** What a suite itself says it counts, and what was counted of it. */
interface Suite {
  readonly told: { readonly failed: number; readonly errored: number };
  failed: number;
  errored: number;
}

/** What a reader is given besides the document. */
export interface JunitContext {
  /** See `treePath`. */
  readonly workTree: string;
  /** Takes secrets out of a text, before any of it is cut off. */
  readonly mask: (text: string) => string;
  readonly cases: CaseBook;
  readonly tally: Tally;
}

/**
 * Reads a test report of the kind that began with JUnit, as pytest (both families), unittest-xml-reporting, nose and CPython's own test runner write it. There is no standard: a test is
 * a `testcase` with a name, and it passed unless something in it says otherwise.
 */
export class JunitReader implements XmlTarget {
  private readonly suites: Suite[] = [];
  private current: Current | null = null;
  /** The element of the test that tells how it came out, while it is open. */
  private inside: string | null = null;
  private outcomeText = '';

  constructor(private readonly context: JunitContext) {
    context.tally.hasRun = true;
  }

  open(name: string, attributes: Attributes): void {
    if (name === 'testsuite') this.suites.push({ told: toldBy(attributes), failed: 0, errored: 0 });
    else if (name === 'testcase') this.current = { attributes, outcome: 'passed', trouble: null };
    else if (this.current !== null && this.inside === null) this.detail(this.current, name, attributes);
  }

  text(text: string): void {
    if (this.inside === 'outcome') this.outcomeText = (this.outcomeText + text).slice(0, LONGEST_NAME);
    else if (this.inside !== null && this.inside !== 'skipped' && this.current?.trouble) {
      const { trouble } = this.current;
      if (trouble.text.length < LONGEST_TEXT) trouble.text += text.slice(0, LONGEST_TEXT - trouble.text.length);
    }
  }

  close(name: string): void {
    if (name === 'testsuite') this.endSuite();
    else if (name === 'testcase' && this.current !== null) this.endCase(this.current);
    else if (name === this.inside) {
      if (name === 'outcome' && this.current !== null) this.endOutcome(this.current);
      this.inside = null;
    }
  }

  private detail(current: Current, name: string, attributes: Attributes): void {
    if (name === 'failure' || name === 'error') {
      // A test may fail, and its clean-up after it: the first is told, the worse one counts.
      if (current.outcome !== 'errored') current.outcome = name === 'error' ? 'errored' : 'failed';
      if (current.trouble !== null) return;
      current.trouble = { attributes, text: '' };
    } else if (name === 'skipped') {
      if (current.outcome === 'passed' && attributes['type'] !== EXPECTED) current.outcome = 'skipped';
    } else if (name === 'outcome') this.outcomeText = '';
    else return;
    this.inside = name;
  }

  /** CPython's runner says so of a test that should have failed. */
  private endOutcome(current: Current): void {
    if (this.outcomeText.trim() !== 'UNEXPECTED_SUCCESS' || current.trouble !== null) return;
    current.outcome = 'failed';
    current.trouble = { attributes: { message: 'It was expected to fail, and passed.' }, text: '' };
  }

  /** One without a name is a leftover of CPython's runner: its suite counts what it stands for. */
  private endCase({ attributes, outcome, trouble }: Current): void {
    this.current = null;
    this.inside = null;
    const name = this.nameOf(attributes);
    if (name === '') return;
    this.context.cases.add(name.slice(0, LONGEST_NAME), outcome, millisecondsOf(attributes['time']));
    this.context.tally.add({ passed: 0, failed: 0, errored: 0, skipped: 0, [outcome]: 1 });
    const suite = this.suites.at(-1);
    if (suite !== undefined && (outcome === 'failed' || outcome === 'errored')) suite[outcome] += 1;
    if (trouble !== null && (outcome === 'failed' || outcome === 'errored') && this.context.tally.hasRoom)
      this.context.tally.keep([this.failureOf(name, outcome, attributes, trouble)]);
  }

  private failureOf(name: string, outcome: Failure['outcome'], attributes: Attributes, trouble: NonNullable<Current['trouble']>): Failure {
    const { workTree, mask } = this.context;
    const failure = new Failure(name, outcome, null);
    readTrace(failure, mask(withoutCut(trouble.text)), mask(trouble.attributes['message'] ?? ''), workTree);
    const file = attributes['file'] === undefined ? null : treePath(mask(plainLine(attributes['file'])), workTree);
    if (failure.file === null && file !== null) failure.place(file, null);
    return failure;
  }

  private nameOf({ classname = '', name = '' }: Attributes): string {
    return readableText(plainLine(this.context.mask(classname === '' ? name : `${classname}.${name}`).replaceAll(/[\r\n]+/g, ' ')).trim());
  }

  /** What a suite counts and does not list, failed parts of tests for example, counts all the same. */
  private endSuite(): void {
    const suite = this.suites.pop();
    if (suite === undefined) return;
    const [failed, errored] = [Math.max(suite.failed, suite.told.failed), Math.max(suite.errored, suite.told.errored)];
    this.context.tally.add({ passed: 0, failed: failed - suite.failed, errored: errored - suite.errored, skipped: 0 });
    const outer = this.suites.at(-1);
    if (outer === undefined) return;
    outer.failed += failed;
    outer.errored += errored;
  }
}

/** The last line of what was cut off may end within a secret. */
function withoutCut(text: string): string {
  return text.length < LONGEST_TEXT ? text : text.slice(0, Math.max(0, text.lastIndexOf('\n')));
}

function toldBy(attributes: Attributes): Suite['told'] {
  return { failed: countOf(attributes['failures']), errored: countOf(attributes['errors']) };
}

function countOf(text = ''): number {
  return /^\d{1,7}$/.test(text) ? Number(text) : 0;
}

/** Seconds as they are written, `0.012`, `1,234.5` or `1e-05`. */
function millisecondsOf(text: string | undefined): number | null {
  const seconds = text === undefined || text.trim() === '' ? Number.NaN : Number(text.replaceAll(',', ''));
  return Number.isFinite(seconds) ? Math.round(seconds * 1000) : null;
}
