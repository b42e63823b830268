import { randomUUID } from 'node:crypto';
import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Logger, PluginError } from '#plugins/api';

/** What is known of a machine: where it is, what it was made from, how to get in. */
export const MachineRecord = z.object({
  host: z.string(),
  digest: z.string(),
  system: z.enum(['linux', 'windows']).default('linux'),
  /** Of the host's loopback. */
  port: z.number().int(),
  user: z.string(),
  hostKey: z.string(),
  privateKey: z.string(),
  /** Whether it was made to its end. */
  ready: z.boolean(),
});
export type MachineRecord = z.infer<typeof MachineRecord>;

const ENDING = '.json';

/**
 * The records of machines: one file each in a folder of the server's own, since they hold private keys. Written before anything is made on a host and removed after
 * everything there, so that nothing is forgotten. Not cached: another process may have written them.
 */
export class MachineRecords {
  readonly #folder: string;
  readonly #logger: Logger;

  constructor(folder: string, logger: Logger) {
    this.#folder = folder;
    this.#logger = logger;
  }

  /** Null if there is none, or none that can be read: then its hosts are asked. */
  async get(id: string): Promise<MachineRecord | null> {
    const text = await this.#read(id);
    if (text === null) return null;
    const parsed = MachineRecord.safeParse(jsonOf(text));
    if (!parsed.success) this.#logger.warn('the record of a machine cannot be read', { id, error: z.prettifyError(parsed.error) });
    return parsed.success ? parsed.data : null;
  }

  /** Replaces it whole. */
  async set(id: string, record: MachineRecord): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const partial = join(this.#folder, `${id}.${randomUUID()}.partial`);
    await writeFile(partial, JSON.stringify(record), { mode: 0o600 });
    await rename(partial, this.#path(id));
  }

  async delete(id: string): Promise<void> {
    await rm(this.#path(id), { force: true });
  }

  /** The ids of all. */
  async ids(): Promise<readonly string[]> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const names = await readdir(this.#folder);
    return names.flatMap((name) => (name.endsWith(ENDING) ? [name.slice(0, -ENDING.length)] : []));
  }

  async #read(id: string): Promise<string | null> {
    try {
      return await readFile(this.#path(id), 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw new PluginError('unavailable', `The record of machine ${id} cannot be read.`, { cause: error });
    }
  }

  #path(id: string): string {
    return join(this.#folder, `${id}${ENDING}`);
  }
}

/** Undefined for what is no JSON, which no schema takes. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The reader reports it like any other record that does not fit.
    return undefined;
  }
}
