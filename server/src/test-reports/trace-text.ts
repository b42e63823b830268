import type { Failure } from './failure.ts';
import { plainLine } from './plain-line.ts';
import { CAPTURED, CHAINED, placeOf, REASON } from './pytest-lines.ts';
import { treePath } from './tree-path.ts';

const BEGIN = 'Traceback (most recent call last):';
/** A frame as Python writes it, with the function that it is of. */
const FUNCTION = /, line \d+, in (.+)$/;

/**
 * Reads the text that a report has of a failure, pytest's or Python's own traceback: where it was, and why. `message` is what the report says besides; it is told where the
 * text gives no reason. `workTree`: see `treePath`.
 */
export function readTrace(failure: Failure, text: string, message: string, workTree: string): void {
  const reader = new TraceReader(failure, workTree);
  for (const line of text.split('\n')) {
    const plain = plainLine(line);
    if (CAPTURED.test(plain)) break;
    reader.line(plain);
  }
  if (!reader.hasReason) for (const line of message.trim().split('\n')) failure.say(plainLine(line));
}

class TraceReader {
  hasReason = false;
  private isNative = false;

  constructor(
    private readonly failure: Failure,
    private readonly workTree: string,
  ) {}

  line(text: string): void {
    const reason = REASON.exec(text)?.[1];
    const place = placeOf(reason ?? text);
    if (CHAINED.test(text)) this.goOn();
    else if (place !== null) this.place(place, text, reason);
    else if (reason !== undefined) this.say(reason);
    else if (this.isNative && text !== '' && !text.startsWith(' ') && text !== BEGIN) this.say(text);
  }

  private goOn(): void {
    this.failure.goOn();
    this.hasReason = false;
  }

  /** Of pytest's places the first in the repository counts, which is the test's; of Python's own frames that of the test, else the last. */
  private place(place: { readonly path: string; readonly line: number; readonly isNative: boolean }, text: string, reason: string | undefined): void {
    const file = treePath(place.path, this.workTree);
    if (reason !== undefined) this.say(reason);
    else if (place.isNative) this.frame();
    if (file === null) return;
    if (!place.isNative || reason !== undefined) {
      if (this.failure.file === null) this.failure.place(file, place.line);
    } else this.failure.place(file, place.line, this.isOwn(text));
  }

  /** What stands below the last frame is the reason. */
  private frame(): void {
    this.isNative = true;
    this.failure.unsay();
    this.hasReason = false;
  }

  private isOwn(text: string): boolean {
    const where = FUNCTION.exec(text)?.[1];
    return where !== undefined && this.failure.name.replace(/\[.*$/s, '').endsWith(`.${where}`);
  }

  private say(text: string): void {
    this.failure.say(text);
    this.hasReason = true;
  }
}
