import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import {
  AuditEntry,
  type JobView,
  MachinesView,
  type ShellClientToServerEvents,
  type ShellServerToClientEvents,
  TokenView,
  isVerdict,
} from '#server/api';
import { packageRoot } from '../../server/src/config/index.ts';
import { type TestSshd, sshdMissing, startSshd } from '../support/sshd.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary.ts';
import { Scenario, until } from './support.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

type ShellSocket = Socket<ShellServerToClientEvents, ShellClientToServerEvents>;

const CLI = join(packageRoot(), 'server/launch/terrarium.mjs');
const Created = z.object({ token: z.string(), view: TokenView });
const WISH = { term: 'vt100', columns: 120, rows: 30 };

/** Somebody at a shell by way of the server. */
class Visitor {
  shown = '';
  readonly ended: Promise<{ exitCode: number; reason: string | null }>;

  constructor(readonly socket: ShellSocket) {
    socket.on('output', (data, acknowledge) => {
      this.shown += Buffer.from(data).toString('latin1');
      acknowledge();
    });
    this.ended = new Promise((resolve) => socket.once('ended', resolve));
  }

  async type(text: string): Promise<void> {
    await this.socket.emitWithAck('input', Buffer.from(text));
  }

  async sees(pattern: RegExp): Promise<RegExpExecArray> {
    return await until(`the shell to show ${pattern}, not only ${JSON.stringify(this.shown)}`, async () => pattern.exec(this.shown));
  }
}

describe.skipIf(sshdMissing() !== null)(`shells in machines (${sshdMissing() ?? 'of a real SSH server'})`, () => {
  let sshd: TestSshd;
  let scenario: Scenario;
  let home: TemporaryFolder;
  const sockets: ShellSocket[] = [];

  beforeAll(async () => {
    [sshd, home] = await Promise.all([startSshd(), temporaryFolder()]);
    scenario = await Scenario.open(configuration());
  });
  afterAll(async () => {
    for (const socket of sockets) socket.disconnect();
    await scenario?.close();
    await sshd?.close();
    await home?.remove();
  });

  function configuration(): string {
    const hosts = ['one', 'two', 'three'].map((name) => ({
      name,
      host: sshd.host,
      port: sshd.port,
      user: sshd.user,
      privateKeyFile: sshd.privateKeyFile,
      hostKey: sshd.knownHostsLine,
      image: 'bare',
      folder: join(home.path, name),
      reset: ['true'],
    }));
    const plugins = [
      { plugin: 'runner-ssh', name: 'lab', config: { hosts } },
      { plugin: 'runner-local', name: 'local', config: {} },
    ];
    return JSON.stringify({ plugins, pools: [{ name: 'lab', runner: 'lab', image: 'bare', jobs: 3, ready: 0 }] });
  }

  /** A job that runs until its file is there, then ends with that exit code. */
  async function job(name: string, exitCode = 0): Promise<{ id: number; projectId: number; end: string }> {
    const end = join(home.path, `${name}.end`);
    const script = `echo begun; while [ ! -e ${end} ]; do sleep 0.1; done; exit ${exitCode}`;
    const build = await scenario.build(name, JSON.stringify({ checkout: false, test: script }));
    const id = build.jobs[0]?.id ?? 0;
    await scenario.said(id, 'begun');
    return { id, projectId: build.projectId, end };
  }

  async function tokenWith(mayShell: boolean): Promise<z.output<typeof Created>> {
    return Created.parse(
      await scenario.json('POST', '/api/tokens', { name: `token ${mayShell}`, scopes: mayShell ? ['admin', 'shell'] : ['admin'] }),
    );
  }

  function connect(token: string): ShellSocket {
    const socket: ShellSocket = io(`${scenario.server.url}/shell`, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      auth: { token },
    });
    sockets.push(socket);
    return socket;
  }

  async function refusal(jobId: number, token = scenario.server.token): Promise<string | null> {
    return await connect(token).emitWithAck('open', { jobId, ...WISH });
  }

  async function enter(jobId: number, token = scenario.server.token): Promise<Visitor> {
    const visitor = new Visitor(connect(token));
    const problem = await visitor.socket.emitWithAck('open', { jobId, ...WISH });
    if (problem !== null) throw new Error(problem);
    return visitor;
  }

  async function audit(jobId: number): Promise<AuditEntry[]> {
    const entries = z.array(AuditEntry).parse(await scenario.json('GET', '/api/audit?limit=500'));
    return entries.filter((entry) => entry.target === `job ${jobId}`).toReversed();
  }

  async function ended(jobId: number): Promise<JobView> {
    return await until(`job ${jobId} to end`, async () => {
      const view = await scenario.getJob(jobId);
      return isVerdict(view.state) ? view : null;
    });
  }

  async function endJob(end: string): Promise<void> {
    await writeFile(end, '');
  }

  test('a shell is opened, typed into, seen, resized, and ends with its exit code; all of it is written down', async () => {
    const { id, end } = await job('typed');
    expect((await scenario.getJob(id)).shellRefused).toBeNull();
    const visitor = await enter(id);
    await visitor.type('echo "<$TERM> <$(stty size)> <$(pwd -P)>"\n');
    const [, type, size, folder = ''] = await visitor.sees(/<(\w+)> <(\d+ \d+)> <(\/[^>]+)>/);
    expect([type, size]).toEqual(['vt100', '30 120']);
    expect(folder.startsWith(home.path)).toBe(true);
    visitor.socket.emit('resize', { columns: 100, rows: 40 });
    await visitor.type('echo "now <$(stty size)>"; exit 42\n');
    await visitor.sees(/now <40 100>/);
    expect(await visitor.ended).toEqual({ exitCode: 42, reason: null });
    await endJob(end);
    expect((await ended(id)).state).toBe('passed');
    const entries = await audit(id);
    expect(entries.map(({ who, action }) => [who, action])).toEqual([
      ['admin', 'shell.open'],
      ['admin', 'shell.end'],
    ]);
    expect(entries[1]?.details).toMatchObject({ attempt: 1, exitCode: 42, reason: null, seconds: expect.any(Number), machine: expect.any(String) });
    expect(await scenario.log(id)).not.toContain('now <40 100>');
  });

  test("the job's end ends the shell, and says so; then there is no machine to enter", async () => {
    const { id, end } = await job('over');
    const visitor = await enter(id);
    await visitor.type('echo he""re\n');
    await visitor.sees(/here/);
    await endJob(end);
    expect(await visitor.ended).toEqual({ exitCode: 255, reason: `Job ${id} has ended (passed), so its machine is destroyed.` });
    const sentence = `Job ${id} has ended (passed), and its machine is gone.`;
    expect(await refusal(id)).toContain(sentence);
    expect((await scenario.getJob(id)).shellRefused).toContain(sentence);
    expect(await (await scenario.request('POST', `/api/jobs/${id}/hold`, { minutes: 5 })).json()).toMatchObject({ status: 409 });
    expect(await (await scenario.request('POST', `/api/jobs/${id}/release`)).json()).toMatchObject({ status: 409 });
  });

  test('a cancellation ends the shell', async () => {
    const { id } = await job('canceled');
    const visitor = await enter(id);
    await scenario.json('POST', `/api/jobs/${id}/cancel`);
    expect((await visitor.ended).reason).toBe(`Job ${id} has ended (canceled), so its machine is destroyed.`);
  });

  test('without the right nobody is let in, nor holds anything, and that he wanted to is written down', async () => {
    const { id, end } = await job('without');
    const { token, view } = await tokenWith(false);
    expect(view.scopes).toEqual(['admin']);
    expect(await refusal(id, token)).toContain('a right of its own');
    for (const [path, body] of [
      ['hold', { minutes: 5 }],
      ['release', {}],
    ] as const) {
      const refused = await scenario.request('POST', `/api/jobs/${id}/${path}`, body, { authorization: `Bearer ${token}` });
      expect([path, refused.status]).toEqual([path, 403]);
    }
    expect((await audit(id)).map(({ who, action }) => [who, action])).toEqual([
      ['admin (token false)', 'shell.refused'],
      ['admin (token false)', 'machine.hold.refused'],
      ['admin (token false)', 'machine.release.refused'],
    ]);
    const greedy = await scenario.request('POST', '/api/tokens', { name: 'more', scopes: ['shell'] }, { authorization: `Bearer ${token}` });
    expect(greedy.status).toBe(403);
    const stranger = connect('wrong');
    expect((await new Promise<Error>((resolve) => stranger.once('connect_error', resolve))).message).toBe('sign in first');
    await endJob(end);
    await ended(id);
  });

  test('a token that is taken away takes its shell along', async () => {
    const { id, end } = await job('revoked');
    const { token, view } = await tokenWith(true);
    const visitor = await enter(id, token);
    const closed = new Promise<string>((resolve) => visitor.socket.once('disconnect', resolve));
    expect((await scenario.request('DELETE', `/api/tokens/${view.id}`)).status).toBe(204);
    expect(await closed).toBe('io server disconnect');
    const last = await until('its end to be written down', async () => (await audit(id)).find(({ action }) => action === 'shell.end') ?? null);
    expect(last).toMatchObject({ who: 'admin (token true)', details: { reason: 'Its connection was closed.' } });
    await endJob(end);
    await ended(id);
  });

  test('nobody is let into a machine that holds secrets, unless the project allows it', async () => {
    const { id, projectId, end } = await job('secret');
    await scenario.json('PATCH', `/api/projects/${projectId}`, { secrets: { KEY: 'hidden' } });
    expect(await refusal(id)).toContain("holds the project's secrets");
    expect((await scenario.getJob(id)).shellRefused).toContain("holds the project's secrets");
    expect((await scenario.request('POST', `/api/jobs/${id}/hold`, { minutes: 5 })).status).toBe(409);
    await scenario.json('PATCH', `/api/projects/${projectId}`, { settings: { shellWithSecrets: true } });
    const visitor = await enter(id);
    await visitor.type('exit 5\n');
    expect((await visitor.ended).exitCode).toBe(5);
    await endJob(end);
    await ended(id);
  });

  test('what makes no sense is refused in words; four are in one machine at most', async () => {
    const { id, end } = await job('limits');
    const socket = connect(scenario.server.token);
    expect(await socket.emitWithAck('open', { jobId: id, ...WISH, term: 'x; touch /tmp/x' })).toContain('term');
    expect(await socket.emitWithAck('open', { jobId: id, ...WISH })).toContain('already');
    expect(await refusal(2_000_000_000)).toBe('There is no job 2000000000.');
    const visitors = await Promise.all([1, 2, 3, 4].map(() => enter(id)));
    expect(await refusal(id)).toBe("4 shells are open in this job's machine, which is the most: close one first.");
    visitors[0]?.socket.disconnect();
    await until('the next to be let in', async () => ((await refusal(id)) === null ? true : null));
    await endJob(end);
    await Promise.all(visitors.slice(1).map((visitor) => visitor.ended));
    await ended(id);
  });

  test('the machine of a failed job is held, entered after a restart of the server too, and let go', async () => {
    const { id, end } = await job('held', 3);
    await scenario.json('POST', `/api/jobs/${id}/hold`, { minutes: 30 });
    expect((await scenario.getJob(id)).holdMinutes).toBe(30);
    await endJob(end);
    const failed = await ended(id);
    expect(failed.state).toBe('failed');
    const until30 = Date.parse(failed.attempts[0]?.heldUntil ?? '') - Date.parse(failed.finishedAt ?? '');
    expect(Math.round(until30 / 60_000)).toBe(30);
    const first = await enter(id);
    await first.type('echo kept > kept; exit\n');
    expect((await first.ended).exitCode).toBe(0);
    await scenario.server.restart();
    await until('the machine to be entered', async () => ((await scenario.getJob(id)).shellRefused === null ? true : null));
    const second = await enter(id);
    await second.type('cat kept; echo "sti""ll"\n');
    await second.sees(/kept\r\n[^]*still/);
    await scenario.json('POST', `/api/jobs/${id}/hold`, { minutes: 60 });
    await scenario.json('POST', `/api/jobs/${id}/release`);
    expect((await second.ended).reason).toBe(`The machine of job ${id} is held no longer.`);
    const view = await scenario.getJob(id);
    expect([view.attempts[0]?.heldUntil, view.shellRefused]).toEqual([null, expect.stringContaining('its machine is gone')]);
    await until('the machine to be gone', async () => (await machineOf(id)) === null || null);
    const holds = (await audit(id)).filter(({ action }) => action.startsWith('machine.'));
    expect(holds.map(({ action, details }) => [action, details['minutes'] ?? null])).toEqual([
      ['machine.hold', 30],
      ['machine.hold', 60],
      ['machine.release', null],
    ]);
  });

  test('a job that passes is not held', async () => {
    const { id, end } = await job('passes');
    await scenario.json('POST', `/api/jobs/${id}/hold`, { minutes: 30 });
    await endJob(end);
    expect((await ended(id)).attempts[0]?.heldUntil).toBeNull();
    await until('the machine to be gone', async () => (await machineOf(id)) === null || null);
  });

  async function machineOf(jobId: number): Promise<string | null> {
    const { machines } = MachinesView.parse(await scenario.json('GET', '/api/machines'));
    return machines.find((machine) => machine.job?.id === jobId)?.id ?? null;
  }

  describe('terrarium ssh', () => {
    async function terrarium(
      args: string[],
      input = '',
      token: string | null = scenario.server.token,
    ): Promise<{ code: number; out: string; err: string }> {
      return await output(spawn(process.execPath, [CLI, 'ssh', ...args], { env: environment(token) }), input);
    }

    function environment(token: string | null): NodeJS.ProcessEnv {
      return { ...process.env, TERRARIUM_URL: scenario.server.url, TERRARIUM_TOKEN: token ?? '', TERRARIUM_ADMIN_TOKEN: '', TERM: 'vt100' };
    }

    test('reads commands from a pipe, and ends with the exit code', async () => {
      const { id, end } = await job('piped');
      const { buildNumber, position, projectName } = await scenario.getJob(id);
      const piped = await terrarium([String(id)], 'echo "si""ze $(stty size)"\nexit 7');
      expect([piped.code, piped.err]).toEqual([7, '']);
      expect(piped.out).toContain('size 24 80');
      for (const name of [`${projectName}/${buildNumber}.${position}`, `${scenario.server.url}/jobs/${id}`]) {
        expect(await terrarium([name], 'exit 8\n')).toMatchObject({ code: 8 });
      }
      expect(await terrarium([String(id)], 'true\n')).toMatchObject({ code: 0 });
      expect(await terrarium([String(id), '--hold', '30'])).toMatchObject({
        code: 0,
        out: expect.stringContaining('If it fails, its machine is held for 30 minutes'),
      });
      expect(await terrarium([String(id), '--hold', '0'])).toMatchObject({ code: 0, out: expect.stringContaining('is not held') });
      await endJob(end);
      await ended(id);
      expect(await terrarium([String(id)])).toMatchObject({ code: 1, err: expect.stringContaining(`terrarium ssh ${id} --hold 30`) });
      expect(await terrarium([String(id), '--hold', '30'])).toMatchObject({ code: 1, err: expect.stringContaining('restart it first') });
      expect(await terrarium([String(id), '--release'])).toMatchObject({ code: 1, err: expect.stringContaining('is held') });
    });

    test.skipIf(!existsSync('/usr/bin/script'))('is a terminal on a terminal', async () => {
      const { id, end } = await job('terminal');
      const inner = `stty rows 33 cols 99; exec ${process.execPath} ${CLI} ssh ${id}`;
      const child = spawn('script', ['-qec', inner, '/dev/null'], { env: environment(scenario.server.token) });
      const told = output(child, null);
      let shown = '';
      child.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString('latin1')));
      await until('the prompt', async () => (shown.includes('in the machine of job') ? true : null));
      child.stdin.write('echo "<$TERM $(stty size)>"\n');
      await until('the size', async () => (shown.includes('<vt100 33 99>') ? true : null));
      child.stdin.write('sh -c "echo sta""rted; exec sleep 600"\n');
      await until('the command', async () => (shown.includes('started') ? true : null));
      // Not for the program here: it goes to the machine as a key.
      child.stdin.write('\u0003');
      child.stdin.write('exit 9\n');
      expect((await told).code).toBe(9);
      await endJob(end);
      await ended(id);
    });

    test.each([
      [['12', '--hold', 'soon'], 2, 'whole minutes'],
      [['nonsense'], 2, 'names no job'],
      [[], 2, 'Say which job'],
      [['12', '--server', 'ftp://x'], 2, 'no address of a server'],
      [['2000000000'], 1, 'There is no job 2000000000.'],
      [['none/1.1'], 1, 'There is no project none'],
      [['12', '--server', 'http://127.0.0.1:9'], 1, 'cannot be reached'],
    ])('%j ends with %d and a sentence', async (args, code, sentence) => {
      expect(await terrarium(args)).toMatchObject({ code, err: expect.stringContaining(sentence) });
    });

    test('says what to do without a token, and with a wrong one', async () => {
      expect(await terrarium(['12'], '', null)).toMatchObject({ code: 1, err: expect.stringContaining('TERRARIUM_TOKEN') });
      expect(await terrarium(['12'], '', 'wrong')).toMatchObject({ code: 1, err: expect.stringContaining('does not know this token') });
    });
  });
});

/** What a command prints and how it ends. `input` null: the caller writes it. */
async function output(child: ReturnType<typeof spawn>, input: string | null): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  if (input !== null) child.stdin?.end(input);
  const [code]: unknown[] = await once(child, 'close');
  return { code: typeof code === 'number' ? code : -1, out: Buffer.concat(out).toString(), err: Buffer.concat(err).toString() };
}
