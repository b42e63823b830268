import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { io, type Socket } from 'socket.io-client';
import { BuildView, type ClientToServerEvents, ProjectView, type ServerToClientEvents, type Topic } from '#server/api';
import { startServer, type TestServer } from '../support/server.ts';
import { temporaryFolder } from '../support/temporary.ts';

const run = promisify(execFile);

/** How many jobs run at once in every bench but where it says otherwise: as many as the peer had workers. */
export const MACHINES = 5;

/** Prints one result. Every line says how busy the machine was. */
export function emit(bench: string, result: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify({ bench, ...result, load1: round(loadavg()[0] ?? 0, 2) })}\n`);
}

export function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}

/** The value below which a share of all lies. `values` must not be empty. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** A server with its own PostgreSQL, as users have it, and a client of its interface. */
export class Bench {
  private constructor(
    readonly server: TestServer,
    private readonly home: Awaited<ReturnType<typeof temporaryFolder>>,
  ) {}

  static async open(config = `pools: [{ name: local, runner: local, image: local, jobs: ${MACHINES}, ready: ${MACHINES} }]\n`): Promise<Bench> {
    const home = await temporaryFolder();
    const bench = new Bench(await startServer({ database: 'own', config, environment: { TERRARIUM_SAMPLE: 'no' } }), home);
    await bench.ready();
    return bench;
  }

  async close(): Promise<void> {
    await this.server.stop();
    await this.home.remove();
  }

  /** Calls the interface; throws with the server's words if it refuses. */
  async api(method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> {
    const headers = { authorization: `Bearer ${this.server.token}`, 'content-type': 'application/json' };
    const response = await fetch(this.server.url + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return await response.json();
  }

  async text(path: string): Promise<string> {
    const response = await fetch(this.server.url + path, { headers: { authorization: `Bearer ${this.server.token}` } });
    if (!response.ok) throw new Error(`GET ${path}: ${response.status}`);
    return await response.text();
  }

  /** A project whose repository holds just this description. Returns its id. */
  async project(name: string, description: string): Promise<number> {
    const folder = join(this.home.path, name);
    const git = (...args: string[]): Promise<unknown> => run('git', ['-c', 'user.name=bench', '-c', 'user.email=bench@localhost', ...args]);
    await git('init', '--quiet', folder);
    await writeFile(join(folder, '.terrarium.yml'), description);
    await git('-C', folder, 'add', '--all');
    await git('-C', folder, 'commit', '--quiet', '--message', name);
    return ProjectView.parse(await this.api('POST', '/api/projects', { url: folder, name, settings: { pollSeconds: null } })).id;
  }

  async build(projectId: number): Promise<BuildView> {
    return BuildView.parse(await this.api('POST', `/api/projects/${projectId}/builds`, {}));
  }

  /** Waits for the verdict by live events; the server is not asked again and again. */
  async finished(buildId: number): Promise<BuildView> {
    const socket = await this.listen([`build:${buildId}`]);
    try {
      const done = new Promise<void>((resolve) => {
        socket.on('build', (build) => {
          if (build.id === buildId && build.finishedAt !== null) resolve();
        });
      });
      const now = BuildView.parse(await this.api('GET', `/api/builds/${buildId}`));
      if (now.finishedAt === null) await done;
      return BuildView.parse(await this.api('GET', `/api/builds/${buildId}`));
    } finally {
      socket.disconnect();
    }
  }

  /** Builds the project once; when, in milliseconds since 1970, the server had output of its first job that matches. `socket`: of `listen`; who looks on has a page open already. */
  async firstOutput(projectId: number, wanted: RegExp, socket: Awaited<ReturnType<Bench['listen']>>): Promise<number> {
    const build = await this.build(projectId);
    const [job] = build.jobs;
    if (!job) throw new Error('the build has no job');
    const topic = `log:${job.id}` as const;
    try {
      const spoken = await new Promise<number>((resolve, reject) => {
        const look = async (at: number): Promise<void> => {
          if (wanted.test(await this.text(`/api/jobs/${job.id}/log`))) resolve(at);
        };
        socket.on('log', ({ at, data }) => {
          if (data === undefined) look(at).catch(reject);
          else if (wanted.test(Buffer.from(data).toString())) resolve(at);
        });
        // It may have come before anybody listened.
        socket
          .emitWithAck('subscribe', topic)
          .then(() => look(Date.now()), reject)
          .catch(reject);
      });
      await this.finished(build.id);
      return spoken;
    } finally {
      socket.off('log');
      socket.emit('unsubscribe', topic);
    }
  }

  async listen(topics: readonly Topic[]): Promise<Socket<ServerToClientEvents, ClientToServerEvents>> {
    const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io(this.server.url, {
      transports: ['websocket'],
      forceNew: true,
      auth: { token: this.server.token },
    });
    for (const topic of topics) {
      const problem = await socket.emitWithAck('subscribe', topic);
      if (problem !== null) throw new Error(problem);
    }
    return socket;
  }

  /** Waits until the pool has made its machines. */
  async ready(): Promise<void> {
    for (;;) {
      const { pools } = (await this.api('GET', '/api/machines')) as { pools: { ready: number; wantedReady: number }[] };
      if (pools.length > 0 && pools.every((pool) => pool.ready >= pool.wantedReady)) return;
      await pause(50);
    }
  }

  /** CPU seconds and memory of the server's own process, from /proc. */
  async usage(): Promise<{ cpuSeconds: number; rssMb: number; peakRssMb: number; pssMb: number }> {
    const pid = this.server.process().pid;
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
    const kilobytes = (text: string, key: string): number => Number(new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);
    return {
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100,
      rssMb: round(kilobytes(status, 'VmRSS') / 1024),
      peakRssMb: round(kilobytes(status, 'VmHWM') / 1024),
      pssMb: round(kilobytes(rollup, 'Pss') / 1024),
    };
  }

  /** When a job printed `MARK key SECONDS`, in milliseconds since 1970. */
  async mark(jobId: number, key: string): Promise<number> {
    const log = await this.text(`/api/jobs/${jobId}/log`);
    const seconds = new RegExp(`^MARK ${key} (\\d+[.,]\\d+)`, 'm').exec(log)?.[1];
    if (seconds === undefined) throw new Error(`job ${jobId} printed no mark ${key}:\n${log.slice(0, 2000)}`);
    return Number(seconds.replace(',', '.')) * 1000;
  }
}

/** A description of `count` jobs that each run `script` in bash, and check nothing out. */
export function jobs(count: number, script: string): string {
  const rows = Array.from({ length: count }, (_, index) => `  - { N: "${index + 1}" }`);
  return `shell: bash\ncheckout: false\nenv:\n${rows.join('\n')}\ntest: ${JSON.stringify(script)}\n`;
}
