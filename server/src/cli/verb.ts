/** Where a verb writes to, and what the terminal is like. */
export interface Io {
  /** Resolves when the text may be considered written: so much is never kept that memory runs out. */
  readonly out: (text: string) => Promise<void>;
  readonly err: (text: string) => Promise<void>;
  /** Whether the output is a terminal that shows colours. */
  readonly colors: boolean;
  /** Columns of the terminal; null where the output is none. */
  readonly width: number | null;
  /** Absolute; what relative paths are seen from. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** An option of a verb. */
export interface Option {
  readonly type: 'boolean' | 'string';
  readonly short?: string;
  /** What stands for the value in the help: `NAME`. */
  readonly value?: string;
  readonly help: string;
}

/** What was typed behind a verb, checked against its options. */
export interface Input {
  readonly positionals: readonly string[];
  /** Whether a boolean option was given. */
  flag(name: string): boolean;
  /** The value of an option, the last if it was given more than once; null if it was not given. */
  value(name: string): string | null;
  /** Every value of an option, in order. */
  values(name: string): readonly string[];
}

/** A verb of the `terrarium` command: one module, default export of nothing else. */
export interface Verb {
  /** What follows the verb, as `FILE_OR_FOLDER...`. */
  readonly operands: string;
  /** Sentences for `--help`. */
  readonly description: string;
  readonly options: Readonly<Record<string, Option>>;
  /** Commands as they may be typed, and what they do. */
  readonly examples: readonly { readonly command: string; readonly does: string }[];
  /** Gives the exit code. Throws a `UsageError` for what was typed wrongly; anything else that it throws is told as a failure. */
  run(input: Input, io: Io): Promise<number>;
}

/** Somebody typed what makes no sense. The message is a sentence; the command ends with exit code 2. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}
