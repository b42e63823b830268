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

test('tokens from before become the first account’s and may what they might; links stay good; sessions have to be begun anew', async () => {
  await migrate(client, migrations.slice(0, 3), recordingLogger());
  await client.query(
    `insert into tokens (name, prefix, hash, may_shell, expires_at) values ('ci', 'trr_1234', '\\x01', false, null), ('ops', 'trr_5678', '\\x02', true, '2030-01-01')`,
  );
  await client.query(`insert into login_codes (hash, expires_at) values ('\\x03', '2030-01-01')`);
  await client.query(`insert into sessions (sid, sess, expire) values ('old', '{"user": {"name": "admin", "role": "admin"}}', '2030-01-01')`);
  await migrate(client, migrations.slice(0, 4), recordingLogger());
  const accounts = await client.query('select id, name, key, role, may_shell, password, disabled from accounts');
  expect(accounts.rows).toEqual([{ id: 1, name: 'admin', key: 'admin', role: 'admin', may_shell: true, password: null, disabled: false }]);
  const tokens = await client.query('select name, account_id, scopes, projects, expires_at is null as endless from tokens order by id');
  expect(tokens.rows).toEqual([
    { name: 'ci', account_id: 1, scopes: ['admin'], projects: null, endless: true },
    { name: 'ops', account_id: 1, scopes: ['admin', 'shell'], projects: null, endless: false },
  ]);
  expect((await client.query('select account_id, purpose from login_codes')).rows).toEqual([{ account_id: 1, purpose: 'sign-in' }]);
  expect((await client.query('select 1 from sessions')).rowCount).toBe(0);
});

test('a new installation begins with the same account', async () => {
  await migrate(client, migrations, recordingLogger());
  expect((await client.query('select id, name, role from accounts')).rows).toEqual([{ id: 1, name: 'admin', role: 'admin' }]);
  await expect(client.query(`insert into tokens (name, prefix, hash, scopes) values ('x', 'y', '\\x01', '{read}')`)).rejects.toThrow('account_id');
});
