import { Failure } from './failure.ts';
import { MOST_FAILURES, Tally } from './tally.ts';
import { treePath } from './tree-path.ts';

const DOUBLE = /^={70}$/;
const SINGLE = /^-{70}$/;
const HEADING = /^(FAIL|ERROR|UNEXPECTED SUCCESS): (.+)$/;
const FRAME = /^ {2}File "([^"]+)", line (\d+)(?:, in (.+))?$/;
const RAN = /^Ran (\d+) tests? in [\d.]+ ?s$/;
const RESULT = /^(OK|FAILED|NO TESTS RAN)(?: \((.*)\))?$/;
/** What a test printed follows, or what something else has to say: unittest's words, nose's, coverage's. */
const OTHER = /^(?:Stdout:|Stderr:|-+ >> begin captured .*|Name +Stmts +.*)$/;
const TITLE = /^(\S+) \(([\w.]+)\)(.*)$/;
/** So many methods are told apart. */
const MOST_METHODS = 10_000;

/** What is known of a run until its result. */
interface Run {
  /** The first ones. */
  readonly failures: Failure[];
  readonly seen: Record<Failure['outcome'], number>;
  /** Tests that did not pass: one may fail in several of its parts. What prepares a class or a module is no test. */
  readonly methods: Set<string>;
}

/**
 * Reads what unittest writes, and with it nose, Django and all else that is built on it: a title and a traceback for each test that did not pass, then `Ran N tests` and
 * the result, after which a run is over.
 */
export class UnittestReader {
  readonly tally = new Tally();
  private readonly workTree: string;
  private run = newRun();
  private current: Failure | null = null;
  private previous = '';
  /** How many ran, once that is told. */
  private ran: number | null = null;
  /** Under the line below a failure's title. */
  private isBelow = false;

  constructor(workTree: string) {
    this.workTree = workTree;
  }

  line(text: string, number: number): void {
    const heading = DOUBLE.test(this.previous) ? HEADING.exec(text) : null;
    const ran = SINGLE.test(this.previous) ? RAN.exec(text) : null;
    if (heading !== null) this.begin(heading[1] ?? '', heading[2] ?? '', number);
    else if (ran !== null) [this.ran, this.current] = [Number(ran[1]), null];
    else if (this.ran !== null) this.afterRun(this.ran, text);
    else if (DOUBLE.test(text)) this.current = null;
    else if (SINGLE.test(text)) this.isBelow = true;
    else if (this.current !== null && this.isBelow) this.trace(this.current, text);
    this.previous = text;
  }

  /** The log is over. A run without its result was cut off. */
  end(): void {
    if (this.run.seen.failed + this.run.seen.errored > 0 || this.ran !== null) this.finish(this.ran ?? 0, false, '');
  }

  private begin(word: string, title: string, number: number): void {
    // A run whose result has words of its own.
    if (this.ran !== null) this.end();
    const outcome = word === 'ERROR' ? 'errored' : 'failed';
    this.current = new Failure(nameOf(title), outcome, number);
    this.isBelow = false;
    if (word === 'UNEXPECTED SUCCESS') this.current.say('It was expected to fail, and passed.');
    else this.run.seen[outcome] += 1;
    if (this.run.failures.length < MOST_FAILURES) this.run.failures.push(this.current);
    const method = this.current.name.split(' ')[0] ?? '';
    if (!/(?:^|\.)(?:setUp|tearDown)(?:Class|Module)$/.test(method) && this.run.methods.size < MOST_METHODS) this.run.methods.add(method);
  }

  /** The place is that of the test itself, else the last frame in the repository; the message is what stands below all frames. */
  private trace(failure: Failure, text: string): void {
    const [, path, line, where] = FRAME.exec(text) ?? [];
    if (path !== undefined) {
      failure.unsay();
      const file = treePath(path, this.workTree);
      const isOwn = where !== undefined && failure.name.split(' ')[0]?.endsWith(`.${where}`) === true;
      if (file !== null) failure.place(file, Number(line), isOwn);
    } else if (OTHER.test(text)) this.current = null;
    else if (text !== '' && !text.startsWith(' ') && text !== 'Traceback (most recent call last):') failure.say(text);
  }

  private afterRun(ran: number, text: string): void {
    const [, word, details = ''] = RESULT.exec(text) ?? [];
    if (word !== undefined) this.finish(ran, word === 'FAILED', details);
  }

  /** Before Python 3.4 a run was fine although something passed that should have failed. */
  private finish(ran: number, hasFailed: boolean, details: string): void {
    const counts = countsOf(details);
    const unexpected = hasFailed ? (counts.get('unexpected successes') ?? 0) : 0;
    const failed = Math.max(counts.get('failures') ?? 0, this.run.seen.failed) + unexpected;
    const errored = Math.max(counts.get('errors') ?? 0, this.run.seen.errored);
    const skipped = counts.get('skipped') ?? counts.get('skip') ?? 0;
    const bad =
      this.run.methods.size === 0 ? failed + errored : Math.max(this.run.methods.size, this.run.methods.size === MOST_METHODS ? failed + errored : 0);
    this.tally.keep(this.run.failures);
    this.tally.add({ passed: Math.max(0, ran - bad - skipped), failed, errored, skipped });
    this.run = newRun();
    this.ran = null;
    this.current = null;
  }
}

function newRun(): Run {
  return { failures: [], seen: { failed: 0, errored: 0 }, methods: new Set() };
}

function countsOf(details: string): Map<string, number> {
  return new Map(
    details.split(', ').map((item) => {
      const [word = '', number = '0'] = item.split('=');
      return [word.toLowerCase(), Number(number)];
    }),
  );
}

/** `test_a (tests.test_b.C)` of older and `test_a (tests.test_b.C.test_a)` of newer Pythons are both `tests.test_b.C.test_a`. */
function nameOf(title: string): string {
  const [, method, place, rest = ''] = TITLE.exec(title) ?? [];
  if (method === undefined || place === undefined) return title;
  if (place.startsWith('unittest.loader.')) return method;
  return `${place.endsWith(`.${method}`) ? place : `${place}.${method}`}${rest}`;
}
