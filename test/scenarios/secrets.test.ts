import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { testDatabaseUrl, type DatabaseUrl } from '../support/database.ts';
import { machines, Scenario, subscribe } from './support.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

/** With characters that every encoding changes. */
const SECRET = 'q7/Zr+0x&Kk=Lm9?Vw T#e%';
const LINES = ['first-line-of-the-key-5521', 'second-line-of-the-key-9914'];
const BASE64 = Buffer.from(SECRET).toString('base64');
const URL_ENCODED = encodeURIComponent(SECRET);
const FORMS = [SECRET, BASE64, BASE64.replace(/=+$/, ''), URL_ENCODED, Buffer.from(SECRET).toString('hex'), ...LINES];

let database: DatabaseUrl;
let scenario: Scenario;

beforeAll(async () => {
  database = await testDatabaseUrl('migrated');
  scenario = await Scenario.open(machines(2), { database: 'own', environment: { DATABASE_URL: database.url } });
});

afterAll(async () => {
  await scenario?.close();
  await database?.drop();
});

/** Prints the secret in every way that a careless tool does. Holds none of its forms itself. */
const SCRIPT = [
  'printf "%s" "$API_KEY" | sha256sum',
  'echo "raw <$API_KEY>"',
  'printf "base64 "; printf "%s" "$API_KEY" | base64 -w0; echo',
  `printf "url "; printf "%s" "$API_KEY" | sed 's/%/%25/g; s#/#%2F#g; s/+/%2B/g; s/&/%26/g; s/=/%3D/g; s/?/%3F/g; s/ /%20/g; s/#/%23/g'; echo`,
  'head="${API_KEY%?????????}"; printf "split "; printf "%s" "$head"; sleep 1; printf "%s\\n" "${API_KEY#"$head"}"',
  'for i in $(seq 3000); do printf "%s" "$API_KEY"; done; echo',
  'printf "%s\\n" "$MULTI"',
  'set -x; : "$API_KEY"; set +x',
  'echo "https://user:$API_KEY@host.example/"; echo end >&2',
];

/** Where any form of the secret stands in a text; empty if nowhere. */
function shown(text: string): string[] {
  return FORMS.filter((form) => text.includes(form));
}

test('a secret is a variable of the job, and appears nowhere else: no log, no event, no answer, no row, no file', async () => {
  const project = await scenario.project('secrets', JSON.stringify({ checkout: false, test: SCRIPT }));
  const patched = await scenario.json('PATCH', `/api/projects/${project.id}`, { secrets: { API_KEY: SECRET, MULTI: LINES.join('\n') } });
  expect(patched).toMatchObject({ secretNames: ['API_KEY', 'MULTI'] });
  const events: unknown[] = [];
  const socket = scenario.socket();
  socket.onAny((...event: unknown[]) => events.push(event));
  await subscribe(socket, `project:${project.id}`);
  const build = await scenario.start(project.id);
  const id = build.jobs[0]?.id ?? 0;
  for (const topic of [`build:${build.id}`, `job:${id}`, `log:${id}`] as const) await subscribe(socket, topic);
  expect((await scenario.ended(build.id)).state).toBe('passed');
  socket.disconnect();

  const log = (await scenario.log(id)).toString();
  expect(log).toContain(createHash('sha256').update(SECRET).digest('hex'));
  for (const word of ['raw <', 'base64 ', 'url ', 'split ', 'end\n']) expect(log).toContain(word);
  expect(shown(log)).toEqual([]);
  expect(events.length).toBeGreaterThan(2);
  expect(shown(eventText(events))).toEqual([]);
  for (const path of [
    '/api/projects',
    `/api/projects/${project.id}`,
    `/api/builds/${build.id}`,
    `/api/jobs/${id}`,
    `/api/jobs/${id}/log/index`,
    '/api/queue',
  ]) {
    expect(shown(await (await scenario.request('GET', path)).text()), path).toEqual([]);
  }
  expect(shown(await databaseText())).toEqual([]);
  expect(shown(await folderText(scenario.server.folder))).toEqual([]);
  expect(shown(await scenario.server.output())).toEqual([]);
});

test('a secret that is removed is gone, and a new value is masked like the old one', async () => {
  const project = await scenario.project('rotated', JSON.stringify({ checkout: false, test: 'echo "<${API_KEY-unset}>"' }));
  await scenario.json('PATCH', `/api/projects/${project.id}`, { secrets: { API_KEY: SECRET } });
  await scenario.json('PATCH', `/api/projects/${project.id}`, { secrets: { API_KEY: LINES[0] } });
  const masked = await scenario.ended((await scenario.start(project.id)).id);
  expect(shown((await scenario.log(masked.jobs[0]?.id ?? 0)).toString())).toEqual([]);
  expect(await scenario.json('PATCH', `/api/projects/${project.id}`, { secrets: { API_KEY: null } })).toMatchObject({ secretNames: [] });
  const without = await scenario.ended((await scenario.start(project.id)).id);
  expect((await scenario.log(without.jobs[0]?.id ?? 0)).toString()).toContain('<unset>\n');
});

/** Events as text, with the bytes that they carry. */
function eventText(events: readonly unknown[]): string {
  return JSON.stringify(events, (_key, value: unknown) =>
    value instanceof ArrayBuffer || ArrayBuffer.isView(value) ? bytesOf(value).toString() : value,
  );
}

function bytesOf(value: ArrayBuffer | ArrayBufferView): Buffer {
  return value instanceof ArrayBuffer ? Buffer.from(value) : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

/** Every row of every table as text; bytes as PostgreSQL prints them, in hexadecimal. */
async function databaseText(): Promise<string> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(`select quote_ident(tablename) as name from pg_tables where schemaname = 'public'`);
    expect(tables.rows.length).toBeGreaterThan(8);
    const texts = [];
    for (const { name } of tables.rows) {
      const { rows } = await client.query<{ row: string }>(`select t::text as row from ${name} t`);
      texts.push(...rows.map((row) => row.row));
    }
    return texts.join('\n');
  } finally {
    await client.end();
  }
}

async function folderText(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const texts = [];
  for (const entry of entries.filter((one) => one.isFile())) texts.push(await readFile(join(entry.parentPath, entry.name), 'latin1').catch(() => ''));
  return texts.join('\n');
}
