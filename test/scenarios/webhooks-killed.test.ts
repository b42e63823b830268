import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { BuildSummary, type DeliveryView } from '#server/api';
import { type FakeGithub, startFakeGithub } from '../../plugins/scm-github/testing/fake-github.ts';
import { pushPayload } from '../../plugins/scm-github/testing/fake-payloads.ts';
import { type Called, HookCaller, type Prepared, allDeliveries, preparePush } from '../support/webhooks.ts';
import { machines, Scenario, until } from './support.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 180_000 });

const PER_SECOND = 50;
/** Pushes of a project's repository among those of repositories that nobody has a project of. */
const BUILT = 40;
const OTHERS = 260;
const KILLS = 2;
/** The server is killed when so many deliveries of a part were acknowledged. */
const KILL_AT = 50;
const DESCRIPTION = 'checkout: false\ntest: "true"\n';

let github: FakeGithub;
let scenario: Scenario;

beforeAll(async () => {
  github = await startFakeGithub();
  const { app } = github.state;
  const config = { webUrl: github.url, app: { id: app.id, privateKey: app.privateKey, webhookSecret: app.webhookSecret } };
  const plugins = [
    { plugin: 'runner-local', name: 'local' },
    { plugin: 'scm-github', name: 'github', config },
  ];
  scenario = await Scenario.open(machines(2, {}, { plugins }));
});

afterAll(async () => {
  await scenario?.close();
  await github?.close();
});

/** A project, and a push for each of so many commits of it, on a branch of its own. */
async function projectWithPushes(): Promise<{ projectId: number; pushes: Prepared[]; commits: string[] }> {
  const repository = await github.createRepository('ada/demo');
  github.install(repository.owner);
  await repository.workshop.commit('main', { '.terrarium.yml': DESCRIPTION }, 'first');
  const { id } = await scenario.addProject(`${github.url}/ada/demo.git`, 'demo', { statuses: 'none' });
  const [commits, pushes]: [string[], Prepared[]] = [[], []];
  for (let index = 0; index < BUILT; index += 1) {
    const ref = `topic-${index}`;
    const after = await repository.workshop.commit(ref, { '.terrarium.yml': DESCRIPTION, 'n.txt': String(index) }, `change ${index}`);
    const by = github.state.account('ada') ?? github.addUser('ada');
    commits.push(after);
    pushes.push({ id: randomUUID(), payload: pushPayload(repository, { ref: `refs/heads/${ref}`, before: null, after, by }, github.url) });
  }
  return { projectId: id, pushes, commits };
}

/** Evenly spread, so that builds are being made whenever the server is killed. */
function mixed(pushes: readonly Prepared[]): Prepared[] {
  const every = Math.floor(OTHERS / pushes.length);
  const others = Array.from({ length: OTHERS }, (_, index) => preparePush(index));
  return [...pushes.flatMap((push, index) => [push, ...others.slice(index * every, (index + 1) * every)]), ...others.slice(pushes.length * every)];
}

/** Sends them in as many parts as there are kills, each while the server is killed; gives what became of each. */
async function sendThroughKills(caller: HookCaller, prepared: readonly Prepared[]): Promise<Called[]> {
  const size = Math.ceil(prepared.length / KILLS);
  const called: Called[] = [];
  for (let at = 0; at < prepared.length; at += size) called.push(...(await sendThroughKill(caller, prepared.slice(at, at + size))));
  return called;
}

async function sendThroughKill(caller: HookCaller, prepared: readonly Prepared[]): Promise<Called[]> {
  let acknowledged = 0;
  const restarts: Promise<void>[] = [];
  const called = await caller.sendAll(prepared, PER_SECOND, ({ status }) => {
    if (status === 202) acknowledged += 1;
    if (acknowledged === KILL_AT && status === 202) restarts.push(killAndRestart());
  });
  await Promise.all(restarts);
  expect(restarts).toHaveLength(1);
  return called;
}

async function killAndRestart(): Promise<void> {
  expect(await scenario.server.kill('SIGKILL')).toBe('SIGKILL');
  await scenario.server.restart();
}

/** All deliveries, once none waits any more. */
async function workedOn(): Promise<DeliveryView[]> {
  return await until('every delivery to be worked on', async () => {
    const all = await allDeliveries((path) => scenario.json('GET', path));
    return all.every(({ state }) => state !== 'received') ? all : null;
  });
}

function sorted(texts: readonly string[]): string[] {
  return texts.toSorted((one, other) => (one < other ? -1 : 1));
}

test('none that was acknowledged is lost when the server is killed, and none becomes two builds', async () => {
  const { projectId, pushes, commits } = await projectWithPushes();
  const prepared = mixed(pushes);
  const caller = new HookCaller(`${scenario.server.url}/api/hooks/github`, github.state.app.webhookSecret);
  const called = await sendThroughKills(caller, prepared);
  const acknowledged = called.filter(({ status }) => status === 202).map(({ id }) => id);
  const known = new Set((await workedOn()).map(({ hostId }) => hostId));
  expect(acknowledged.filter((id) => !known.has(id))).toEqual([]);

  // Those without an answer are sent again, as people do at their code host; some had been written down.
  const unanswered = new Set(called.filter(({ status }) => status === null).map(({ id }) => id));
  expect(new Set(called.map(({ status }) => status))).toEqual(new Set([202, null]));
  const again = await caller.sendAll(
    prepared.filter(({ id }) => unanswered.has(id)),
    PER_SECOND,
  );
  expect(again.map(({ status }) => status).filter((status) => status !== 202 && status !== 409)).toEqual([]);
  const all = await workedOn();
  expect(sorted(all.map(({ hostId }) => hostId ?? ''))).toEqual(sorted(prepared.map(({ id }) => id)));
  expect(all.filter(({ state }) => state === 'failed')).toEqual([]);

  const builds = z.array(BuildSummary).parse(await scenario.json('GET', `/api/projects/${projectId}/builds?limit=500`));
  expect(sorted(builds.map(({ change }) => change.commit))).toEqual(sorted(commits));
  // Jobs outlive a server that stops.
  for (const { id } of builds) expect((await scenario.ended(id)).state).toBe('passed');
});
