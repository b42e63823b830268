import type { Change, PluginContext } from '#plugins/api';
import { silentContext } from '#plugins/api/testing';
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

/** A context for tests; the provider keeps nothing, so the store is empty and the folder is nowhere. */
export function contextOf(config: Partial<TerrariumCiConfig> = {}): PluginContext<TerrariumCiConfig> {
  return silentContext(TerrariumCiConfig.parse(config));
}
