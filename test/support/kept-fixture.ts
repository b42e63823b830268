import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Something heavy that tests share: it is made once and kept between runs. */
export interface KeptFixture {
  /** `vm-images`: what of the same kind is a day old and has another fingerprint is removed when a new one is made. */
  readonly kind: string;
  /** Of all that it is made of: another one makes another fixture. */
  readonly fingerprint: string;
  /** Whether what is in the folder is whole. */
  readonly isMade: (folder: string) => Promise<boolean>;
  /** Makes it. The folder may hold what a try before has left. */
  readonly make: (folder: string) => Promise<void>;
}

/** The fixture's folder; makes it first where that has not been done. Processes that ask at the same time wait for the one that makes it. */
export async function keptFixture({ kind, fingerprint, isMade, make }: KeptFixture): Promise<string> {
  const prefix = `terrarium-${kind}-`;
  const folder = join(tmpdir(), `${prefix}${fingerprint}`);
  if (await isMade(folder)) return folder;
  await withLock(`${folder}.lock`, async () => {
    if (await isMade(folder)) return;
    await removeOld(prefix, folder);
    await make(folder);
  });
  return folder;
}

/** Those of other fingerprints go after a day: until then another checkout may use them. */
async function removeOld(prefix: string, own: string): Promise<void> {
  for (const name of (await readdir(tmpdir())).filter((one) => one.startsWith(prefix))) {
    const path = join(tmpdir(), name);
    if (path.startsWith(own) || Date.now() - (await stat(path)).mtimeMs < DAY_MS) continue;
    await rm(path, { recursive: true, force: true });
  }
}

/** Does something while no other process does it. The lock is the kernel's, so it ends with this process however that ends. */
async function withLock(file: string, work: () => Promise<void>): Promise<void> {
  const holder = spawn('flock', [file, 'sh', '-c', 'echo held; exec cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(holder, 'exit');
  try {
    await Promise.race([once(holder.stdout, 'data'), ended.then(() => Promise.reject(new Error('flock gave no lock')))]);
    await work();
  } finally {
    holder.stdin.end();
    await ended;
  }
}
