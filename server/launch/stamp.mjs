import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { inRoot } from './places.mjs';

/** A stamp says from which sources something was built: a hash of their paths, sizes and times. */
export class Stamp {
  #file;
  #roots;
  #skip;

  /** `file`, and `roots` whose files count, relative to the checkout; `skip` says of a path that it does not. */
  constructor(file, roots, skip) {
    this.#file = inRoot(file);
    this.#roots = roots;
    this.#skip = skip;
  }

  /** Whether what was built fits the sources as they are. */
  isFresh() {
    return existsSync(this.#file) && readFileSync(this.#file, 'utf8') === this.compute();
  }

  /** The hash of the sources as they are. Take it before building: what changes meanwhile is built the next time. */
  compute() {
    const hash = createHash('sha256');
    for (const path of this.#roots.flatMap((root) => filesIn(root))) {
      if (this.#skip(path)) continue;
      const { mtimeMs, size } = statSync(inRoot(path));
      hash.update(`${path}\0${mtimeMs}\0${size}\n`);
    }
    return hash.digest('hex');
  }

  /** Before building: whatever is there does not count any more. */
  remove() {
    rmSync(this.#file, { force: true });
  }

  write(value) {
    writeFileSync(this.#file, value);
  }
}

/** The paths of all files at or below a path of the checkout, in order; none if there is no such path. */
export function filesIn(path) {
  if (!existsSync(inRoot(path))) return [];
  if (!statSync(inRoot(path)).isDirectory()) return [path];
  const names = readdirSync(inRoot(path)).filter((name) => name !== 'node_modules');
  return names.sort().flatMap((name) => filesIn(`${path}/${name}`));
}
