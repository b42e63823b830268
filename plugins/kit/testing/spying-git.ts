import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** A program that does what git does and writes down how it was called. */
export interface SpyingGit {
  readonly program: string;
  /** What was written down: one line a call, arguments separated by spaces; with `processes` also snapshots of all command lines. */
  lines(): Promise<string[]>;
}

/**
 * Makes one in `folder`. With `processes` it also writes down, again and again while git runs, the command line of every process of this
 * computer, as anybody could: git starts helpers that no wrapper sees.
 */
export async function spyingGit(folder: string, options: { readonly processes: boolean } = { processes: false }): Promise<SpyingGit> {
  const log = path.join(folder, 'spied.log');
  const program = path.join(folder, 'spying-git');
  const call = `printf '%s\\n' "$*" >> '${log}'`;
  const run = options.processes ? WATCHED.replaceAll('LOG', `'${log}'`) : 'exec git "$@"';
  await writeFile(program, `#!/bin/sh\n${call}\n${run}\n`, { mode: 0o755 });
  await writeFile(log, '');
  return { program, lines: async () => (await readFile(log, 'utf8')).split('\n').filter((line) => line !== '') };
}

const WATCHED = `exec 3<&0
git "$@" <&3 & pid=$!
trap 'kill "$pid"' TERM
while kill -0 "$pid" 2>/dev/null; do
  cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0\\n' '  ' >> LOG
  echo >> LOG
done
wait "$pid"`;
