import type { CiPlan } from '#plugins/api';
import { silentContext } from '#plugins/api/testing';
import { NoxConfig } from './config.ts';
import { NoxProvider } from './nox-provider.ts';

/** The provider, as an installation has it. */
export function provider(config: Partial<NoxConfig> = {}): NoxProvider {
  return new NoxProvider(silentContext(NoxConfig.parse(config)));
}

/** The plan of a noxfile. */
export function planOf(text: string, config: Partial<NoxConfig> = {}, pyproject = ''): CiPlan {
  return provider(config).parse({ text, texts: new Map([['pyproject.toml', pyproject]]) });
}
