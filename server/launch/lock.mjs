import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { inRoot } from './places.mjs';

const LOCK = inRoot('dist', 'launch.lock');
const BEAT_MS = 2000;
/** A holder that has not touched its lock for so long is gone. Its process id would not tell: it may be another process's by now. */
const DEAD_MS = 20_000;

/** Runs `work` while nobody else on this checkout runs theirs; waits for whoever is at it, saying so once. */
export async function withLock(say, work) {
  mkdirSync(inRoot('dist'), { recursive: true });
  let isSaid = false;
  while (!take()) {
    if (!isSaid) say('Another Terrarium is installing or building here; waiting for it ...');
    isSaid = true;
    await pause(250);
  }
  const beat = setInterval(() => utimesSync(LOCK, new Date(), new Date()), BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    rmSync(LOCK, { force: true });
  }
}

function take() {
  try {
    writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    removeIfDead();
    return false;
  }
}

/** Two that find the same dead lock must not remove each other's new one: whoever renames it looks again at what was caught. */
function removeIfDead() {
  const caught = `${LOCK}.${process.pid}`;
  try {
    if (isBeating(LOCK)) return;
    renameSync(LOCK, caught);
    if (isBeating(caught)) writeFileSync(LOCK, readFileSync(caught), { flag: 'wx' });
    rmSync(caught);
  } catch (error) {
    // Somebody else was faster.
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  }
}

function isBeating(path) {
  return Date.now() - statSync(path).mtimeMs < DEAD_MS;
}
