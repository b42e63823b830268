import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { isSystemError } from '../common/errors.ts';

const Count = z.object({ hits: z.number(), misses: z.number(), served: z.number(), fetched: z.number() });
/** What was asked for at an origin's files, since the folder was made. `served`: bytes to machines; `fetched`: bytes from the origin. */
export type Count = z.infer<typeof Count>;

const Written = z.object({ since: z.number(), origins: z.record(z.string(), Count) });

/** What the cache has been good for. Kept in a file; what a killed process had not written is not counted. */
export class CacheCounts {
  private readonly origins: Map<string, Count>;
  private readonly problems = new Map<string, string>();
  private isChanged = false;

  private constructor(
    private readonly file: string,
    /** Since when it is counted, milliseconds since 1970. */
    readonly since: number,
    origins: Readonly<Record<string, Count>>,
  ) {
    this.origins = new Map(Object.entries(origins));
  }

  static async open(file: string): Promise<CacheCounts> {
    const { since, origins } = await read(file);
    return new CacheCounts(file, since, origins);
  }

  of(origin: string): Count {
    return this.origins.get(origin) ?? { hits: 0, misses: 0, served: 0, fetched: 0 };
  }

  /** Why the last download from an origin failed; null if it did not. */
  problemOf(origin: string): string | null {
    return this.problems.get(origin) ?? null;
  }

  asked(origin: string, by: 'hit' | 'miss'): void {
    const count = this.of(origin);
    this.set(origin, by === 'hit' ? { ...count, hits: count.hits + 1 } : { ...count, misses: count.misses + 1 });
  }

  served(origin: string, bytes: number): void {
    const count = this.of(origin);
    this.set(origin, { ...count, served: count.served + bytes });
  }

  fetched(origin: string, bytes: number): void {
    const count = this.of(origin);
    this.set(origin, { ...count, fetched: count.fetched + bytes });
  }

  trouble(origin: string, problem: string | null): void {
    if (problem === null) this.problems.delete(origin);
    else this.problems.set(origin, problem);
  }

  /** Writes them down, if there is anything new. */
  async write(): Promise<void> {
    if (!this.isChanged) return;
    this.isChanged = false;
    await writeFile(`${this.file}.new`, JSON.stringify({ since: this.since, origins: Object.fromEntries(this.origins) }), { mode: 0o600 });
    await rename(`${this.file}.new`, this.file);
  }

  private set(origin: string, count: Count): void {
    this.origins.set(origin, count);
    this.isChanged = true;
  }
}

async function read(file: string): Promise<z.infer<typeof Written>> {
  try {
    return Written.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    // Numbers for people: where they cannot be read they begin anew.
    if (isSystemError(error, 'ENOENT') || error instanceof SyntaxError || error instanceof z.ZodError) return { since: Date.now(), origins: {} };
    throw error;
  }
}
