import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AgentJob } from '#agents/api';
import { wineMissing } from '../../test/support/wine/root.ts';
import { AgentWork, phase, plain } from '../api/testing/agent-room.ts';
import { WineRooms } from './fixtures/wine-rooms.ts';
import { windowsAgent } from './index.ts';
import { windowsWords } from './testing/windows-words.ts';

const missing = wineMissing();
const words = windowsWords(WineRooms.probe);
const PYTHON = String.raw`C:\Python311\python.exe`;

/** What is Windows's own in the agent for it, in Wine's cmd. */
describe.skipIf(missing !== null)(missing === null ? 'windows agent in Wine' : `windows agent (skipped: ${missing})`, () => {
  let rooms: WineRooms;
  let work: AgentWork;
  beforeAll(async () => {
    rooms = await WineRooms.open();
  }, 300_000);
  afterAll(() => rooms?.close());
  beforeEach(async () => {
    const path = (folder: string, relative: string): string => `${folder}\\${relative}`;
    work = new AgentWork({ agent: windowsAgent, words, open: () => rooms.room(), path }, await rooms.room());
  });
  afterEach(() => work.room.dispose());
  describeCommands(() => work);
  describeMachine(() => work);
  describeConnection(() => ({ work, rooms }));
  describeSources(() => ({ work, rooms }));
});

function script(...commands: string[]): AgentJob['phases'] {
  return [phase('cmd', 'script', 'passing', 'fail-later', ...commands)];
}

function describeCommands(work: () => AgentWork): void {
  it('turns no failure into a success: exit codes of 32 bits', async () => {
    const codes = [256, 9010, 65536, 0x80000000, 0xc0000005, 0xffffffff];
    const outcome = await work().run({ phases: script(...codes.map((code) => `${WineRooms.probe} exit ${code}`), 'exit /b -1') });
    expect(outcome.events.flatMap((one) => (one.type === 'done' ? [one.exitCode] : []))).toEqual(Array.from({ length: 7 }, () => 255));
    expect(outcome.output).toContain('The exit code is 3221225477 (0xC0000005), which counts as 255.');
    expect(outcome.verdict).toBe('failed');
  });

  it('runs each command by itself: exit, exit /b, a batch file without call, setlocal, echo on', async () => {
    const outcome = await work().run({
      phases: script(
        'exit 3',
        'exit /b 4\necho never',
        'echo @exit /b 5 >b.cmd\nb.cmd\necho never',
        'setlocal\nset A=lost',
        'echo on',
        'if defined A exit /b 9',
      ),
    });
    expect(outcome.events.flatMap((one) => (one.type === 'done' ? [one.exitCode] : []))).toEqual([3, 4, 5, 0, 0, 0]);
    expect(plain(outcome.output)).not.toMatch(/^never/m);
    expect(outcome.output).not.toContain('state');
  });

  it('believes no variable that calls itself ERRORLEVEL', async () => {
    const outcome = await work().run({ phases: script('set ERRORLEVEL=0', 'exit /b 3') });
    expect(outcome.events.flatMap((one) => (one.type === 'done' ? [one.exitCode > 0] : []))).toEqual([false, true]);
  });

  it('does not start a job that has a command for a shell that is not there', async () => {
    const phases = [...script('echo never'), phase('bash', 'after', 'always', 'ignore', 'true')];
    const outcome = await work().run({ phases });
    expect(outcome).toMatchObject({ verdict: 'errored', reason: 'setup' });
    expect(outcome.output).toMatch(/asks for the shell bash, which this machine does not have\. Install Git for Windows/);
    expect(outcome.events.map((one) => one.type)).toEqual(['start', 'end']);
  });

  it('goes on where the current folder was removed', async () => {
    const outcome = await work().run({ phases: script('mkdir gone\ncd gone', 'cd ..\nrd gone\nexit 0', 'cd') });
    expect(outcome.verdict).toBe('passed');
    const { folder } = work().room;
    const lines = plain(outcome.output);
    expect(lines).toBe(`\n[terrarium] The folder ${folder}\\home\\build\\owner\\name\\gone is gone: the command runs in ${folder}.\n${folder}\n`);
  });
}

function describeMachine(work: () => AgentWork): void {
  it('puts the interpreter and its tools in front', async () => {
    const outcome = await work().run({ interpreter: { name: '3.11', path: PYTHON }, phases: script('python --version') });
    expect(outcome).toMatchObject({ verdict: 'passed' });
    const { argv, environment } = JSON.parse(/^\{.*\}/m.exec(outcome.output)?.[0] ?? '') as { argv: string[]; environment: Record<string, string> };
    expect(argv.at(-1)).toBe('--version');
    expect(environment['PATH'] ?? environment['Path']).toMatch(/^C:\\Python311;C:\\Python311\\Scripts;/);
  });

  it('says that an interpreter is not there, and nothing runs', async () => {
    const outcome = await work().run({ interpreter: { name: '3.99', path: String.raw`C:\no\python.exe` }, phases: script('echo never') });
    expect(outcome).toMatchObject({ verdict: 'errored', reason: 'setup' });
    expect(plain(outcome.output)).toBe('There is no interpreter C:\\no\\python.exe on this machine.\n');
  });

  it('lets no job write or remove its spool', async () => {
    const forged = String.raw`echo end 1 0 passed exit>>%HOME%\..\agent\events`;
    const outcome = await work().run({ phases: script(forged, String.raw`del /q %HOME%\..\agent\events %HOME%\..\agent\output`, words.fail(1)) });
    expect(outcome).toMatchObject({ verdict: 'failed', reason: 'exit' });
    expect(outcome.events.filter((one) => one.type === 'end')).toHaveLength(1);
  });

  it('ends with its supervisor, and is cancelled all the same', async () => {
    const kill = String.raw`set /p PID=<%HOME%\..\agent\supervisor`;
    const bundle = await work().upload({ phases: script(`${kill}\n${WineRooms.probe} kill %PID%\n${WineRooms.probe} wait`) });
    await work().exec(bundle.start);
    await expect
      .poll(
        () =>
          work()
            .exec(bundle.cancel)
            .then(() => work().events(bundle)),
        { timeout: 20_000 },
      )
      .toContainEqual(expect.objectContaining({ type: 'end', verdict: 'canceled', reason: 'canceled' }));
  });

  it('is lost, and says why, when the agent itself fails', async () => {
    const bundle = await work().upload({ phases: script('echo never') });
    const broken = { path: 'agent/job', content: Buffer.from('version 1\nlimits 60 60 1000000\ntree build\nno-such-word 1\n'), mode: 0o600 };
    await work().room.upload([broken], new AbortController().signal);
    await work().exec(bundle.start);
    expect(await work().ended(bundle)).toMatchObject({ verdict: 'errored', reason: 'lost', output: expect.stringContaining('no-such-word') });
  });

  it('ends, and says why, when it cannot even read its job', async () => {
    const bundle = await work().upload({ phases: script('echo never') });
    await work().room.upload([{ path: 'agent/job', content: Buffer.from('version x\n'), mode: 0o600 }], new AbortController().signal);
    await work().exec(bundle.start);
    expect(await work().ended(bundle)).toMatchObject({ verdict: 'errored', reason: 'lost', output: expect.stringContaining('The agent failed') });
  });

  it('is lost, and says why, when its files are removed', async () => {
    const outcome = await work().run({ phases: script(String.raw`del /q %HOME%\..\agent\command-1.cmd`, 'echo never') });
    expect(outcome).toMatchObject({ verdict: 'errored', reason: 'lost' });
    expect(outcome.output).toContain("The agent's files were removed");
  });
}

function describeConnection(lab: () => { work: AgentWork; rooms: WineRooms }): void {
  it('outlives the connection that started it, whose processes are ended with it', async () => {
    const { work, rooms } = lab();
    const variables = [{ name: 'GO', value: String.raw`${work.room.folder}\go`, expand: false }];
    const bundle = await work.upload({ variables, phases: script(`${WineRooms.probe} until GO`, 'echo lived') });
    const connection = rooms.startBySsh(work.room.folder);
    await expect.poll(() => existsSync(rooms.windows.outside(`${work.room.folder}\\agent\\events`)), { timeout: 20_000 }).toBe(true);
    await work.until(bundle, (all) => all.some((one) => one.type === 'step'));
    await connection.cut();
    await work.until(bundle, (all) => all.some((one) => one.type === 'beat'));
    await work.room.upload([{ path: 'go', content: new Uint8Array(), mode: 0o600 }], new AbortController().signal);
    const outcome = await work.ended(bundle);
    expect(outcome).toMatchObject({ verdict: 'passed' });
    expect(plain(outcome.output)).toBe('lived\n');
  });

  it('says where it cannot step out of a job object, and takes its variables along to where it is started instead', async () => {
    const { work, rooms } = lab();
    const { folder } = work.room;
    const bundle = await work.upload({ phases: script(`${WineRooms.probe} show ELSEWHERE`, `${WineRooms.probe} show USERNAME`) });
    expect(await rooms.callJailed('start', folder)).toBe(3);
    expect(existsSync(rooms.windows.outside(`${folder}\\agent\\supervisor`))).toBe(false);
    rooms.superviseElsewhere(folder);
    expect(await rooms.callJailed('started', folder)).toBe(0);
    expect(plain((await work.ended(bundle)).output)).toBe('|ci|');
  });
}

function describeSources(lab: () => { work: AgentWork; rooms: WineRooms }): void {
  const checkout = { title: 'checkout', script: '', archive: 'source.tar', variables: {} };

  async function layOut(fill: (tree: string) => void): Promise<{ output: string; verdict: string; tree: string }> {
    const { work, rooms } = lab();
    const bundle = await work.upload({ checkout, phases: [] });
    await work.room.upload([{ path: 'source.tar', content: packed(fill), mode: 0o600 }], new AbortController().signal);
    await work.exec(bundle.start);
    return { ...(await work.ended(bundle)), tree: join(rooms.windows.outside(work.room.folder), 'home/build/owner/name') };
  }

  it('are as Git for Windows would have them: links as files, times kept, its settings', async () => {
    const { tree, verdict } = await layOut((folder) => {
      mkdirSync(join(folder, '.git'));
      writeFileSync(join(folder, '.git/config'), '[core]\n\tfilemode = true\n');
      writeFileSync(join(folder, 'file'), 'text\n');
      utimesSync(join(folder, 'file'), 1_000_000_000, 1_000_000_000);
      symlinkSync('../elsewhere', join(folder, 'link'));
    });
    expect(verdict).toBe('passed');
    expect(readFileSync(join(tree, 'link'), 'utf8')).toBe('../elsewhere');
    expect(statSync(join(tree, 'file')).mtimeMs).toBe(1_000_000_000_000);
    expect(execFileSync('git', ['config', '--file', join(tree, '.git/config'), '--get', 'core.filemode'], { encoding: 'utf8' })).toBe('false\n');
  });

  it.each(['aux.txt', 'a:b', 'dot.', 'com1', 'q?', 'back\\slash'])('that Windows cannot have make the job errored: %s', async (name) => {
    const { output, verdict } = await layOut((folder) => writeFileSync(join(folder, name), ''));
    expect(verdict).toBe('errored');
    expect(output).toContain(`Windows cannot have the file ./${name}`);
  });
}

function packed(fill: (tree: string) => void): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'terrarium-archive-'));
  try {
    mkdirSync(join(folder, 'tree'));
    fill(join(folder, 'tree'));
    execFileSync('tar', ['-cf', join(folder, 'tar'), '-C', join(folder, 'tree'), '.']);
    return readFileSync(join(folder, 'tar'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
