import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';

/** An archive is not removed sooner after its last use: somebody may be about to upload it. */
const KEPT_MS = 60 * 60 * 1000;

/** The archives of an instance: work trees, ready to be unpacked by any tar. */
export class ArchiveStore {
  private readonly folder: string;
  private readonly largest: number;
  private ready: Promise<void> | null = null;

  /** `largest` is how many bytes all archives together should take at most. */
  constructor(folder: string, largest: number) {
    this.folder = folder;
    this.largest = largest;
  }

  /** The archive of that name, if it is there; it counts as used now. */
  async find(name: string): Promise<string | null> {
    const file = path.join(this.folder, 'archives', name);
    const now = new Date();
    return utimes(file, now, now).then(() => file, missing);
  }

  /** Makes an archive of the file that `write` leaves in the empty folder it is given; it appears whole or not at all. */
  async make(name: string, write: (work: string) => Promise<string>): Promise<string> {
    this.ready ??= this.prepare();
    await this.ready;
    const work = path.join(this.folder, 'tmp', randomUUID());
    const file = path.join(this.folder, 'archives', name);
    await mkdir(work, { mode: 0o700 });
    try {
      await rename(await write(work), file);
    } finally {
      await rm(work, { recursive: true, force: true });
    }
    await this.evict(name);
    return file;
  }

  /** Temporary files can only be those of a server that was killed. */
  private async prepare(): Promise<void> {
    await rm(path.join(this.folder, 'tmp'), { recursive: true, force: true });
    for (const each of ['tmp', 'archives']) await mkdir(path.join(this.folder, each), { recursive: true, mode: 0o700 });
  }

  /** Removes the archives that were not used for longest, until the rest fits. */
  private async evict(newest: string): Promise<void> {
    const folder = path.join(this.folder, 'archives');
    const found = await Promise.all((await readdir(folder)).map((name) => sizeAndAge(folder, name)));
    let total = found.reduce((sum, { size }) => sum + size, 0);
    for (const { name, size, used } of found.sort((a, b) => a.used - b.used)) {
      if (total <= this.largest) return;
      if (name === newest || Date.now() - used < KEPT_MS) continue;
      await rm(path.join(folder, name), { force: true });
      total -= size;
    }
  }
}

/** A file that vanished meanwhile takes no room. */
async function sizeAndAge(folder: string, name: string): Promise<{ name: string; size: number; used: number }> {
  return stat(path.join(folder, name)).then(
    ({ size, mtimeMs }) => ({ name, size, used: mtimeMs }),
    () => ({ name, size: 0, used: 0 }),
  );
}

function missing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
  throw error;
}
