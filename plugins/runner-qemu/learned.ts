import { z } from 'zod';
import { Interpreter, type KeyValueStore, Toolchain } from '#plugins/api';
import type { Manifest } from '#plugins/kit/vm/manifest';

/** What a machine of an imported image said of itself. */
const Learned = z.object({
  systemVersion: z.string().nullable(),
  architecture: z.string(),
  interpreters: z.array(Interpreter),
  toolchains: z.array(Toolchain),
});
export type Learned = z.infer<typeof Learned>;

/**
 * What imported images have: nobody knows before a machine of it has been asked, the first one that is made. Kept in the instance's store by the image's digest.
 */
export class LearnedFacts {
  readonly #store: KeyValueStore;

  constructor(store: KeyValueStore) {
    this.#store = store;
  }

  /** Null where no machine has been asked, or what is kept no longer fits. */
  async of({ digest }: Manifest): Promise<Learned | null> {
    const found = Learned.safeParse(await this.#store.get(keyOf(digest)));
    return found.success ? found.data : null;
  }

  async note({ digest }: Manifest, { systemVersion, architecture, interpreters, toolchains }: Learned): Promise<void> {
    await this.#store.set(keyOf(digest), { systemVersion, architecture, interpreters, toolchains });
  }

  /** The manifest with what is known besides. */
  async complete(manifest: Manifest): Promise<Manifest> {
    return { ...manifest, ...(await this.of(manifest)) };
  }
}

function keyOf(digest: string): string {
  return `facts/${digest}`;
}
