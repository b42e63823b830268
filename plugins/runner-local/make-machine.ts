import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PluginError } from '#plugins/api';
import { READY_LINE } from './control.ts';
import { Bell } from './follow.ts';
import type { Maker } from './maker.ts';
import { childrenOf, nameProcess, type ProcessName } from './processes.ts';
import type { Sandbox } from './sandbox.ts';

/** A sandbox that has not come up by then never will. */
const PATIENCE_MS = 30_000;
/** In the machine's folder: what its start writes to standard error. */
const STORY = 'start.log';

/**
 * Starts a sandbox and waits until its control shell answers; gives the processes that must run. What it started may still run when it
 * throws: the caller's removal finds it by its mark. `groups`: files into which its first process writes itself.
 */
export async function startSandbox(
  maker: Maker,
  sandbox: Sandbox,
  options: { readonly folder: string; readonly mark: string; readonly groups: readonly string[]; readonly signal: AbortSignal },
): Promise<ProcessName[]> {
  const { folder, mark, groups, signal } = options;
  signal.throwIfAborted();
  writeFileSync(join(folder, STORY), '', { mode: 0o600 });
  const bell = new Bell(join(folder, STORY), signal);
  try {
    maker.start({ story: join(folder, STORY), mark, shared: sandbox.shared, groups, words: [...sandbox.own, '--', ...sandbox.command] });
    const first = await answered(folder, bell, signal);
    return [first, ...childrenOf(first)].map((pid) => named(pid));
  } finally {
    bell.close();
  }
}

/** Arguments as bubblewrap reads them from a file. */
export function nulSeparated(words: readonly string[]): string {
  return words.map((word) => `${word}\0`).join('');
}

/** Gives the sandbox's outermost process. */
async function answered(folder: string, bell: Bell, signal: AbortSignal): Promise<number> {
  for (const began = performance.now(); ;) {
    signal.throwIfAborted();
    const story = readStory(folder);
    if (story.pid !== null && story.ready) return story.pid;
    const late = performance.now() - began > PATIENCE_MS;
    if (late || (story.pid !== null && nameProcess(story.pid) === null)) {
      // It may have said why between the two looks.
      throw notStarted(readStory(folder).errors, late ? 'no answer' : 'it ended at once');
    }
    await bell.wait();
  }
}

function notStarted(errors: string, problem: string): PluginError {
  return new PluginError('unavailable', `The sandbox did not start (${problem}): ${errors}`);
}

/** What the start has told so far: the number of its outermost process, its errors, and that it is ready, each on lines of its own. */
function readStory(folder: string): { pid: number | null; ready: boolean; errors: string } {
  const [first = '', ...lines] = readFileSync(join(folder, STORY), 'utf8').split('\n');
  const pid = lines.length > 0 && /^\d+$/.test(first) ? Number(first) : null;
  return { pid, ready: lines.includes(READY_LINE), errors: (pid === null ? [first, ...lines] : lines).join('\n').trim() };
}

function named(pid: number): ProcessName {
  const name = nameProcess(pid);
  if (name === null) throw new PluginError('unavailable', 'The sandbox ended as soon as it began.');
  return name;
}
