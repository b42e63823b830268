import type { PluginContext } from '../plugin.ts';

/** A context for what keeps nothing and only answers, as readers of CI descriptions do: its store is empty, its folder is nowhere, its log is not kept. */
export function silentContext<Config>(config: Config, name = 'tested'): PluginContext<Config> {
  const silent = (): void => undefined;
  return {
    name,
    installation: 'test',
    config,
    logger: { debug: silent, info: silent, warn: silent, error: silent },
    store: { get: () => Promise.resolve(null), set: () => Promise.resolve(), delete: () => Promise.resolve() },
    folder: '/nowhere',
  };
}
