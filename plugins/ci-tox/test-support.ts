import type { CiPlan } from '#plugins/api';
import { silentContext } from '#plugins/api/testing';
import { ToxConfig } from './config.ts';
import { ToxProvider } from './tox-provider.ts';

/** The provider, as an installation has it. */
export function provider(config: Partial<ToxConfig> = {}): ToxProvider {
  return new ToxProvider(silentContext(ToxConfig.parse(config)));
}

/** The plan of a project with these files. */
export function planOf(files: Readonly<Record<string, string>>, config: Partial<ToxConfig> = {}): CiPlan {
  const made = provider(config);
  const texts = new Map(Object.entries(files));
  return made.parse({ file: made.files.find((file) => texts.has(file)) ?? '', texts });
}
