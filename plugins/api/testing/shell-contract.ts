import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Session, Shell, Terminal } from '../session.ts';
import type { RunnerSubject } from './runner-contract.ts';
import { collect, run } from './runner-helpers.ts';
import { Typist } from './typist.ts';

const TERMINAL: Terminal = { type: 'vt100', columns: 120, rows: 30 };

/** The rules of `Session.shell`; skipped where a session has none. What is looked for is written so that the echo of what was typed does not hold it. */
export function describeShell(subject: () => RunnerSubject, session: () => Session): void {
  describe('shell', () => {
    beforeEach((context) => {
      if (session().shell === undefined) context.skip('machines of this runner cannot be entered');
    });
    describeTerminal(session);
    describeBytes(session);
    describeShellEnd(subject, session);
  });
}

function never(): AbortSignal {
  return new AbortController().signal;
}

async function open(session: Session, terminal = TERMINAL): Promise<Shell> {
  if (session.shell === undefined) throw new Error('this session has no shell');
  return await session.shell(terminal, never());
}

async function sit(session: Session): Promise<Typist> {
  return new Typist(await open(session));
}

function describeTerminal(session: () => Session): void {
  it('is on a terminal of the type and size that was asked for, in the folder, and follows its size', async () => {
    const typist = await sit(session());
    await typist.type('test -t 0 && test -t 1 && echo "<$TERM> <$(stty size)> <$(pwd -P)>"\n');
    expect((await typist.sees(/<(\w+)> <(\d+ \d+)> <(\/[^>]*)>/)).slice(1)).toEqual(['vt100', '30 120', session().folder]);
    typist.shell.resize(100, 40);
    await typist.type('echo "now <$(stty size)>"\n');
    expect((await typist.sees(/now <(\d+ \d+)>/))[1]).toBe('40 100');
    typist.shell.close();
  });

  it('ends with the exit code of the shell, and nothing happens to it after', async () => {
    const typist = await sit(session());
    await typist.type('exit 42\n');
    await typist.done;
    expect(await typist.shell.ended).toBe(42);
    await typist.type('late\n');
    typist.shell.resize(10, 10);
    typist.shell.close();
    typist.shell.close();
    expect(await typist.shell.ended).toBe(42);
  });

  it('says how it ended though nobody reads what it shows', async () => {
    const shell = await open(session());
    await shell.write(Buffer.from('exit 7\n'));
    expect(await shell.ended).toBe(7);
    shell.close();
  });

  it('interrupts what runs by its own key', async () => {
    const typist = await sit(session());
    await typist.type('sh -c "echo sta""rted; exec sleep 600"\n');
    await typist.sees(/started/);
    await typist.type('\u0003');
    await typist.type('echo aft""er\n');
    await typist.sees(/after/);
    typist.shell.close();
  });

  it('takes no data as part of a command', async () => {
    const type = 'vt100"; touch entered; $(touch entered)';
    const opened = await open(session(), { ...TERMINAL, type }).catch((error: unknown) => {
      expect(error).toMatchObject({ code: 'invalid' });
      return null;
    });
    opened?.close();
    expect((await run(session(), ['test', '-e', 'entered'])).exitCode).toBe(1);
  });
}

function describeBytes(session: () => Session): void {
  it('passes bytes unchanged in both directions where the terminal is raw', async () => {
    const content = Buffer.concat([Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)), randomBytes(200_000)]);
    const typist = await sit(session());
    await typist.type(`stty raw -echo; echo rea""dy; head -c ${content.length} >typed; echo sto""red; cat typed; echo over""\n`);
    await typist.sees(/ready\n/);
    await typist.type(content);
    await typist.sees(/stored\n[^]*over\n/);
    expect(Buffer.from(await collect(session().download('typed', never()))).equals(content)).toBe(true);
    expect(typist.screen).toContain(content.toString('latin1'));
    typist.shell.close();
  });

  it('waits for a reader that pauses, and loses nothing', async () => {
    const shell = await open(session());
    await shell.write(Buffer.from('stty raw -echo; echo beg""in; head -c 40000000 /dev/zero; touch shown; exit 3\n'));
    let zeros = 0;
    for await (const chunk of shell.output) {
      // Once, in the middle: what comes meanwhile stays where it is made.
      if (zeros === 0) for (let round = 0; round < 10; round++) expect((await run(session(), ['test', '-e', 'shown'])).exitCode).toBe(1);
      zeros += chunk.reduce((sum, byte) => (byte === 0 ? sum + 1 : sum), 0);
    }
    expect(zeros).toBe(40_000_000);
    expect(await shell.ended).toBe(3);
  });
}

function describeShellEnd(subject: () => RunnerSubject, session: () => Session): void {
  it('close ends it and what runs in its foreground', async () => {
    const typist = await sit(session());
    // A shell on a terminal that is about to be replaced may lose the signal; one that runs a script does not.
    await typist.type(`exec sh -c 'echo "pid $$"; exec sleep 600'\n`);
    const [, pid = ''] = await typist.sees(/pid (\d+)/);
    typist.shell.close();
    expect(await typist.shell.ended).toBe(255);
    await typist.done;
    await expectHungUp(session(), pid);
  });

  it('ends with its session', async () => {
    const second = await subject().driver.connect('contract-session', never());
    const typist = await sit(second);
    await typist.type('echo "pid $$"\n');
    const [, pid = ''] = await typist.sees(/pid (\d+)/);
    await second.dispose();
    expect(await typist.shell.ended).toBe(255);
    await typist.done;
    await expectHungUp(session(), pid);
    await expect(open(second)).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('opens nothing when already aborted', async () => {
    const opening = session().shell?.(TERMINAL, AbortSignal.abort(new Error('too late')));
    await expect(opening).rejects.toThrow('too late');
  });

  it('several are open at once, each for itself', async () => {
    const typists = await Promise.all([sit(session()), sit(session()), sit(session())]);
    await Promise.all(typists.map((typist, index) => typist.type(`exit ${index + 10}\n`)));
    expect(await Promise.all(typists.map((typist) => typist.shell.ended))).toEqual([10, 11, 12]);
    await Promise.all(typists.map((typist) => typist.done));
  });
}

/** Waits until the process is gone, as seen from inside the machine. */
async function expectHungUp(session: Session, pid: string): Promise<void> {
  const script = 'i=0; while [ $i -lt 500 ]; do kill -0 "$1" 2>/dev/null || exit 0; i=$((i+1)); sleep 0.02; done; exit 1';
  expect(await run(session, ['sh', '-c', script, 'sh', pid]), `process ${pid} lives`).toMatchObject({ exitCode: 0 });
}
