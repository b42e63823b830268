import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SshConnection, parseHostKey } from '#plugins/kit/ssh';
import { LocalHost } from '#plugins/kit/vm/host-local';
import { ImageStore } from '#plugins/kit/vm/image-store';
import { HostConfig } from '../../plugins/runner-qemu/config.ts';
import { makeMachine } from '../../plugins/runner-qemu/make-machine.ts';
import { Site } from '../../plugins/runner-qemu/site.ts';
import { Snapshots } from '../../plugins/runner-qemu/snapshots.ts';
import { recordingLogger } from '../support/logger.ts';
import { testImage } from '../support/vm-image.ts';
import { emit, median, percentile, round } from './support.ts';

const TIMES = 15;

/** From nothing to the answer of the first command over SSH, one machine after the other: how quickly a memory snapshot becomes a machine. */
export async function vmRestore(): Promise<void> {
  const { signal } = new AbortController();
  const logger = recordingLogger();
  const { imagesFolder, name } = await testImage();
  const folder = await mkdtemp(join(tmpdir(), 'terrarium-bench-vm-'));
  const tag = (id: string): string => `terrarium:bench:vm:${id}`;
  const site = new Site(new LocalHost('here'), HostConfig.parse({ name: 'here' }), { tag, defaults: { folder, name: 'vm' }, logger, lostMs: 60_000 });
  const image = await new ImageStore({ folder: imagesFolder, logger }).current(name);
  if (image === null) throw new Error('the image of the tests is gone');
  const resources = { cpus: 1, memoryMegabytes: 512, diskGigabytes: Math.ceil(image.manifest.diskBytes / 1024 ** 3) };
  const parts = { site, snapshots: new Snapshots(logger), shape: { manifest: image.manifest, imageFolder: image.folder, resources }, key: null };
  const seeded: number[] = [];
  const answered: number[] = [];
  const gone: number[] = [];
  try {
    for (let time = 0; time <= TIMES; time += 1) {
      const id = `m${time}`;
      const began = performance.now();
      const access = await makeMachine(parts, { id, gates: [] }, signal);
      const middle = performance.now();
      const connection = await SshConnection.open(
        {
          host: id,
          port: 22,
          user: access.user,
          hostKeys: [parseHostKey(access.hostKey)],
          authentication: { kind: 'key', privateKey: access.privateKey, passphrase: null },
          reach: (limited) => site.host.connect(`${folder}/machines/${id}/vm/ssh`, limited),
        },
        signal,
      );
      await connection.runScript('true', [], signal);
      const end = performance.now();
      await connection.close();
      await site.destroy(id, signal);
      // The first one had to take the snapshot.
      if (time === 0) continue;
      seeded.push(middle - began);
      answered.push(end - began);
      gone.push(performance.now() - end);
    }
  } finally {
    for (const id of await site.list(signal)) await site.destroy(id, signal);
    await rm(folder, { recursive: true, force: true });
  }
  emit('vm-restore', {
    n: TIMES,
    accelerator: (await site.facts(signal)).accelerator,
    to_seeded_p50_ms: round(median(seeded)),
    to_first_command_least_ms: round(Math.min(...answered)),
    to_first_command_p50_ms: round(median(answered)),
    to_first_command_p95_ms: round(percentile(answered, 0.95)),
    destroyed_p50_ms: round(median(gone)),
    aim_p50_ms: 1000,
  });
}
