import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type BuildView, type HostView, type JobView, MachinesView } from '#server/api';
import { sshdMissing, startSshd, type TestSshd } from '../support/sshd.ts';
import { ownOutput, until } from './support.ts';
import { machineProcesses, vmMissing, VmScenario } from './vm-support.ts';

vi.setConfig({ testTimeout: 580_000, hookTimeout: 600_000 });

const MARK = String(4_000_000 + (Date.now() % 1_000_000));
const missing = vmMissing ?? sshdMissing();
const STAYS = 'echo begun; sleep 600';

/** A computer as far as the server can tell: an SSH server, and a folder that is nobody else's. */
interface TestHost {
  readonly sshd: TestSshd;
  readonly folder: string;
}

let one: TestHost;
let other: TestHost;
let vm: VmScenario;

describe.skipIf(missing !== null)(`virtual machines on two hosts${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  beforeAll(async () => {
    [one, other] = [await host(), await host()];
    const hosts = [configured('one', one), configured('other', other)];
    vm = await VmScenario.open({ hosts, runner: { lostSeconds: 3 } });
  });

  afterAll(async () => {
    await vm?.close();
    for (const { sshd, folder } of [one, other].filter((each) => each !== undefined)) {
      await sshd.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('machines go where there is most room', async () => {
    const jobs = [1, 2, 3, 4].map((number) => ({ name: `job ${number}`, test: STAYS }));
    const build = await vm.scenario.build('placed', JSON.stringify({ checkout: false, jobs }));
    const running = await begun(build);
    expect(running.map(hostOf).toSorted()).toEqual(['one', 'one', 'other', 'other']);
    expect((await hosts()).map(({ name, state, machines, limit }) => ({ name, state, machines, limit }))).toEqual([
      { name: 'one', state: 'up', machines: 2, limit: 2 },
      { name: 'other', state: 'up', machines: 2, limit: 2 },
    ]);
    await vm.cancel(build.id);
    await vm.scenario.ended(build.id);
    await until('the machines to be gone', async () => ((await hosts()).every(({ machines }) => machines === 0) ? true : null));
  });

  test('a host that does not answer is drained, its job runs on the other, and when it is back nothing of the job is left there', async () => {
    const jobs = [1, 2].map((number) => ({ name: `job ${number}`, test: 'echo begun; sleep 20; echo over' }));
    const build = await vm.scenario.build('drained', JSON.stringify({ checkout: false, jobs }));
    const running = await begun(build);
    expect(running.map(hostOf).toSorted()).toEqual(['one', 'other']);
    const lost = running.find((job) => hostOf(job) === 'one');
    const machine = await vm.machineOf(lost?.id ?? 0);
    const installation = await vm.installation();
    const left = (): number[] => machineProcesses(installation).flatMap((each) => (each.machine === machine ? [each.pid] : []));
    await one.sshd.stop();
    one.sshd.cut();
    // Its machine goes on, but nobody hears of it.
    for (const pid of left()) process.kill(pid, 'SIGSTOP');
    await until('the host to be drained', async () => ((await hosts())[0]?.state === 'drained' ? true : null));
    expect((await hosts())[0]?.problem).toMatch(/./);
    const ended = await vm.scenario.ended(build.id, 300_000);
    for (const { id } of ended.jobs) await judge(id, id === lost?.id);
    expect(left()).not.toEqual([]);
    expect(machinesOf(one)).toEqual([machine]);
    await one.sshd.start();
    await until('what was left to be destroyed', async () => (machinesOf(one).length === 0 && left().length === 0 ? true : null), 200_000);
    await until('the host to be up', async () => ((await hosts())[0]?.state === 'up' ? true : null));
  });

  test('nothing is left', async () => {
    expect(await vm.leftovers(MARK)).toEqual([]);
    expect([...machinesOf(one), ...machinesOf(other)]).toEqual([]);
  });
});

async function host(): Promise<TestHost> {
  return { sshd: await startSshd(), folder: mkdtempSync(join(tmpdir(), 'terrarium-host-')) };
}

function configured(name: string, { sshd, folder }: TestHost): Record<string, unknown> {
  const { host: address, port, user, privateKeyFile, knownHostsLine } = sshd;
  return { name, machines: 2, folder, ssh: { host: address, port, user, privateKeyFile, hostKey: knownHostsLine } };
}

/** The jobs of a build once all of them run. */
async function begun(build: BuildView): Promise<JobView[]> {
  return await Promise.all(
    build.jobs.map(async ({ id }) => {
      await until(`job ${id} to begin`, async () => ((await vm.scenario.log(id)).includes('begun\n') ? true : null), 300_000);
      return await vm.scenario.getJob(id);
    }),
  );
}

async function judge(id: number, lost: boolean): Promise<void> {
  const job = await vm.scenario.getJob(id);
  const passed = { state: 'passed', lost: false, host: 'other' };
  expect(job.attempts).toMatchObject(lost ? [{ state: 'errored', lost: true, host: 'one' }, passed] : [passed]);
  expect(ownOutput(await vm.scenario.log(id)).toString()).toBe('begun\nover\n');
}

function hostOf(job: JobView): string {
  return job.attempts.at(-1)?.host ?? 'nowhere';
}

async function hosts(): Promise<HostView[]> {
  const view = MachinesView.parse(await vm.scenario.json('GET', '/api/machines'));
  return view.hosts.toSorted((a, b) => a.name.localeCompare(b.name));
}

/** What the runner has on a host: the folder is the installation's there. */
function machinesOf({ folder }: TestHost): string[] {
  return readdirSync(folder).flatMap((name) => readdirSync(join(folder, name, 'machines')));
}
