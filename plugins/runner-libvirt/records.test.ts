import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FakeContext, fakeContext } from '#plugins/api/testing';
import { type MachineRecord, MachineRecords } from './records.ts';

const record: MachineRecord = {
  host: 'here',
  digest: 'a',
  system: 'linux',
  port: 20_000,
  user: 'ci',
  hostKey: 'ssh-ed25519 AAAA',
  privateKey: 'secret',
  ready: true,
};

describe('the records of machines', () => {
  let context: FakeContext<null>;
  let folder: string;
  beforeEach(async () => {
    context = await fakeContext(null);
    folder = join(context.folder, 'machines');
  });
  afterEach(() => context.remove());

  test('are found by whoever comes later, and are nobody else’s to read', async () => {
    await new MachineRecords(folder, context.logger).set('one', record);
    const later = new MachineRecords(folder, context.logger);
    expect(await later.ids()).toEqual(['one']);
    expect(await later.get('one')).toEqual(record);
    expect(readdirSync(folder)).toEqual(['one.json']);
    expect(statSync(join(folder, 'one.json')).mode & 0o777).toBe(0o600);
  });

  test('go, also twice', async () => {
    const records = new MachineRecords(folder, context.logger);
    await records.set('one', record);
    await records.delete('one');
    await records.delete('one');
    expect(await records.ids()).toEqual([]);
    expect(await records.get('one')).toBeNull();
  });

  test('that are damaged still name their machine', async () => {
    const records = new MachineRecords(folder, context.logger);
    await records.set('one', record);
    writeFileSync(join(folder, 'one.json'), '{"host":');
    expect(await records.get('one')).toBeNull();
    expect(await records.ids()).toEqual(['one']);
    expect(context.lines).toMatchObject([{ level: 'warn', fields: { id: 'one' } }]);
  });
});
