import type { z } from 'zod';
import type { Repository } from '#plugins/api';
import { fakeContext } from '#plugins/api/testing';
import { BitbucketProvider } from '../bitbucket-provider.ts';
import { BitbucketConfig } from '../config.ts';
import { Courier } from './courier.ts';
import type { FakeBitbucket, Flavour } from './fake-bitbucket.ts';
import type { FakeRepository } from './fake-state.ts';
import { startFakeBitbucket } from './start-fake-bitbucket.ts';

export const FLAVOURS: readonly Flavour[] = ['cloud', 'data-center'];
export const TOKEN = 'token-0123456789';

/** A provider and the fake Bitbucket that it talks to. */
export interface Subject {
  readonly host: FakeBitbucket;
  readonly courier: Courier;
  readonly provider: BitbucketProvider;
  /** Another provider on the same folder: what a restart makes, or another configuration. */
  readonly again: (config?: Partial<z.input<typeof BitbucketConfig>>) => BitbucketProvider;
  /** A repository as a project names it. */
  readonly named: (repository: FakeRepository, credentials?: Repository['credentials']) => Repository;
  readonly close: () => Promise<void>;
}

/** Starts both; the instance has a token that the host takes. */
export async function startSubject(flavour: Flavour, config: Partial<z.input<typeof BitbucketConfig>> = {}): Promise<Subject> {
  const host = await startFakeBitbucket(flavour);
  host.acceptToken(TOKEN);
  const context = await fakeContext(BitbucketConfig.parse({ ...host.config, token: TOKEN, ...config }));
  const made: BitbucketProvider[] = [];
  const again = (other: Partial<z.input<typeof BitbucketConfig>> = {}): BitbucketProvider => {
    const provider = new BitbucketProvider({ ...context, config: BitbucketConfig.parse({ ...host.config, token: TOKEN, ...config, ...other }) });
    made.push(provider);
    return provider;
  };
  return {
    host,
    courier: new Courier(host),
    provider: again(),
    again,
    named: (repository, credentials = null) => ({ url: host.cloneUrl(repository), credentials }),
    close: async () => {
      for (const provider of made) await provider.close();
      await context.remove();
      await host.close();
    },
  };
}
