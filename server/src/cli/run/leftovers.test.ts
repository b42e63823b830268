import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { runTypescript, type TypescriptProcess } from '../../../../test/support/child-process.ts';
import { endLeftovers } from '../../../../test/support/leftovers.ts';
import { temporaryFolder, type TemporaryFolder } from '../../../../test/support/temporary.ts';
import { SCRATCH_PREFIX } from './leftovers.ts';
import { claim, deadOwner, ownerHere } from './scratch-owner.ts';

const FIXTURE = fileURLToPath(new URL('fixtures/run.ts', import.meta.url));
const Event = z.object({ type: z.string(), text: z.string().optional(), state: z.string().optional() });
const Record = z.object({ processes: z.array(z.object({ pid: z.int() })) });

let home: TemporaryFolder;

beforeEach(async () => {
  home = await temporaryFolder();
  await mkdir(join(home.path, 'project'));
  await mkdir(join(home.path, 'tmp'));
});

afterEach(async () => {
  await endLeftovers(home.path);
  await home.remove();
});

async function begin(command: string): Promise<TypescriptProcess> {
  await writeFile(join(home.path, 'project', '.terrarium.yml'), JSON.stringify({ test: command }));
  return runTypescript(FIXTURE, { FOLDER: join(home.path, 'project'), TMPDIR: join(home.path, 'tmp') });
}

async function until(run: TypescriptProcess, fits: (event: z.infer<typeof Event>) => boolean): Promise<void> {
  while (!fits(Event.parse(JSON.parse(await run.line()))));
}

async function ended({ process }: TypescriptProcess): Promise<void> {
  if (process.exitCode === null && process.signalCode === null) await once(process, 'exit');
}

async function scratches(): Promise<string[]> {
  const names = await readdir(join(home.path, 'tmp'));
  return names.filter((name) => name.startsWith(SCRATCH_PREFIX)).map((name) => join(home.path, 'tmp', name));
}

/** The machines of a scratch folder, and their processes. */
async function machinesOf(scratch: string): Promise<{ count: number; pids: number[] }> {
  const folder = join(scratch, 'plugins', 'local', 'machines');
  const ids = await readdir(folder);
  const records = await Promise.all(ids.map(async (id) => Record.parse(JSON.parse(await readFile(join(folder, id, 'machine.json'), 'utf8')))));
  return { count: ids.length, pids: records.flatMap((record) => record.processes.map((one) => one.pid)) };
}

/** Whether a process runs: one that nobody has taken leave of yet does not. */
function runs(pid: number): boolean {
  return existsSync(`/proc/${pid}/stat`) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
}

test('what a killed run leaves, the next one removes', { timeout: 120_000 }, async () => {
  const killed = await begin('echo at work; sleep 600');
  await until(killed, (event) => event.text === 'at work');
  await killed.kill('SIGKILL');
  const [left = ''] = await scratches();
  const { count, pids } = await machinesOf(left);
  expect(count).toBe(1);
  expect(pids.filter(runs)).toEqual(pids);
  const next = await begin('true');
  await until(next, (event) => event.state === 'passed');
  await ended(next);
  expect(await scratches()).toEqual([]);
  expect(pids.filter(runs)).toEqual([]);
  expect(await endLeftovers(home.path)).toEqual([]);
});

test('what another run still uses stays', { timeout: 120_000 }, async () => {
  const other = await begin('echo at work; sleep 600');
  await until(other, (event) => event.text === 'at work');
  const [used = ''] = await scratches();
  const next = await begin('true');
  await until(next, (event) => event.state === 'passed');
  await ended(next);
  expect(await scratches()).toEqual([used]);
  expect((await machinesOf(used)).count).toBe(1);
  other.process.kill('SIGINT');
  await ended(other);
  expect(await scratches()).toEqual([]);
});

test('a folder has one owner at a time, and none but a dead one of ours is taken over', async () => {
  const folder = join(home.path, 'scratch');
  await mkdir(folder, { mode: 0o700 });
  expect(await deadOwner(folder)).toBeNull();
  const dead = { ...ownerHere('run-1'), started: 'long ago' };
  expect([await claim(folder, 0, dead), await claim(folder, 0, dead)]).toEqual([true, false]);
  expect(await deadOwner(folder)).toEqual({ number: 0, owner: dead });
  await claim(folder, 1, ownerHere('run-1'));
  expect(await deadOwner(folder)).toBeNull();
  await claim(folder, 2, { ...dead, space: 'another container' });
  expect(await deadOwner(folder)).toBeNull();
  await mkdir(join(home.path, 'open'), { mode: 0o755 });
  await claim(join(home.path, 'open'), 0, dead);
  expect(await deadOwner(join(home.path, 'open'))).toBeNull();
});
