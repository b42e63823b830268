import type { Change, CiPlan, PluginContext } from '#plugins/api';
import { TravisConfig } from './config.ts';
import { TravisProvider } from './travis-provider.ts';

/** A provider with the default configuration. */
export function provider(config: Partial<TravisConfig> = {}): TravisProvider {
  return new TravisProvider(context(TravisConfig.parse(config)));
}

function context(config: TravisConfig): PluginContext<TravisConfig> {
  const quiet = (): void => undefined;
  const values = new Map<string, unknown>();
  return {
    name: 'travis',
    installation: 'test',
    config,
    logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    store: {
      get: (key) => Promise.resolve(values.get(key)),
      set: (key, value) => Promise.resolve(void values.set(key, value)),
      delete: (key) => Promise.resolve(void values.delete(key)),
    },
    folder: '/nonexistent',
  };
}

/** A request that names no branch: what `terrarium plan` looks at. */
export function emptyChange(): Change {
  return {
    kind: 'manual',
    branch: '',
    tag: null,
    commit: '',
    before: null,
    message: '',
    author: '',
    committedAt: null,
    pullRequest: null,
    repository: '',
  };
}

/** A push to a branch. */
export function push(branch: string, more: Partial<Change> = {}): Change {
  return { ...emptyChange(), kind: 'push', branch, commit: '1a2b3c', message: 'Say why', author: 'ada', repository: 'ada/engine', ...more };
}

/** The plan of a description, given as lines, for a change. */
export function plan(text: string, change: Change = emptyChange()): CiPlan {
  return provider().parse({ file: '.travis.yml', texts: new Map(), text, change });
}

/** The expanded configurations of a description, only these keys of them. */
export function rows(text: string, keys: readonly string[], change: Change = emptyChange()): Record<string, unknown>[] {
  return plan(text, change).jobs.map((job) => Object.fromEntries(Object.entries(job.config).filter(([key]) => keys.includes(key))));
}

/** What is said of a description: `level path: text`. */
export function said(text: string): string[] {
  return plan(text).messages.map((message) => `${message.level} ${message.path}: ${message.text}`);
}
