import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FakeRunner, FakeRunnerController } from '#plugins/api/testing';
import type { Verdict } from '#server/api';
import { type TestDatabase, testDatabase } from '../../../test/support/database.ts';
import { Audit } from '../audit/audit.ts';
import type { Asker } from '../auth/asker.ts';
import { Builds } from '../builds/builds.service.ts';
import { MAX_HOLD_MINUTES, holdAttempts } from '../builds/sql/hold-attempts.ts';
import { assign, finish, insertProject, jobSpec, jobsOf, newBuild } from '../builds/testing/rows.ts';
import { DomainEvents } from '../common/domain-events.ts';
import { Neighbours } from '../database/neighbours.ts';
import { withTransaction } from '../database/index.ts';
import { JobHolds } from './holds.ts';
import { ShellDoor } from './shell-door.ts';

const ADMIN: Asker = { account: 1, name: 'somebody', role: 'admin', right: 'token:1', mayShell: true, limits: null };

/** Its machines can be entered, as far as the door knows. */
class Enterable extends FakeRunner {
  override readonly shells = true;
}

let database: TestDatabase;
let owner: string;
let projectId: number;
let jobId: number;
let attemptId: number;
let machineId: string;
let holds: JobHolds;
let held: [string, Date][];
let unheld: string[];
const controller = new FakeRunnerController();

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(async () => {
  await controller.close();
  await database?.close();
});

/** A job whose attempt has just been given a machine. */
beforeEach(async () => {
  owner = randomUUID();
  projectId = await insertProject(database);
  const events = new DomainEvents();
  const builds = new Builds(database, events, new Neighbours(database, events, owner));
  const buildId = await builds.create(newBuild(projectId, [jobSpec('a')]));
  jobId = (await jobsOf(database, buildId))[0]?.id ?? 0;
  const [attempt] = await assign(database, owner, [jobId]);
  attemptId = attempt?.attemptId ?? 0;
  machineId = attempt?.machineId ?? '';
  [held, unheld] = [[], []];
  const pools = { hold: (id: string, until: Date) => void held.push([id, until]), unhold: async (id: string) => void unheld.push(id) };
  holds = new JobHolds({ database, events, pools, door: door(), audit: new Audit(database.pool, database.logger) });
});

function door(driver: FakeRunner = new Enterable(controller), self = owner): ShellDoor {
  return new ShellDoor(
    database.pool,
    { find: (id) => (id === machineId ? { driver, image: null, interpreterFor: () => null, compilerFor: () => null, packages: null } : null) },
    self,
  );
}

async function end(verdict: Verdict, lost = false): Promise<Date | null> {
  await finish(database, owner, attemptId, verdict);
  if (lost) await database.pool.query('update attempts set lost = true where id = $1', [attemptId]);
  await withTransaction(database, (client) => holdAttempts(client, [attemptId]));
  const { rows } = await database.pool.query<{ until: Date | null }>('select held_until as until from attempts where id = $1', [attemptId]);
  return rows[0]?.until ?? null;
}

function minutesFromNow(moment: Date | null | undefined): number | null {
  return moment ? Math.round((moment.getTime() - Date.now()) / 60_000) : null;
}

describe('the door', () => {
  test('leads to the machine of the attempt that runs', async () => {
    expect(await door().of(jobId)).toMatchObject({ jobId, attempt: 1, machineId });
    expect(await door().refusal(jobId)).toBeNull();
  });

  test('is closed where machines cannot be entered, or another server has them', async () => {
    expect(await door(new FakeRunner(controller)).refusal(jobId)).toBe('Machines of this runner cannot be entered.');
    expect(await door(undefined, randomUUID()).refusal(jobId)).toContain('Another server');
    await expect(door().of(2_000_000_000)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('is closed for a job that waits', async () => {
    await database.pool.query("update attempts set finished_at = now(), lost = true, state = 'errored' where id = $1", [attemptId]);
    await database.pool.query("update jobs set state = 'queued' where id = $1", [jobId]);
    expect(await door().refusal(jobId)).toBe(`Job ${jobId} has no machine now: it is queued.`);
  });

  test('is closed while the machine holds secrets, unless the project allows it', async () => {
    await database.pool.query("insert into project_secrets (project_id, name, value) values ($1, 'KEY', '')", [projectId]);
    expect(await door().refusal(jobId)).toContain("holds the project's secrets");
    expect(await door().holdRefusal(jobId)).toContain("holds the project's secrets");
    await database.pool.query('update projects set shell_with_secrets = true where id = $1', [projectId]);
    expect(await door().refusal(jobId)).toBeNull();
    expect(await door().holdRefusal(jobId)).toBeNull();
  });

  test('is closed once the attempt has ended, unless its machine is held', async () => {
    await holds.hold(ADMIN, jobId, 30);
    await end('failed');
    expect(await door().of(jobId)).toMatchObject({ machineId });
    await holds.release(ADMIN, jobId);
    expect(unheld).toEqual([machineId]);
    expect(await door().refusal(jobId)).toContain(`Job ${jobId} has ended (failed), and its machine is gone.`);
    await expect(holds.release(ADMIN, jobId)).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('a hold', () => {
  test.each<[Verdict, boolean, number | null]>([
    ['failed', false, 30],
    ['errored', false, 30],
    ['passed', false, null],
    ['canceled', false, null],
    ['errored', true, null],
  ])('of a job that ends %s (lost: %s) is for %s minutes', async (verdict, lost, minutes) => {
    await holds.hold(ADMIN, jobId, 30);
    expect(minutesFromNow(await end(verdict, lost))).toBe(minutes);
  });

  test('that nobody wanted, or wants no more, is none', async () => {
    await holds.hold(ADMIN, jobId, 30);
    await holds.hold(ADMIN, jobId, null);
    expect(await end('failed')).toBeNull();
    await expect(holds.hold(ADMIN, jobId, 30)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('restart it first') });
    await expect(holds.hold(ADMIN, 2_000_000_000, 30)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('can be prolonged, to 8 hours after the end at most', async () => {
    await holds.hold(ADMIN, jobId, 10);
    await end('failed');
    await holds.hold(ADMIN, jobId, 60);
    expect([held[0]?.[0], minutesFromNow(held[0]?.[1])]).toEqual([machineId, 60]);
    await database.pool.query("update attempts set finished_at = now() - interval '7 hours' where id = $1", [attemptId]);
    await holds.hold(ADMIN, jobId, MAX_HOLD_MINUTES);
    expect(minutesFromNow(held[1]?.[1])).toBe(60);
  });

  test('is a right of its own, and written down', async () => {
    const other: Asker = { ...ADMIN, name: 'other', mayShell: false };
    await expect(holds.hold(other, jobId, 30)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(holds.release(other, jobId)).rejects.toMatchObject({ code: 'forbidden' });
    await holds.hold(ADMIN, jobId, 30);
    const audit = new Audit(database.pool, database.logger);
    const entries = (await audit.list(500, null)).filter(({ target }) => target === `job ${jobId}`);
    expect(entries.map(({ who, action, details }) => [who, action, details['minutes'] ?? null])).toEqual([
      ['somebody', 'machine.hold', 30],
      ['other', 'machine.release.refused', null],
      ['other', 'machine.hold.refused', null],
    ]);
    const [newest, second] = entries;
    expect((await audit.list(1, newest?.id ?? 0)).map(({ id }) => id)).toEqual([second?.id]);
  });
});
