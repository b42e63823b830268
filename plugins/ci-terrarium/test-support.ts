import type { Change, PluginContext } from '#plugins/api';
import { TerrariumCiConfig } from './config.ts';

/** A push, as the tests of this plugin need one: nothing of it counts for `.terrarium.yml`. */
export const CHANGE: Change = {
  kind: 'push',
  branch: 'main',
  tag: null,
  commit: 'a'.repeat(40),
  before: null,
  message: '',
  author: '',
  committedAt: null,
  pullRequest: null,
  repository: 'somebody/something',
};

const silent = (): void => undefined;

/** A context for tests; the provider keeps nothing, so the store is empty and the folder is nowhere. */
export function contextOf(config: Partial<TerrariumCiConfig> = {}): PluginContext<TerrariumCiConfig> {
  return {
    name: 'ci-terrarium',
    installation: 'test',
    config: TerrariumCiConfig.parse(config),
    logger: { debug: silent, info: silent, warn: silent, error: silent },
    store: { get: () => Promise.resolve(null), set: () => Promise.resolve(), delete: () => Promise.resolve() },
    folder: '/nowhere',
  };
}
