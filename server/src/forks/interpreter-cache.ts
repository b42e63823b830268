import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Pool } from 'pg';
import type { Interpreter } from '#plugins/api';
import { isSystemError } from '../common/errors.ts';
import { forgetInterpreters } from './sql/forget-interpreters.ts';
import { type KeptArchive, keepInterpreter, type NewInterpreter } from './sql/keep-interpreter.ts';

interface Row {
  /** Of the fork. */
  readonly fork: string;
  readonly revision: string;
  /** A branch or tag that it was built for. */
  readonly name: string;
  readonly isDefault: boolean;
  /** Of a branch of what is Python as it was released. */
  readonly isRelease: boolean;
  readonly image: string;
  readonly version: string;
  readonly sha256: string;
}

const DRAFT = 'draft-';
/** So many revisions of a fork are kept for each image, besides the heads of branches and tags. */
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
  /** How often it was asked what there is, and which of these answers `offers` is. */
  private asked = 0;
  private newest = 0;
  /** Files that no row spoke of at the last look. */
  private unwanted: ReadonlySet<string> = new Set();

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

  /** Reads what there is. Another server may have published meanwhile. An answer that others have overtaken is older than theirs, and not taken. */
  async refresh(): Promise<void> {
    this.asked += 1;
    const number = this.asked;
    const { rows } = await this.pool.query<Row>(
      `select f.name as fork, i.revision, n.name, i.image, i.version, i.sha256,
         p.default_branch is null or (n.is_branch and n.name = p.default_branch) as "isDefault",
         f.upstream is null and n.is_branch as "isRelease"
       from interpreters i join interpreter_names n on n.interpreter_id = i.id join forks f on f.project_id = i.fork_id join projects p on p.id = f.project_id
       where i.sha256 is not null order by n.build_number desc, i.id desc`,
    );
    if (number < this.newest) return;
    this.newest = number;
    const images = new Set(rows.map(({ image }) => image));
    this.offers = new Map([...images].map((image) => [image, offersOf(rows.filter((row) => row.image === image))]));
  }

  /** Keeps an archive, whole or not at all. The same again changes nothing; another one of the same revision takes its place. */
  async keep(what: NewInterpreter, content: AsyncIterable<Uint8Array>): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const draft = join(this.folder, `${DRAFT}${randomUUID()}`);
    try {
      const archive = await writeDraft(draft, content);
      await rename(draft, this.fileOf(archive.sha256));
      await keepInterpreter(this.pool, what, archive);
      await forgetInterpreters(this.pool, what, KEPT);
    } finally {
      await rm(draft, { force: true });
    }
    await this.refresh();
  }

  /**
   * Removes archives of which no row spoke at the last look either, and what was cut off. Young ones may be on their way, and one that was let go of just now may be on its way into a
   * machine: so call it rarely.
   */
  async tidy(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const { rows } = await this.pool.query<{ sha256: string }>('select distinct sha256 from interpreters where sha256 is not null');
    const wanted = new Set(rows.map(({ sha256 }) => sha256));
    const unwanted = (await readdir(this.folder)).filter((name) => !wanted.has(name));
    for (const name of unwanted)
      if (this.unwanted.has(name) && (await isOld(join(this.folder, name)))) await rm(join(this.folder, name), { force: true });
    this.unwanted = new Set(unwanted);
  }
}

/** False for what is gone meanwhile, as a draft is that has got its name. */
async function isOld(path: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs > DAY_MS;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return false;
    throw error;
  }
}

/** All that jobs on an image may ask for, of rows with the newest build first. Revisions come before names: no branch takes a revision's place by being called like it. */
function offersOf(rows: readonly Row[]): Interpreter[] {
  const revisions = rows.map((row) => interpreterOf(`${row.fork}@${row.revision}`, row));
  const heads = rows.toSorted((one, other) => claim(one) - claim(other)).flatMap((row) => headNames(row).map((name) => interpreterOf(name, row)));
  // Where the archive of a release was exchanged for a newer one, the older has the name until that is built.
  const older = rows.filter(({ isRelease }) => isRelease).map((row) => interpreterOf(row.fork, row));
  return firstOfEach([...revisions, ...heads, ...older]);
}

/** Jobs ask in any case of letters. Of branches that so have one name the default one has it, then the one that is called just so: nobody takes `main` by a branch `MAIN`. */
function claim({ name, isDefault }: Row): number {
  if (isDefault) return 0;
  return name === name.toLowerCase() ? 1 : 2;
}

/** The fork's name alone is the newest of the default branch. What no branch has is known by its revision alone. */
function headNames({ fork, name, isDefault }: Row): string[] {
  if (name === '') return [];
  return isDefault ? [`${fork}@${name}`, fork] : [`${fork}@${name}`];
}

function interpreterOf(name: string, { version, sha256 }: Row): Interpreter {
  return { name: name.toLowerCase(), implementation: name.startsWith('pypy') ? 'pypy' : 'cpython', version, path: 'bin/python', archive: sha256 };
}

function firstOfEach(interpreters: readonly Interpreter[]): Interpreter[] {
  const byName = new Map<string, Interpreter>();
  for (const one of interpreters) if (!byName.has(one.name)) byName.set(one.name, one);
  return [...byName.values()];
}

async function writeDraft(path: string, content: AsyncIterable<Uint8Array>): Promise<KeptArchive> {
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
