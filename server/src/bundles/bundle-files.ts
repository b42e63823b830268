import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable as Stream } from 'node:stream';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

const DRAFT = 'draft-';
const FILE = 'bundle-';
const DAY_MS = 86_400_000;

/** An archive that has come whole, and is no bundle yet. */
export interface Draft {
  /** Absolute. */
  readonly path: string;
  /** Hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
}

/** The folder of the archives: each is a file of its own, written whole or not at all. */
export class BundleFiles {
  constructor(private readonly folder: string) {}

  /** By the number of its row, which no other bundle ever has. */
  pathOf(id: number): string {
    return join(this.folder, `${FILE}${id}`);
  }

  /** Receives an archive and gives it to `use`, which may keep it; what is not kept is gone afterwards. */
  async receive<T>(content: Stream, use: (draft: Draft) => Promise<T>): Promise<T> {
    await this.make();
    const path = join(this.folder, `${DRAFT}${randomUUID()}`);
    try {
      return await use({ path, ...(await writeDraft(path, content)) });
    } finally {
      await rm(path, { force: true });
    }
  }

  async keep(draft: Draft, id: number): Promise<void> {
    await rename(draft.path, this.pathOf(id));
  }

  async remove(id: number): Promise<void> {
    await rm(this.pathOf(id), { force: true });
  }

  /** Removes files that no bundle has, because a server ended meanwhile; not what another server may be receiving. `ids`: of the bundles that there are. */
  async tidy(ids: readonly number[]): Promise<void> {
    await this.make();
    const known = new Set(ids.map((id) => `${FILE}${id}`));
    for (const name of await readdir(this.folder)) {
      const isWanted = known.has(name) || !(name.startsWith(DRAFT) || name.startsWith(FILE));
      if (isWanted) continue;
      const path = join(this.folder, name);
      const { mtimeMs } = await stat(path);
      if (Date.now() - mtimeMs > DAY_MS) await rm(path, { force: true });
    }
  }

  private async make(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
  }
}

/** The checksum is taken on the way; the file is on the disk before it counts. */
async function writeDraft(path: string, content: Stream): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  await pipeline(content, meter, createWriteStream(path, { mode: 0o600 }));
  await toDisk(path);
  return { sha256: hash.digest('hex'), bytes };
}

async function toDisk(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
