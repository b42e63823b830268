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
    const message = { level, text, path: pathText(path), line: place?.line ?? null, column: place?.column ?? null };
    const key = JSON.stringify(message);
    if (!this.#messages.has(key)) this.#messages.set(key, message);
  }
}

/** A path as messages show it: `jobs.include[2].env`. */
export function pathText(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}
