import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { describeRunnerDriver, fakeContext, type RunnerSubject } from '#plugins/api/testing';
import { LocalConfig } from './config.ts';
import { LocalRunner } from './local-runner.ts';
import { findMarked, kill, waitGone } from './processes.ts';
import { sandboxProblem } from './testing/sandbox-problem.ts';

async function setup(isolation: 'sandbox' | 'none'): Promise<RunnerSubject> {
  const context = await fakeContext(LocalConfig.parse({ isolation }), `contract-${isolation}`);
  const driver = new LocalRunner(context);
  await driver.init(new AbortController().signal);
  return {
    driver,
    image: 'local',
    machines: 3,
    async later() {
      const later = new LocalRunner(context);
      await later.init(new AbortController().signal);
      return later;
    },
    lose: (id) => lose(context.folder, id),
    leftovers: async () => leftovers(context.folder),
    async close() {
      await driver.close();
      await context.remove();
    },
  };
}

/** What a crash of the host leaves: no process, and where processes are not what makes the machine, no record. */
async function lose(folder: string, id: string): Promise<void> {
  const processes = findMarked('TERRARIUM_MACHINE', `${folder}/${id}`);
  for (const one of processes) kill(one.pid);
  await waitGone(processes, new AbortController().signal);
  if (processes.length > 0) return;
  const { rm } = await import('node:fs/promises');
  await rm(join(folder, 'machines', id, 'machine.json'));
}

function leftovers(folder: string): string[] {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.includes(folder));
  const processes = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandLine(pid).includes(folder));
  return [...mounts, ...processes.map((pid) => `process ${pid}: ${commandLine(pid)}`), ...readdirSync(join(folder, 'machines'))];
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

describeRunnerDriver('runner-local without isolation', () => setup('none'));

const problem = await sandboxProblem();
if (problem === null) describeRunnerDriver('runner-local in a sandbox', () => setup('sandbox'));
else describe('runner-local in a sandbox', () => it.skip(`cannot be tested here: ${problem}`, () => undefined));
