import type { CiPlan, PluginContext } from '#plugins/api';
import { NoxConfig } from './config.ts';
import { NoxProvider } from './nox-provider.ts';

const silent = (): void => undefined;

/** The provider, as an installation has it. */
export function provider(config: Partial<NoxConfig> = {}): NoxProvider {
  const context: PluginContext<NoxConfig> = {
    name: 'ci-nox',
    installation: 'test',
    config: NoxConfig.parse(config),
    logger: { debug: silent, info: silent, warn: silent, error: silent },
    store: { get: () => Promise.resolve(null), set: () => Promise.resolve(), delete: () => Promise.resolve() },
    folder: '/nowhere',
  };
  return new NoxProvider(context);
}

/** The plan of a noxfile. */
export function planOf(text: string, config: Partial<NoxConfig> = {}, pyproject = ''): CiPlan {
  return provider(config).parse({ text, texts: new Map([['pyproject.toml', pyproject]]) });
}
