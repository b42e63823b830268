import { partOf, type Part } from '#plugins/kit/yaml/part';

/** `defaults.run`: where a step finds what it does not say itself. */
export interface Defaults {
  readonly shell: Part | null;
  readonly folder: Part | null;
}

/** Those of a job, and behind them those of its workflow. */
export function defaultsOf(job: Part, workflow: Part): Defaults {
  const find = (key: string): Part | null => within(job, key) ?? within(workflow, key);
  return { shell: find('shell'), folder: find('working-directory') };
}

function within(root: Part, key: string): Part | null {
  const defaults = partOf(root, 'defaults');
  const run = defaults && partOf(defaults, 'run');
  return run && partOf(run, key);
}
