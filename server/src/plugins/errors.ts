/** One thing that keeps a plugin from being used. */
export interface PluginProblem {
  /** The instance's name. */
  readonly instance: string;
  /** Where it stands in the configuration: file, line, column and path. */
  readonly where: string;
  /** A sentence. */
  readonly text: string;
}

/** Plugins that cannot be used. `message` lists everything that is wrong, one problem a line. */
export class PluginLoadError extends Error {
  readonly problems: readonly PluginProblem[];

  constructor(problems: readonly PluginProblem[], options?: ErrorOptions) {
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    super([`The plugins have ${count}:`, ...problems.map(({ instance, where, text }) => `  ${instance} (${where}): ${text}`)].join('\n'), options);
    this.name = 'PluginLoadError';
    this.problems = problems;
  }
}

/** An error's message, or whatever else somebody threw, as text. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
