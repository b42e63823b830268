import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { BuildSummary, JobSummary, LogEvent, StepView } from '#server/api';
import { type LiveSocket, machines, Scenario, subscribe, until } from './support.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let scenario: Scenario;
const sockets: LiveSocket[] = [];

beforeAll(async () => {
  scenario = await Scenario.open(machines(2));
});

afterAll(async () => {
  for (const socket of sockets) socket.disconnect();
  await scenario?.close();
});

function open(token?: string | null): LiveSocket {
  const socket = scenario.socket(token);
  sockets.push(socket);
  return socket;
}

test.each([
  ['no token', null],
  ['a wrong one', 'wrong'],
])('a connection with %s is refused', async (_title, token) => {
  const socket = open(token);
  const error = await new Promise<Error>((resolve) => socket.once('connect_error', resolve));
  expect(error.message).toBe('sign in first');
  expect(socket.connected).toBe(false);
  socket.disconnect();
});

test('a topic that is none is refused in words', async () => {
  const socket = open();
  for (const topic of ['nonsense', 'job:0', 'job:x', 'log:1.5', 'job:1; drop', '', 7]) {
    expect(await socket.emitWithAck('subscribe', topic as 'queue')).toBe('there is no such topic');
  }
});

test('what happens to a build, its jobs and steps is told as it happens, and ends with the state that a snapshot has', async () => {
  const project = await scenario.project('told', JSON.stringify({ checkout: false, install: 'echo ready', test: ['sleep 1', 'echo done'] }));
  const socket = open();
  const [builds, jobs, steps, machinesSeen]: [BuildSummary[], JobSummary[], StepView[], string[]] = [[], [], [], []];
  socket.on('build', (build) => builds.push(build));
  socket.on('job', (job) => jobs.push(job));
  socket.on('step', (event) => steps.push(event.step));
  socket.on('machine', (machine) => machinesSeen.push(machine.state));
  for (const topic of ['projects', `project:${project.id}`, 'machines'] as const) await subscribe(socket, topic);
  const build = await scenario.start(project.id);
  const id = build.jobs[0]?.id ?? 0;
  await subscribe(socket, `build:${build.id}`);
  await subscribe(socket, `job:${id}`);
  const ended = await scenario.ended(build.id);
  await until('the last events', async () => (builds.at(-1)?.finishedAt && jobs.at(-1)?.state === 'passed' ? true : null));
  const { jobs: _jobs, stages: _stages, messages: _messages, description: _description, ...summary } = ended;
  expect(builds.at(-1)).toEqual(summary);
  expect(jobs.at(-1)).toEqual(ended.jobs[0]);
  expect(steps.filter((step) => step.finishedAt !== null).map((step) => [step.title, step.exitCode])).toContainEqual(['echo done', 0]);
  expect((await scenario.getJob(id)).steps.at(-1)).toEqual(steps.at(-1));
  await until('the machine to be told', async () => (machinesSeen.includes('assigned') ? true : null));
});

test('whoever listens to nothing hears nothing of others', async () => {
  const socket = open();
  const heard: string[] = [];
  socket.onAny((name: string) => heard.push(name));
  const other = await scenario.ended((await scenario.build('another', '{"checkout": false, "test": "echo loud"}')).id);
  await subscribe(socket, `log:${other.jobs[0]?.id ?? 0}`);
  await scenario.ended((await scenario.build('unheard', '{"checkout": false, "test": "echo quiet"}')).id);
  expect(heard).toEqual([]);
});

test('a viewer that loses its connection again and again still has every byte, once', async () => {
  const script = 'for i in $(seq 60); do seq 1 $((i * 40)); sleep 0.1; done';
  const build = await scenario.build('viewed', JSON.stringify({ checkout: false, test: script }));
  const viewer = new Viewer(build.jobs[0]?.id ?? 0, open());
  await viewer.begin();
  for (const sizes of [2000, 20_000, 60_000]) {
    await until(`${sizes} bytes`, async () => (viewer.bytes.length >= sizes ? true : null));
    await viewer.reconnect();
  }
  await scenario.ended(build.id);
  await until('the whole log', async () => (viewer.complete ? true : null));
  await viewer.idle();
  const log = await scenario.log(build.jobs[0]?.id ?? 0);
  expect(viewer.bytes.length).toBe(log.length);
  expect(viewer.bytes.equals(log)).toBe(true);
  expect(viewer.fromEvents).toBeGreaterThan(0);
});

/** Reads a log as the pages do: what events carry where it follows on, by HTTP range what they do not. */
class Viewer {
  bytes = Buffer.alloc(0);
  complete = false;
  fromEvents = 0;
  private work: Promise<void> = Promise.resolve();

  constructor(
    private readonly job: number,
    private readonly socket: LiveSocket,
  ) {
    socket.on('log', (event) => this.later(() => this.take(event)));
    socket.on('connect', () => this.later(() => this.snapshot()));
  }

  async begin(): Promise<void> {
    await until('the connection', async () => (this.socket.connected ? true : null));
    this.later(() => this.snapshot());
    await this.work;
  }

  async reconnect(): Promise<void> {
    const connected = new Promise<void>((resolve) => this.socket.once('connect', resolve));
    this.socket.disconnect().connect();
    await connected;
  }

  async idle(): Promise<void> {
    await this.work;
  }

  private later(work: () => Promise<void>): void {
    this.work = this.work.then(work);
  }

  private async snapshot(): Promise<void> {
    await subscribe(this.socket, `log:${this.job}`);
    await this.fetch();
    this.complete = (await scenario.getJob(this.job)).logComplete;
    if (this.complete) await this.fetch();
  }

  private async take(event: LogEvent): Promise<void> {
    if (event.data !== undefined && event.offset === this.bytes.length) {
      const data = Buffer.from(event.data);
      this.fromEvents += data.length;
      this.bytes = Buffer.concat([this.bytes, data]);
    } else if (event.size > this.bytes.length) await this.fetch();
    this.complete ||= event.complete;
  }

  private async fetch(): Promise<void> {
    const headers = { range: `bytes=${this.bytes.length}-` };
    const response = await scenario.request('GET', `/api/jobs/${this.job}/log`, undefined, headers);
    if (response.status === 206) this.bytes = Buffer.concat([this.bytes, Buffer.from(await response.arrayBuffer())]);
    else expect(response.status).toBe(416);
  }
}
