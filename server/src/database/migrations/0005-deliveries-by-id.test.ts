import { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { testDatabaseUrl, type DatabaseUrl } from '../../../../test/support/database.ts';
import { recordingLogger } from '../../../../test/support/logger.ts';
import { migrate } from '../migrate.ts';
import { migrations } from './index.ts';

let place: DatabaseUrl;
let client: Client;

beforeEach(async () => {
  place = await testDatabaseUrl('empty');
  client = new Client({ connectionString: place.url });
  await client.connect();
});

afterEach(async () => {
  await client.end();
  await place.drop();
});

async function insert(hostId: string, digest: string, hook = 'instance'): Promise<void> {
  await client.query(
    `insert into deliveries (instance, hook, host_id, digest, event, headers, body) values ('github', $3, $1, $2, 'push', '{}', 'x')`,
    [hostId, Buffer.from(digest), hook],
  );
}

test('deliveries from before stay, and are still taken once by each hook', async () => {
  await migrate(client, migrations.slice(0, 4), recordingLogger());
  await insert('one', 'a');
  await migrate(client, migrations.slice(0, 5), recordingLogger());
  await expect(insert('one', 'b')).rejects.toThrow('deliveries_host_id_key');
  await expect(insert('two', 'a')).rejects.toThrow('deliveries_digest_key');
  await insert('one', 'a', 'project:1');
  const { rows } = await client.query('select host_id, hook from deliveries order by id');
  expect(rows).toEqual([
    { host_id: 'one', hook: 'instance' },
    { host_id: 'one', hook: 'project:1' },
  ]);
});
