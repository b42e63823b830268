import type { CiPlan, PluginContext } from '#plugins/api';
import { ToxConfig } from './config.ts';
import { ToxProvider } from './tox-provider.ts';

const silent = (): void => undefined;

/** The provider, as an installation has it. */
export function provider(config: Partial<ToxConfig> = {}): ToxProvider {
  const context: PluginContext<ToxConfig> = {
    name: 'ci-tox',
    installation: 'test',
    config: ToxConfig.parse(config),
    logger: { debug: silent, info: silent, warn: silent, error: silent },
    store: { get: () => Promise.resolve(null), set: () => Promise.resolve(), delete: () => Promise.resolve() },
    folder: '/nowhere',
  };
  return new ToxProvider(context);
}

/** The plan of a project with these files. */
export function planOf(files: Readonly<Record<string, string>>, config: Partial<ToxConfig> = {}): CiPlan {
  const made = provider(config);
  const texts = new Map(Object.entries(files));
  return made.parse({ file: made.files.find((file) => texts.has(file)) ?? '', texts });
}
