import type { Message } from '#plugins/api';
import type { Place } from './tree.ts';

/** Collects what there is to say about a description. */
export class Report {
  readonly messages: Message[] = [];

  /** Something must be mended before anything can run. `path` as `jobs[2].env`. */
  error(path: string, at: Place | null, text: string): void {
    this.#add('error', path, at, text);
  }

  /** Something is probably not meant thus. */
  warning(path: string, at: Place | null, text: string): void {
    this.#add('warning', path, at, text);
  }

  /** Something is worth knowing. */
  info(path: string, at: Place | null, text: string): void {
    this.#add('info', path, at, text);
  }

  /** Whether anything must be mended. */
  get failed(): boolean {
    return this.messages.some(({ level }) => level === 'error');
  }

  #add(level: Message['level'], path: string, at: Place | null, text: string): void {
    this.messages.push({ level, text: shortened(text, LONGEST_TEXT), path, line: at?.line ?? null, column: at?.column ?? null });
  }
}

/** The path of a map's entry. */
export function below(path: string, key: string): string {
  const step = shortened(key, LONGEST_KEY);
  return path === '' ? step : `${path}.${step}`;
}

/** Longer keys are none that anybody wrote, and each message below one would repeat it. */
const LONGEST_KEY = 200;
/** What is quoted may be as long as the file, and be quoted at every place. */
const LONGEST_TEXT = 2000;

function shortened(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}
