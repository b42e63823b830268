import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import {
  CacheView,
  CreateToken,
  HoldJob,
  JobView,
  MachineLife,
  PoolHistory,
  PythonsView,
  UpdateAccount,
  UpdateProject,
  MoveProject,
  type ProjectView,
  SetGroups,
  type BuildView,
  type ClientToServerEvents,
  type ServerToClientEvents,
} from '#server/api';
import { Server } from 'socket.io';
import { z } from 'zod';
import { badgeSvg } from '../../../server/src/badges/badge-svg.ts';
import { DEMO_ACCOUNTS, DEMO_PEOPLE, DEMO_PROFILE, DEMO_SESSION, DEMO_SESSIONS, VIEWER_SESSION } from './demo-accounts.ts';
import { makeDemoData, summaryOf, type DemoData } from './demo-data.ts';
import { answerHosts, makeHosts, type DemoAnswer, type DemoHosts } from './demo-host-routes.ts';
import { DEMO_FORK_VIEW, demoForkReport } from './demo-forks.ts';
import { makeHistory, makeLives } from './demo-history.ts';
import { demoJob, type DemoHolds } from './demo-jobs.ts';
import { answerLicenses, makeLicenses, type DemoLicenses } from './demo-license-routes.ts';
import { demoTests } from './demo-tests.ts';
import { failedLog, longLog, passedLog } from './demo-log-texts.ts';
import { demoCache } from './demo-machines.ts';
import { demoPythons } from './demo-pythons.ts';
import { DemoLog } from './demo-log.ts';

/** Where the demo is, and how to end it. */
export interface DemoServer {
  url: string;
  close: () => Promise<void>;
}

export interface DemoOptions {
  port?: number;
  /** An installation just started: no project, no machine. */
  isEmpty?: boolean;
  /** How long the long log is; 1,000,000 lines are 120 MB. */
  longLines?: number;
  /** Whoever looks may only look. */
  isViewer?: boolean;
  /** The folder of the built pages. */
  pages: string;
}

/** The job with the long log; the one with a line of 20 MB; the one that runs. */
export const DEMO_JOBS = { long: 13001, giant: 13002, running: 12002, failed: 12004, passed: 12001 } as const;

const DEMO_INVITATION = { code: 'c0de-that-opens-nothing', expiresAt: new Date(Date.now() + 7 * 86_400_000).toISOString() };

const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };

/** A stand-in for the server for design work: contract-valid data in memory, a log that grows. It forgets everything and guards nothing. */
export async function startDemo(options: DemoOptions): Promise<DemoServer> {
  const data = makeDemoData(options.isEmpty ?? false);
  const logs = makeLogs(data, options.longLines ?? 100_000);
  const holds: DemoHolds = { wishes: new Map([[12_005, 30]]), released: new Set() };
  const hosts = makeHosts();
  const licenses = makeLicenses(options.isEmpty ?? false);
  const http = createServer((request, response) => {
    answer(request, response, { data, logs, holds, hosts, licenses, pages: options.pages, role: options.isViewer ? 'viewer' : 'admin', tell }).catch(
      (error: unknown) => fail(response, 500, String(error)),
    );
  });
  const io = new Server<ClientToServerEvents, ServerToClientEvents>(http);
  io.on('connection', (socket) => {
    socket.on('subscribe', (topic, acknowledge) => {
      void socket.join(topic);
      acknowledge(null);
    });
    socket.on('unsubscribe', (topic) => void socket.leave(topic));
  });
  const tell = (build: BuildView): void => {
    io.to(['projects', `project:${build.projectId}`, `build:${build.id}`]).emit('build', summaryOf(build));
    for (const job of build.jobs) io.to([`build:${build.id}`, `job:${job.id}`]).emit('job', job);
  };
  const grower = setInterval(() => grow(logs, io), 400);
  await new Promise<void>((resolve) => http.listen(options.port ?? 0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      clearInterval(grower);
      await io.close();
    },
  };
}

function makeLogs(data: DemoData, longLines: number): Map<number, DemoLog> {
  const logs = new Map<number, DemoLog>();
  for (const job of data.builds.flatMap((build) => build.jobs)) {
    if (job.attempt === 0 || job.startedAt === null) continue;
    const start = Date.parse(job.startedAt);
    logs.set(job.id, job.state === 'failed' ? failedLog(start) : passedLog(start));
  }
  if (data.builds.length === 0) return logs;
  logs.set(DEMO_JOBS.long, longLog(Date.now() - 700_000, longLines, false));
  logs.set(DEMO_JOBS.giant, longLog(Date.now() - 700_000, 2000, true));
  logs.set(DEMO_JOBS.running, runningLog());
  return logs;
}

function runningLog(): DemoLog {
  const log = passedLog(Date.now() - 95_000);
  log.complete = false;
  log.startStep('script', 'pytest --color=yes -v', Date.now() - 80_000);
  return log;
}

function grow(logs: Map<number, DemoLog>, io: Server<ClientToServerEvents, ServerToClientEvents>): void {
  const log = logs.get(DEMO_JOBS.running);
  if (!log) return;
  const offset = log.bytes.length;
  const lines = Array.from({ length: 1 + (log.lines % 4) }, (_, i) => `tests/test_lookups.py::test_${log.lines + i} \x1b[32mPASSED\x1b[0m\n`).join(
    '',
  );
  log.append(lines, Date.now());
  // Every seventh event comes without its bytes, as it does for a slow client: the page must fetch the gap.
  const data = log.lines % 7 === 0 ? {} : { offset, data: Uint8Array.from(log.bytes.subarray(offset)) };
  io.to(`log:${DEMO_JOBS.running}`).emit('log', {
    jobId: DEMO_JOBS.running,
    attempt: 1,
    size: log.bytes.length,
    lines: log.lines,
    at: Date.now(),
    complete: false,
    ...data,
  });
}

interface World {
  data: DemoData;
  logs: Map<number, DemoLog>;
  holds: DemoHolds;
  hosts: DemoHosts;
  licenses: DemoLicenses;
  pages: string;
  role: 'admin' | 'viewer';
  /** Tells whoever listens that a build has changed. */
  tell: (build: BuildView) => void;
}

async function answer(request: IncomingMessage, response: ServerResponse, world: World): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://demo');
  if (!url.pathname.startsWith('/api/')) return servePage(response, world.pages, url.pathname);
  const parts = url.pathname.split('/').slice(2);
  const id = Number(parts[1]);
  const method = request.method ?? 'GET';
  const asked = { method, parts, url, body: () => bodyOf(request) };
  const found =
    (await answerHosts(asked, world.data, world.hosts)) ?? (await answerLicenses({ ...asked, bytes: () => bytesOf(request) }, world.licenses));
  if (found) return give(response, found, world);
  switch (`${method} ${parts[0] ?? ''}`) {
    case 'GET health':
      return json(response, {
        status: 'ok',
        version: '0.1.0',
        database: 'embedded PostgreSQL 18.4',
        startedAt: new Date(Date.now() - 9_000_000).toISOString(),
      });
    case 'GET session':
    case 'POST session':
      return json(response, world.role === 'admin' ? DEMO_SESSION : VIEWER_SESSION);
    case 'GET account':
      return json(response, parts[1] === 'sessions' ? DEMO_SESSIONS : DEMO_PROFILE);
    case 'GET accounts':
      return json(response, DEMO_ACCOUNTS);
    case 'PATCH accounts':
      return json(response, { ...DEMO_ACCOUNTS.find((account) => account.id === id), ...UpdateAccount.parse(await bodyOf(request)) });
    case 'POST accounts':
      return json(response, parts[2] === 'invitation' ? DEMO_INVITATION : { account: DEMO_ACCOUNTS[4], invitation: DEMO_INVITATION });
    case 'POST invitations':
      return json(response, { name: 'dmitri', displayName: 'Дмитрий' });
    case 'GET tokens':
      return json(response, world.data.tokens);
    case 'POST tokens': {
      const { name, scopes, projects } = CreateToken.parse(await bodyOf(request));
      const dates = { createdAt: new Date().toISOString(), lastUsedAt: null, expiresAt: new Date(Date.now() + 90 * 86_400_000).toISOString() };
      return json(response, { token: 'trr_7hq2m9x4demo', view: { id: 9, name, prefix: 'trr_7hq2', owner: 'admin', scopes, projects, ...dates } });
    }
    case 'GET queue':
      return json(response, queueOf(world.data));
    case 'GET machines':
      return json(response, parts[1] === 'lives' ? livesOf(world.data, url) : world.data.machines);
    case 'GET pools':
      return json(response, world.data.machines.pools.length === 0 ? [] : z.array(PoolHistory).parse(makeHistory(numberIn(url, 'hours', 6))));
    case 'GET cache':
      return json(response, CacheView.parse(demoCache(world.data.machines.pools.length === 0)));
    case 'GET pythons':
      return json(response, PythonsView.parse(demoPythons(world.data.machines.pools)));
    case 'GET images':
      return json(response, world.data.images);
    case 'GET audit':
      return json(response, world.data.audit.filter((entry) => entry.id < numberIn(url, 'before', Infinity)).slice(0, numberIn(url, 'limit', 100)));
    case 'PATCH projects':
      changeProject(world.data, id, UpdateProject.parse(await bodyOf(request)));
      return serveProjects(response, world.data, id, parts[2], url);
    case 'PUT projects':
      if (parts[2] === 'repository') changeFact(world.data, id, { url: MoveProject.parse(await bodyOf(request)).url, hasCredentials: false });
      if (parts[2] === 'groups') changeFact(world.data, id, SetGroups.parse(await bodyOf(request)));
      return serveProjects(response, world.data, id, undefined, url);
    case 'GET projects':
      if (parts[2] === 'tests') return json(response, demoTests(id, parts[3]));
      return serveProjects(response, world.data, id, parts[2], url);
    case 'GET builds':
    case 'POST builds':
      return json(
        response,
        world.data.builds.find((build) => build.id === id),
      );
    case 'POST jobs':
      if (parts[2] === 'release') world.holds.released.add(id);
      if (parts[2] === 'hold') world.holds.wishes.set(id, HoldJob.parse(await bodyOf(request)).minutes);
      return serveJob(request, response, world, id, [], url);
    case 'GET jobs':
      return serveJob(request, response, world, id, parts.slice(2), url);
    default:
      return fail(response, 404, `The demo does not know ${method} ${url.pathname}`);
  }
}

function give(response: ServerResponse, { status, body, build }: DemoAnswer, world: World): void {
  if (build) world.tell(build);
  response.writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  return JSON.parse((await bytesOf(request)).toString());
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** Of what can be set, only the settings are kept. */
function changeProject(data: DemoData, id: number, change: UpdateProject): void {
  const given = Object.entries(change.settings ?? {}).filter(([, value]) => value !== undefined);
  const settings = data.projects.find((project) => project.id === id)?.settings;
  if (settings) changeFact(data, id, { settings: { ...settings, ...Object.fromEntries(given) } });
}

function changeFact(data: DemoData, id: number, facts: Partial<ProjectView>): void {
  data.projects = data.projects.map((project) => (project.id === id ? { ...project, ...facts } : project));
}

function numberIn(url: URL, name: string, otherwise: number): number {
  const text = url.searchParams.get(name);
  return text === null ? otherwise : Number(text);
}

/** Most lives are over; the living machines' own come first. */
function livesOf(data: DemoData, url: URL): MachineLife[] {
  const living = data.machines.machines.map(({ state, since, reason, ...machine }) => ({
    ...machine,
    readyAt: state === 'creating' || state === 'failed' ? null : new Date(Date.parse(machine.createdAt) + 900).toISOString(),
    assignedAt: state === 'assigned' ? since : null,
    releasedAt: null,
    goneAt: null,
    reason,
  }));
  const pool = url.searchParams.get('pool');
  const lives = data.machines.machines.length === 0 ? [] : [...living, ...makeLives(600)];
  return z.array(MachineLife).parse(lives.filter((life) => pool === null || life.pool === pool).slice(0, numberIn(url, 'limit', 100)));
}

function serveProjects(response: ServerResponse, data: DemoData, id: number, part: string | undefined, url: URL): void {
  if (Number.isNaN(id)) return json(response, data.projects);
  if (part === 'badge.svg') return void response.writeHead(200, { 'content-type': 'image/svg+xml' }).end(badgeSvg('build', 'passed'));
  if (part === 'people') return json(response, DEMO_PEOPLE);
  if (part === 'fork') return json(response, url.pathname.endsWith('/report') ? demoForkReport(url.searchParams.get('revision')) : DEMO_FORK_VIEW);
  if (part !== 'builds')
    return json(
      response,
      data.projects.find((project) => project.id === id),
    );
  const before = Number(url.searchParams.get('before') ?? Infinity);
  const builds = data.builds.filter((build) => build.projectId === id && build.number < before);
  return json(
    response,
    builds.map(summaryOf).sort((a, b) => b.number - a.number),
  );
}

function serveJob(request: IncomingMessage, response: ServerResponse, world: World, id: number, parts: string[], url: URL): void {
  const build = world.data.builds.find((candidate) => candidate.jobs.some((job) => job.id === id));
  const job = build?.jobs.find((candidate) => candidate.id === id);
  const log = world.logs.get(id);
  if (!build || !job) return fail(response, 404, `There is no job ${id}`);
  if (parts[0] !== 'log') return json(response, JobView.parse(demoJob(build, job, log, world.holds)));
  if (!log) return fail(response, 404, 'This job has no log');
  if (parts[1] === 'index') return json(response, log.index());
  if (parts[1] === 'search') return json(response, log.search(url.searchParams.get('q') ?? ''));
  return serveBytes(request, response, log);
}

function serveBytes(request: IncomingMessage, response: ServerResponse, log: DemoLog): void {
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const start = Number(range?.[1] ?? 0);
  const end = range?.[2] ? Math.min(Number(range[2]) + 1, log.bytes.length) : log.bytes.length;
  response.writeHead(range ? 206 : 200, {
    'content-type': 'text/plain; charset=utf-8',
    'x-log-complete': String(log.complete),
    'content-range': `bytes ${start}-${end - 1}/${log.bytes.length}`,
  });
  response.end(log.bytes.subarray(start, end));
}

function queueOf(data: DemoData): unknown {
  const waiting = data.builds.flatMap((build) =>
    build.jobs.filter((job) => ['held', 'waiting', 'queued'].includes(job.state)).map((job) => ({ build, job })),
  );
  const entries = waiting.map(({ build, job }, i) => ({
    job,
    projectId: build.projectId,
    projectName: build.projectName,
    buildNumber: build.number,
    place: i + 1,
    reason: job.reason ?? 'waits for a machine',
  }));
  return { total: entries.length, entries };
}

async function servePage(response: ServerResponse, pages: string, path: string): Promise<void> {
  const file = extname(path) === '' ? 'index.html' : normalize(path);
  const body = await readFile(join(pages, file));
  response.writeHead(200, {
    'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
    'content-security-policy': "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; connect-src 'self'",
  });
  response.end(body);
}

function json(response: ServerResponse, body: unknown): void {
  if (body === undefined) return fail(response, 404, 'There is no such thing here');
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

function fail(response: ServerResponse, status: number, detail: string): void {
  response.writeHead(status, { 'content-type': 'application/problem+json' });
  response.end(JSON.stringify({ type: 'about:blank', title: status === 404 ? 'Not found' : 'Broken', status, detail, id: 'demo-4711' }));
}
