import { Failure, Failures, type TestRun } from './failure.ts';
import { treePath } from './tree-path.ts';

const DOUBLE = /^={70}$/;
const SINGLE = /^-{70}$/;
const HEADING = /^(FAIL|ERROR|UNEXPECTED SUCCESS): (.+)$/;
const FRAME = /^ {2}File "(.+)", line (\d+)(?:, in (.+))?$/;
const RAN = /^Ran (\d+) tests? in [\d.]+ ?s$/;
const RESULT = /^(?:OK|FAILED)(?: \((.*)\))?$/;

/**
 * Reads what unittest writes, and with it nose, Django and all else that is built on it: a title and a traceback for each test that did not pass, then `Ran N tests` and
 * the result, after which a run is over.
 */
export class UnittestReader {
  readonly runs: TestRun[] = [];
  private readonly workTree: string;
  private failures = new Failures();
  private current: Failure | null = null;
  private previous = '';
  private ran: number | null = null;
  /** Under a failure's title. */
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
    if (this.failures.kept.length > 0 || this.ran !== null) this.finish(this.ran ?? 0, '');
  }

  private begin(word: string, title: string, number: number): void {
    this.current = new Failure(nameOf(title), word === 'ERROR' ? 'errored' : 'failed', number);
    if (word === 'UNEXPECTED SUCCESS') this.current.say('It was expected to fail, and passed.');
    this.failures.add(this.current);
    this.isBelow = false;
  }

  /** The place is the last frame in the repository, or the test's own; the message is what stands below all frames. */
  private trace(failure: Failure, text: string): void {
    const [, path, line, where] = FRAME.exec(text) ?? [];
    if (path === undefined) {
      if (text.startsWith(' ') || text === '' || text === 'Traceback (most recent call last):') return;
      if (text === 'Stdout:' || text === 'Stderr:') this.current = null;
      else failure.say(text);
      return;
    }
    failure.unsay();
    const file = treePath(path, this.workTree);
    const isOwn = where !== undefined && failure.name.split(/[ (]/)[0]?.endsWith(`.${where}`) === true;
    if (file !== null) failure.place(file, Number(line), isOwn);
  }

  private afterRun(ran: number, text: string): void {
    const result = RESULT.exec(text);
    if (result !== null) this.finish(ran, result[1] ?? '');
  }

  private finish(ran: number, details: string): void {
    const counts = new Map(
      details.split(', ').map((item) => {
        const [word = '', number = '0'] = item.split('=');
        return [word.toLowerCase(), Number(number)];
      }),
    );
    const failed = Math.max((counts.get('failures') ?? 0) + (counts.get('unexpected successes') ?? 0), this.failures.count('failed'));
    const errored = Math.max(counts.get('errors') ?? 0, this.failures.count('errored'));
    const skipped = counts.get('skipped') ?? counts.get('skip') ?? 0;
    this.runs.push({ passed: Math.max(0, ran - failed - errored - skipped), failed, errored, skipped, failures: this.failures.kept });
    this.failures = new Failures();
    this.ran = null;
    this.current = null;
  }
}

/** `test_a (tests.test_b.C)` of older and `test_a (tests.test_b.C.test_a)` of newer Pythons are both `tests.test_b.C.test_a`. */
function nameOf(title: string): string {
  const [, method, place, rest = ''] = /^(\S+) \(([\w.]+)\)(.*)$/.exec(title) ?? [];
  if (method === undefined || place === undefined) return title;
  if (place.startsWith('unittest.loader.')) return method;
  return `${place.endsWith(`.${method}`) ? place : `${place}.${method}`}${rest}`;
}
