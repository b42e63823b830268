import { readFile, readdir, readlink } from 'node:fs/promises';

/**
 * Ends all processes that work in a folder or were started with a path in it as argument, and says which: for tests that promise to leave nothing.
 * Knows no other system than Linux; elsewhere it finds nothing.
 */
export async function endLeftovers(folder: string): Promise<string[]> {
  if (process.platform !== 'linux') return [];
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = await Promise.all(pids.map((pid) => describe(pid, folder)));
  const left = found.filter((one) => one !== null);
  for (const { pid } of left) end(pid);
  return left.map(({ pid, command }) => `${pid} ${command}`);
}

async function describe(pid: string, folder: string): Promise<{ pid: number; command: string } | null> {
  try {
    const command = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
    const place = await readlink(`/proc/${pid}/cwd`);
    return command.includes(folder) || place.startsWith(folder) ? { pid: Number(pid), command } : null;
  } catch {
    // It ended while we looked, or belongs to somebody else: none of ours.
    return null;
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself meanwhile, which is what we want; that it was there at all is what the caller reports.
  }
}
