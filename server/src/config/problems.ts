/** One thing that is wrong with the configuration. */
export interface ConfigProblem {
  /** The variable's name, or `FILE:LINE:COLUMN path.in.file`. */
  readonly where: string;
  /** A sentence that says what is wrong and what would be right. Never holds a secret's value. */
  readonly text: string;
}

/** The configuration does not fit. `message` lists everything that is wrong with it, one problem a line. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(describe(problems));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

function describe(problems: readonly ConfigProblem[]): string {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return [`The configuration has ${count}:`, ...problems.map(({ where, text }) => `  ${where}: ${text}`)].join('\n');
}
