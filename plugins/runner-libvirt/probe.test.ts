import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { LocalHost } from '#plugins/kit/vm/host-local';
import { libvirtMissing } from '../../test/support/libvirt.ts';
import { probeXml } from './domain.ts';
import { PROBE_KVM } from './scripts.ts';
import { surveyHost } from './survey.ts';
import { type TestHost, startHost } from './test-support.ts';

const missing = libvirtMissing();
const never = new AbortController().signal;

vi.setConfig({ testTimeout: 60_000 });

describe.skipIf(missing !== null)(`whether a host runs guests${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  const here = new LocalHost('here');
  let host: TestHost;
  beforeAll(async () => {
    host = await startHost();
  });
  afterAll(() => host?.close());

  async function probe(change: (definition: string) => string): Promise<number> {
    const folder = join(host.folder, 'probe');
    const { exitCode } = await here.run(PROBE_KVM, [host.libvirt.uri, folder, 'probe', change(probeXml('probe', folder))], never);
    expect(host.leftovers()).toEqual([]);
    return exitCode;
  }

  /** KVM may not be had here: the same guest, translated. */
  function translated(definition: string): string {
    return definition.replace("type='kvm'", "type='qemu'").replace("mode='host-passthrough'", "mode='maximum'");
  }

  test('is seen by what one of them says', async () => {
    expect(await probe(translated)).toBe(0);
  });

  test('is not taken for granted where QEMU starts and says nothing', async () => {
    const empty = join(host.folder, 'empty');
    writeFileSync(empty, Buffer.alloc(1_048_576));
    expect(await probe((definition) => translated(definition).replace(/(<source file=)'[^']*'/, `$1'${empty}'`))).not.toBe(0);
    rmSync(empty);
  });

  test('is not where the definition cannot be run', async () => {
    expect(await probe((definition) => definition.replace("machine='q35'", "machine='none-such'"))).not.toBe(0);
  });

  test('a survey finds an accelerator that is usable, and says why it is not KVM', async () => {
    mkdirSync(join(host.folder, 'x'));
    const wish = { folder: join(host.folder, 'x'), mark: 'abc', uri: host.libvirt.uri } as const;
    const facts = await surveyHost(here, { ...wish, accelerator: 'auto' }, never);
    expect(facts).toMatchObject({ root: wish.folder, note: facts.accelerator === 'kvm' ? null : expect.stringContaining('KVM') });
    expect(facts.versions).toMatch(/^[0-9.]+ [0-9.]+$/);
    expect(await surveyHost(here, { ...wish, accelerator: 'tcg' }, never)).toMatchObject({ accelerator: 'tcg', note: null });
    expect(host.leftovers()).toEqual([]);
  });

  test('a libvirt that does not answer is away', async () => {
    const wish = { folder: join(host.folder, 'y'), mark: 'abc', uri: 'qemu+unix:///system?socket=/nowhere/sock', accelerator: 'tcg' } as const;
    await expect(surveyHost(here, wish, never)).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('/nowhere/sock') });
  });
});
