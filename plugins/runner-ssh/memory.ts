import { z } from 'zod';
import { Interpreter, type KeyValueStore, Toolchain } from '#plugins/api';

/** What a host is and has. */
const HostFacts = z.object({
  system: z.string(),
  systemVersion: z.string().nullable().default(null),
  architecture: z.string(),
  interpreters: z.array(Interpreter),
  toolchains: z.array(Toolchain).default([]),
});
export type HostFacts = z.infer<typeof HostFacts>;

/** What was last known of one host. */
const HostRecord = z.object({
  /** The machine it is taken by; null: none of ours. */
  id: z.string().nullable(),
  /** Why it cannot be used, in words; null: nothing is known against it. */
  problem: z.string().nullable(),
  facts: HostFacts.nullable(),
});
export type HostRecord = z.infer<typeof HostRecord>;

const NOTHING: HostRecord = { id: null, problem: null, facts: null };

/**
 * What was last known of every host, kept in the instance's store: for a host that cannot be reached it is all there is. The truth is on the
 * host; what no longer fits the schema counts as not known.
 */
export class Memory {
  readonly #store: KeyValueStore;
  #records: Promise<Map<string, HostRecord>> | null = null;

  constructor(store: KeyValueStore) {
    this.#store = store;
  }

  async of(host: string): Promise<HostRecord> {
    return (await this.#load()).get(host) ?? NOTHING;
  }

  /** The host that `id` is on, as far as known. */
  async hostOf(id: string): Promise<string | null> {
    const found = [...(await this.#load())].find(([, record]) => record.id === id);
    return found?.[0] ?? null;
  }

  async note(host: string, changes: Partial<HostRecord>): Promise<void> {
    const records = await this.#load();
    const before = records.get(host) ?? NOTHING;
    const after = { ...before, ...changes };
    if (JSON.stringify(after) === JSON.stringify(before)) return;
    records.set(host, after);
    await this.#store.set(keyOf(host), after);
  }

  /** Reads the records of `hosts`; before anything else. */
  async open(hosts: readonly string[]): Promise<void> {
    this.#records ??= this.#read(hosts);
    await this.#records;
  }

  async #read(hosts: readonly string[]): Promise<Map<string, HostRecord>> {
    const entries = await Promise.all(hosts.map(async (host) => [host, HostRecord.safeParse(await this.#store.get(keyOf(host)))] as const));
    return new Map(entries.flatMap(([host, record]) => (record.success ? [[host, record.data] as const] : [])));
  }

  async #load(): Promise<Map<string, HostRecord>> {
    if (this.#records === null) throw new Error('The memory of the hosts is used before it is opened: init was not called.');
    return this.#records;
  }
}

function keyOf(host: string): string {
  return `host/${host}`;
}
