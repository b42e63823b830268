import { afterAll, afterEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { ImageView } from '#server/api';
import { ownOutput, Scenario, machines } from './support.ts';
import { vmMissing, VmScenario } from './vm-support.ts';

vi.setConfig({ testTimeout: 580_000, hookTimeout: 600_000 });

/** What tells a machine of its own from this computer. */
const WHERE = '{"checkout": false, "test": "id -un; hostname; test -e /sbin/terrarium-init && echo IN A MACHINE OF ITS OWN"}';

let scenario: Scenario | undefined;
let vm: VmScenario | undefined;

afterEach(async () => {
  await scenario?.close();
  scenario = undefined;
});

afterAll(() => vm?.close());

test('a project that demands virtual machines is told so where there are none, and runs nowhere', async () => {
  scenario = await Scenario.open(machines(1));
  const repository = await scenario.repository('demanding', { '.terrarium.yml': WHERE });
  const project = await scenario.addProject(repository.folder, 'demanding', { isolation: 'vm' });
  const build = await scenario.ended((await scenario.start(project.id)).id);
  const job = await scenario.getJob(build.jobs[0]?.id ?? 0);
  expect(job).toMatchObject({ state: 'errored', attempts: [] });
  expect(job.reason).toMatch(/^no machine here is kept apart as vm, which its project demands: there is pool local: /);
});

describe.skipIf(vmMissing !== null)(`with virtual machines${vmMissing === null ? '' : ` (skipped: ${vmMissing})`}`, () => {
  test('it runs in one beside a pool of this computer, and its page tells of which', async () => {
    const local = { name: 'local', runner: 'local', image: 'local', jobs: 2, ready: 1 };
    vm = await VmScenario.open({ plugins: [{ plugin: 'runner-local', name: 'local' }], pools: [local] });
    const repository = await vm.scenario.repository('demanding', { '.terrarium.yml': WHERE });
    const project = await vm.scenario.addProject(repository.folder, 'demanding', { isolation: 'vm' });
    const build = await vm.scenario.ended((await vm.scenario.start(project.id)).id);
    const id = build.jobs[0]?.id ?? 0;
    const job = await vm.scenario.getJob(id);
    expect(ownOutput(await vm.scenario.log(id)).toString()).toMatch(/^ci\nm[a-z0-9]+\nIN A MACHINE OF ITS OWN\n$/);
    const [image] = z.array(ImageView).parse(await vm.scenario.json('GET', '/api/images'));
    expect(image?.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(job).toMatchObject({
      state: 'passed',
      attempts: [{ number: 1, image: 'debian-12', imageDigest: image?.digest, host: 'here', lost: false, denied: [] }],
    });
    expect(job.attempts[0]?.isolation).toMatch(/^vm\b/);
  });
});
