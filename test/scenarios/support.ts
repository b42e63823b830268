import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { io, type Socket } from 'socket.io-client';
import { z } from 'zod';
import {
  BuildSummary,
  BuildView,
  type ClientToServerEvents,
  isVerdict,
  JobView,
  ProjectView,
  type ServerToClientEvents,
  type Topic,
} from '#server/api';
import { type ServerOptions, type TestServer, startServer } from '../support/server.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary.ts';

const run = promisify(execFile);
const LOOK_MS = 100;
/** How long anything may take on a busy machine before the test gives up. It is not an expectation: tests wait for states. */
export const PATIENCE_MS = 90_000;

/** A socket of the live interface. */
export type LiveSocket = Socket<ServerToClientEvents, ClientToServerEvents>;

/** A repository made for a test; `folder` is also its URL. */
export interface TestRepository {
  readonly folder: string;
  /** Writes files and commits them all. Returns the commit. */
  commit(files: Readonly<Record<string, string>>): Promise<string>;
  git(...args: string[]): Promise<string>;
}

/** Pools and plugins of a scenario: machines of this host, one job each. */
export function machines(count: number, runner: Record<string, unknown> = {}, rest: Record<string, unknown> = {}): string {
  return JSON.stringify({
    plugins: [{ plugin: 'runner-local', name: 'local', config: runner }],
    pools: [{ name: 'local', runner: 'local', image: 'local', jobs: count, ready: count }],
    ...rest,
  });
}

/** A real server and a client of its interface. */
export class Scenario {
  private constructor(
    readonly server: TestServer,
    private readonly home: TemporaryFolder,
  ) {}

  /** Starts a server without the sample project. Close it at the end, which fails if it left anything behind. */
  static async open(config = machines(2), options: ServerOptions = {}): Promise<Scenario> {
    const home = await temporaryFolder();
    try {
      const environment = { TERRARIUM_SAMPLE: 'no', ...options.environment };
      return new Scenario(await startServer({ ...options, config, environment }), home);
    } catch (error) {
      await home.remove();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.server.stop();
    await this.home.remove();
  }

  /** One request with the admin's token. */
  async request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const sent = { authorization: `Bearer ${this.server.token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers };
    return await fetch(this.server.url + path, { method, headers: sent, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  }

  /** The JSON of a request that must succeed. */
  async json(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await this.request(method, path, body);
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return await response.json();
  }

  /** A repository with these files committed on `main`. */
  async repository(name: string, files: Readonly<Record<string, string>>): Promise<TestRepository> {
    const folder = join(this.home.path, name);
    await run('git', ['init', '--quiet', '--initial-branch=main', folder]);
    const repository = repositoryIn(folder);
    await repository.commit(files);
    return repository;
  }

  /** Looked at only where `settings` says so: no scenario is to meet a build that it did not ask for. */
  async addProject(url: string, name: string, settings: Record<string, unknown> = {}): Promise<ProjectView> {
    const body = { url, name, settings: { pollSeconds: null, ...settings } };
    await this.forget(name);
    return ProjectView.parse(await this.json('POST', '/api/projects', body));
  }

  /** A test that is tried again finds the project of its first try. */
  private async forget(name: string): Promise<void> {
    const projects = z.array(ProjectView).parse(await this.json('GET', '/api/projects'));
    const old = projects.find((project) => project.name === name);
    if (old === undefined) return;
    const builds = z.array(BuildSummary).parse(await this.json('GET', `/api/projects/${old.id}/builds`));
    for (const { id } of builds.filter(({ finishedAt }) => finishedAt === null)) {
      await this.request('POST', `/api/builds/${id}/cancel`);
      await this.ended(id);
    }
    await this.request('DELETE', `/api/projects/${old.id}`);
  }

  /** A project whose repository holds just this `.terrarium.yml`. */
  async project(name: string, description: string): Promise<ProjectView> {
    return await this.addProject((await this.repository(name, { '.terrarium.yml': description })).folder, name);
  }

  async start(projectId: number, ref?: string): Promise<BuildView> {
    return BuildView.parse(await this.json('POST', `/api/projects/${projectId}/builds`, ref === undefined ? {} : { ref }));
  }

  /** A build of a new project with this description. */
  async build(name: string, description: string): Promise<BuildView> {
    return await this.start((await this.project(name, description)).id);
  }

  async getBuild(id: number): Promise<BuildView> {
    return BuildView.parse(await this.json('GET', `/api/builds/${id}`));
  }

  async getJob(id: number): Promise<JobView> {
    return JobView.parse(await this.json('GET', `/api/jobs/${id}`));
  }

  /** The build once all its jobs have their verdicts. */
  async ended(buildId: number, patienceMs = PATIENCE_MS): Promise<BuildView> {
    return await until(
      `build ${buildId} to end`,
      async () => {
        const build = await this.getBuild(buildId);
        return build.finishedAt !== null && build.jobs.every((job) => isVerdict(job.state)) ? build : null;
      },
      patienceMs,
    );
  }

  /** The whole log of a job's newest attempt, as bytes. */
  async log(jobId: number, attempt?: number): Promise<Buffer> {
    const response = await this.request('GET', `/api/jobs/${jobId}/log${attempt === undefined ? '' : `?attempt=${attempt}`}`);
    if (!response.ok) throw new Error(`the log of job ${jobId}: ${response.status} ${await response.text()}`);
    return Buffer.from(await response.arrayBuffer());
  }

  /** The job once its log holds a text: then it has surely come so far. */
  async said(jobId: number, text: string): Promise<void> {
    await until(`job ${jobId} to print ${JSON.stringify(text)}`, async () => ((await this.log(jobId)).includes(text) ? true : null));
  }

  /** A connection of the live interface; not waited for. */
  socket(token: string | null = this.server.token): LiveSocket {
    return io(this.server.url, { transports: ['websocket'], forceNew: true, reconnectionDelay: 50, ...(token === null ? {} : { auth: { token } }) });
  }
}

/** Asks for a topic; throws what the server says against it. */
export async function subscribe(socket: LiveSocket, topic: Topic): Promise<void> {
  const problem = await socket.emitWithAck('subscribe', topic);
  if (problem !== null) throw new Error(problem);
}

/** Looks again and again until there is something. Throws what it waited for when its patience ends, with the last error if there was one. */
export async function until<Found>(what: string, look: () => Promise<Found | null>, patienceMs = PATIENCE_MS): Promise<Found> {
  const end = Date.now() + patienceMs;
  let last: unknown;
  while (Date.now() < end) {
    try {
      const found = await look();
      if (found !== null) return found;
      last = undefined;
    } catch (error) {
      // A server that is being restarted does not answer; if it never does again, the error is told below.
      last = error;
    }
    await pause(LOOK_MS);
  }
  throw new Error(`waited in vain for ${what}`, { cause: last });
}

/** What a log holds of the job's own output: without the bold lines that show the commands. */
export function ownOutput(log: Buffer): Buffer {
  return Buffer.from(log.toString('latin1').replaceAll(/\u001B\[1m\$ [^\u001B]*\u001B\[0m\n/g, ''), 'latin1');
}

function repositoryIn(folder: string): TestRepository {
  const git = async (...args: string[]): Promise<string> => {
    const author = ['-c', 'user.name=Test', '-c', 'user.email=test@localhost', '-c', 'commit.gpgsign=false'];
    return (await run('git', ['-C', folder, ...author, ...args])).stdout;
  };
  return {
    folder,
    git,
    commit: async (files) => {
      for (const [name, text] of Object.entries(files)) {
        await mkdir(dirname(join(folder, name)), { recursive: true });
        await writeFile(join(folder, name), text);
      }
      await git('add', '--all');
      await git('commit', '--quiet', '--allow-empty', '--message', 'A change');
      return (await git('rev-parse', 'HEAD')).trim();
    },
  };
}
