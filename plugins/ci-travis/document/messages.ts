import type { Message } from '#plugins/api';
import type { Place } from './value.ts';

/** The way from the root to a value: keys and list indexes. */
export type Path = readonly (string | number)[];

/** Collects what there is to say about a description; the same thing at the same place is said once. */
export class MessageLog {
  readonly #messages = new Map<string, Message>();

  info(path: Path, text: string, place: Place | null = null): void {
    this.#add('info', path, text, place);
  }

  warning(path: Path, text: string, place: Place | null = null): void {
    this.#add('warning', path, text, place);
  }

  error(path: Path, text: string, place: Place | null = null): void {
    this.#add('error', path, text, place);
  }

  /** All of them, in the order they came up. */
  messages(): Message[] {
    return [...this.#messages.values()];
  }

  #add(level: Message['level'], path: Path, text: string, place: Place | null): void {
    const message = { level, text: shortened(text, LONGEST_TEXT), path: pathText(path), line: place?.line ?? null, column: place?.column ?? null };
    const key = JSON.stringify(message);
    if (!this.#messages.has(key)) this.#messages.set(key, message);
  }
}

/** A path as messages show it: `jobs.include[2].env`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? shortened(step, LONGEST_KEY) : `${text}.${shortened(step, LONGEST_KEY)}`;
  }, '');
}

/** Longer keys are none that anybody wrote, and each message below one would repeat it. */
const LONGEST_KEY = 200;
/** What a value says may be as long as the file, and be said of at every place. */
const LONGEST_TEXT = 2000;

function shortened(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}
