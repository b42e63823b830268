import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Pool } from 'pg';
import type { Interpreter } from '#plugins/api';

/** An interpreter to be kept. */
export interface NewInterpreter {
  readonly forkId: number;
  readonly revision: string;
  readonly branch: string;
  readonly image: string;
  readonly version: string;
  readonly buildId: number;
}

interface Row {
  readonly name: string;
  readonly revision: string;
  readonly branch: string;
  readonly image: string;
  readonly version: string;
  readonly sha256: string;
  readonly defaultBranch: string | null;
}

const DRAFT = 'draft-';
/** So many revisions of a fork are kept for each image. */
const KEPT = 50;
const DAY_MS = 86_400_000;
/** Larger than any Python is, and small enough that one broken build does not fill the disk. */
const LARGEST_BYTES = 1024 ** 3;

/**
 * Interpreters that are no part of an image: archives in the data folder, called by their checksums, and unpacked in the machines of jobs that ask for them. What there is for each image is
 * kept in memory, for the scheduler, and read again by `refresh`.
 */
export class InterpreterCache {
  private offers = new Map<string, Interpreter[]>();

  constructor(
    private readonly pool: Pool,
    private readonly folder: string,
  ) {}

  /** What a job on that image can ask for besides what the image carries. Of several with one name the newest comes first. */
  offersFor(image: string): readonly Interpreter[] {
    return this.offers.get(image) ?? [];
  }

  /** The file of an archive. */
  fileOf(archive: string): string {
    if (!/^[0-9a-f]{64}$/.test(archive)) throw new Error(`${JSON.stringify(archive)} is no checksum`);
    return join(this.folder, archive);
  }

  /** Reads what there is. Another server may have published meanwhile. */
  async refresh(): Promise<void> {
    const { rows } = await this.pool.query<Row>(
      `select f.name, i.revision, i.branch, i.image, i.version, i.sha256, p.default_branch as "defaultBranch"
       from interpreters i join forks f on f.project_id = i.fork_id join projects p on p.id = f.project_id order by i.id desc`,
    );
    const offers = new Map<string, Interpreter[]>();
    for (const row of rows) offers.set(row.image, [...(offers.get(row.image) ?? []), ...namesOf(row).map((name) => interpreterOf(name, row))]);
    this.offers = new Map([...offers].map(([image, all]) => [image, firstOfEach(all)]));
  }

  /** Keeps an archive, whole or not at all. The same again changes nothing; another one of the same revision takes its place. */
  async keep(what: NewInterpreter, content: AsyncIterable<Uint8Array>): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const draft = join(this.folder, `${DRAFT}${randomUUID()}`);
    try {
      const { sha256, bytes } = await writeDraft(draft, content);
      await rename(draft, this.fileOf(sha256));
      await this.pool.query(
        `insert into interpreters (fork_id, revision, branch, image, version, sha256, bytes, build_id) values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (fork_id, revision, image) do update set branch = $3, version = $5, sha256 = $6, bytes = $7, build_id = $8, created_at = now()`,
        [what.forkId, what.revision, what.branch, what.image, what.version, sha256, bytes, what.buildId],
      );
      await this.forget(what);
    } finally {
      await rm(draft, { force: true });
    }
    await this.refresh();
  }

  /** Of each fork and image the newest are kept. */
  private async forget({ forkId, image }: NewInterpreter): Promise<void> {
    await this.pool.query(
      `delete from interpreters where fork_id = $1 and image = $2 and id not in (
         select id from interpreters where fork_id = $1 and image = $2 order by created_at desc, id desc limit ${KEPT})`,
      [forkId, image],
    );
  }

  /** Removes archives that no row speaks of any more, and what was cut off. Young ones may be on their way. */
  async tidy(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const { rows } = await this.pool.query<{ sha256: string }>('select distinct sha256 from interpreters');
    const wanted = new Set(rows.map(({ sha256 }) => sha256));
    for (const name of await readdir(this.folder)) {
      const path = join(this.folder, name);
      if (!wanted.has(name) && Date.now() - (await stat(path)).mtimeMs > DAY_MS) await rm(path, { force: true });
    }
  }
}

/** Everything that jobs may call it. The fork's name alone is the newest of the default branch. */
function namesOf({ name, revision, branch, defaultBranch }: Row): string[] {
  const names = [`${name}@${revision}`, `${name}@${branch}`];
  return defaultBranch === null || branch === defaultBranch ? [...names, name] : names;
}

function interpreterOf(name: string, { version, sha256 }: Row): Interpreter {
  return { name: name.toLowerCase(), implementation: 'cpython', version, path: 'bin/python', archive: sha256 };
}

function firstOfEach(interpreters: readonly Interpreter[]): Interpreter[] {
  const byName = new Map<string, Interpreter>();
  for (const one of interpreters) if (!byName.has(one.name)) byName.set(one.name, one);
  return [...byName.values()];
}

async function writeDraft(path: string, content: AsyncIterable<Uint8Array>): Promise<{ sha256: string; bytes: number }> {
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(bytes > LARGEST_BYTES ? new Error(`the interpreter is larger than ${LARGEST_BYTES} bytes`) : null, chunk);
    },
  });
  await pipeline(content, meter, createWriteStream(path, { mode: 0o600 }));
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) hash.update(chunk);
  return { sha256: hash.digest('hex'), bytes };
}
