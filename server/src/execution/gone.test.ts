import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { temporaryFolder, type TemporaryFolder } from '../../../test/support/temporary.ts';
import { insertProject, jobsOf, jobSpec, LINUX, newBuild } from '../builds/testing/rows.ts';
import { LogStore } from '../logs/index.ts';
import { Registry } from '../plugins/index.ts';
import { goneSince } from './load-attempt.ts';
import { ScriptedRunner } from './testing/scripted-runner.ts';
import { startServer, type WholeServer } from './testing/whole-server.ts';

const PYTHON = { name: '3.8', implementation: 'cpython', version: '3.8.1', path: '/opt/3.8' };
const WANTED = { requirements: { ...LINUX, interpreter: '3.8' } };

let database: TestDatabase;
let folder: TemporaryFolder;
let logs: LogStore;
let runner: ScriptedRunner;
let registry: Registry;
let server: WholeServer;

beforeAll(async () => {
  database = await testDatabase();
  folder = await temporaryFolder();
});

afterAll(async () => {
  await database?.close();
  await folder?.remove();
});

beforeEach(async () => {
  logs = new LogStore(join(folder.path, randomUUID()));
  runner = new ScriptedRunner();
  runner.image = { ...runner.image, interpreters: [PYTHON] };
  registry = new Registry();
  registry.add('runner', { name: 'lab', plugin: 'scripted', extension: runner.driver() });
  server = await start();
});

afterEach(() => server.stop());

async function start(): Promise<WholeServer> {
  return await startServer({ database, registry, logs, folder: folder.path });
}

test('an attempt whose Python is gone when another server takes it over runs on no other one', async () => {
  runner.onMade = (machine) => {
    machine.onCommand = () => new Promise(() => undefined);
  };
  const id = await server.builds.create(newBuild(await insertProject(database), [jobSpec('a', WANTED)]));
  await vi.waitFor(() => expect(runner.made[0]?.commands).toHaveLength(1), 20_000);
  runner.image = { ...runner.image, interpreters: [] };
  await server.stop();
  server = await start();
  await vi.waitFor(async () => expect((await jobsOf(database, id))[0]?.state).toBe('errored'), 20_000);
  expect((await jobsOf(database, id))[0]?.reason).toBe('Python 3.8 is no longer there for its machine');
  expect(runner.made[0]?.commands).toHaveLength(1);
});

test('a compiler that is gone is missed, too; what has begun has what it needs', () => {
  const spec = jobSpec('a', { requirements: { ...LINUX, interpreter: '3.8', compiler: 'msvc-2022' } });
  expect(goneSince({ spec, state: 'starting' }, PYTHON, null)).toBe('the compiler msvc-2022 is no longer there for its machine');
  expect(goneSince({ spec, state: 'running' }, null, null)).toBeNull();
  expect(goneSince({ spec: jobSpec('a', WANTED), state: 'starting' }, PYTHON, null)).toBeNull();
});
