import type { Pool } from 'pg';

/** An interpreter to be kept. */
export interface NewInterpreter {
  readonly forkId: number;
  readonly revision: string;
  /** The branch or tag that it was built for. */
  readonly name: string;
  readonly isBranch: boolean;
  readonly image: string;
  /** Its own word for its version: `3.8.20`. */
  readonly version: string;
  readonly buildId: number;
  /** Of the build, in its project: what is built later has a higher one, however long it takes. */
  readonly buildNumber: number;
}

/** An archive in the data folder: its checksum is its name. */
export interface KeptArchive {
  readonly sha256: string;
  readonly bytes: number;
}

/** Writes down that an archive was published. Another one of the same revision and image is replaced; names that the revision has already stay its own. */
export async function keepInterpreter(pool: Pool, what: NewInterpreter, { sha256, bytes }: KeptArchive): Promise<void> {
  await pool.query(
    `with kept as (
       insert into interpreters (fork_id, revision, image, version, sha256, bytes, build_id) values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (fork_id, revision, image) do update set version = $4, sha256 = $5, bytes = $6, build_id = $7, created_at = now()
       returning id)
     insert into interpreter_names (interpreter_id, name, is_branch, build_number) select id, $8, $9, $10 from kept
     on conflict (interpreter_id, name) do update set
       is_branch = interpreter_names.is_branch or excluded.is_branch,
       build_number = greatest(interpreter_names.build_number, excluded.build_number)`,
    [what.forkId, what.revision, what.image, what.version, sha256, bytes, what.buildId, what.name, what.isBranch, what.buildNumber],
  );
}
