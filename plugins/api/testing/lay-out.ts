import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { CheckoutPlan } from '../index.ts';

/** Carries out a plan as a machine would: in a new folder. `folder` is the work tree. */
export async function layOut(plan: CheckoutPlan): Promise<{ readonly folder: string; remove(): Promise<void> }> {
  const root = await mkdtemp(path.join(tmpdir(), 'terrarium checkout-'));
  const agent = path.join(root, 'agent folder');
  const folder = path.join(root, 'tree');
  await mkdir(folder);
  for (const file of plan.files) {
    await mkdir(path.dirname(path.join(agent, file.name)), { recursive: true });
    await copyFile(file.from, path.join(agent, file.name));
  }
  const environment = { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: root, ...plan.variables, TERRARIUM_FOLDER: agent };
  // As the agent runs it: what must not go on after a failure says so itself.
  await promisify(execFile)('/bin/sh', ['-c', plan.script], { cwd: folder, env: environment });
  return { folder, remove: () => rm(root, { recursive: true }) };
}
