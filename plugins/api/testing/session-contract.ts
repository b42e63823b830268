import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Session } from '../session.ts';
import type { RunnerSubject } from './runner-contract.ts';
import { collect, hasText, run, text } from './runner-helpers.ts';
import { describeShell } from './shell-contract.ts';

/** The rules of `Session`; part of `describeRunnerDriver`. One machine serves all of them, as one attempt's calls would. */
export function describeRunnerSession(subject: () => RunnerSubject): void {
  describe('session', () => {
    let session: Session;
    beforeAll(async () => {
      const { driver, image } = subject();
      await driver.create({ id: 'contract-session', image }, never());
      session = await driver.connect('contract-session', never());
    });
    afterAll(async () => {
      await session?.dispose();
      await subject().driver.destroy('contract-session', never());
    });
    describeExec(() => session);
    describeAbort(() => session);
    describeFiles(() => session);
    describeFollow(() => session);
    describeShell(subject, () => session);
    describeEnds(subject, () => session);
  });
}

function never(): AbortSignal {
  return new AbortController().signal;
}

function describeExec(session: () => Session): void {
  it('runs in its folder, with an empty standard input', async () => {
    expect(session().folder).toMatch(/^([A-Za-z]:\\|\/)/);
    expect(await run(session(), ['sh', '-c', 'pwd -P; cat; echo end'])).toEqual({ exitCode: 0, output: `${session().folder}\nend\n` });
  });

  it('passes each argument unchanged', async () => {
    const words = ['', ' ', "'", '"', '$HOME', '`id`', '*', '\\', '\\n', 'a\nb\n', '\n', '-n', 'ü ☃', ';|&<>()', '!', '%s', '~', '#', '\t'];
    const result = await run(session(), ['printf', '[%s]', ...words]);
    expect(result).toEqual({ exitCode: 0, output: words.map((word) => `[${word}]`).join('') });
  });

  it('gives exit codes as results', async () => {
    for (const exitCode of [0, 1, 42, 255]) expect(await run(session(), ['sh', '-c', `exit ${exitCode}`])).toEqual({ exitCode, output: '' });
    expect((await run(session(), ['sh', '-c', 'kill -TERM $$'])).exitCode).toBe(143);
  });

  it('reports a program that is not there as a failing command', async () => {
    expect((await run(session(), ['no-such-program-here'])).exitCode).toBe(127);
  });

  it('gives all output, both streams in order, before the result', async () => {
    const script = 'i=0; while [ $i -lt 500 ]; do echo "out $i"; echo "err $i" >&2; i=$((i+1)); done';
    const wanted = Array.from({ length: 500 }, (_, index) => `out ${index}\nerr ${index}\n`).join('');
    expect((await run(session(), ['sh', '-c', script])).output).toBe(wanted);
  });

  it('gives output while the command still runs', async () => {
    const controller = new AbortController();
    const running = session().exec(['sh', '-c', 'echo early; sleep 600'], {
      signal: controller.signal,
      onOutput: () => controller.abort(new Error('seen')),
    });
    await expect(running).rejects.toThrow('seen');
  });

  it('runs several commands at once', async () => {
    const results = await Promise.all([1, 2, 3, 4, 5].map((exitCode) => run(session(), ['sh', '-c', `echo ${exitCode}; exit ${exitCode}`])));
    expect(results).toEqual([1, 2, 3, 4, 5].map((exitCode) => ({ exitCode, output: `${exitCode}\n` })));
  });

  it('returns when the command ends, whatever it left in the background', async () => {
    const result = await run(session(), ['sh', '-c', 'sleep 600 >/dev/null 2>&1 & echo $!']);
    expect(result.exitCode).toBe(0);
    expect((await run(session(), ['kill', '-9', result.output.trim()])).exitCode).toBe(0);
  });
}

function describeAbort(session: () => Session): void {
  it('runs nothing when already aborted', async () => {
    const signal = AbortSignal.abort(new Error('before'));
    await expect(session().exec(['touch', 'never-made'], { signal })).rejects.toThrow('before');
    expect((await run(session(), ['test', '-e', 'never-made'])).exitCode).toBe(1);
  });

  it('kills the whole process tree on abort', async () => {
    const controller = new AbortController();
    let output = '';
    const running = session().exec(['sh', '-c', 'sleep 601 & echo $!; (sleep 602 & echo $!; wait); wait'], {
      signal: controller.signal,
      onOutput: (chunk) => {
        output += text(chunk);
        if (output.split('\n').length === 3) controller.abort(new Error('enough'));
      },
    });
    await expect(running).rejects.toThrow('enough');
    for (const pid of output.trim().split('\n')) await expectGone(session(), pid);
  });
}

/** Waits until the process is gone or a zombie: a signal is sent at once, the kernel delivers it when it can. */
async function expectGone(session: Session, pid: string): Promise<void> {
  const script =
    'i=0; while [ $i -lt 500 ]; do s=$(ps -o stat= -p "$1") || exit 0; case $s in *Z*) exit 0;; esac; i=$((i+1)); sleep 0.02; done; exit 1';
  expect(await run(session, ['sh', '-c', script, 'sh', pid]), `process ${pid} lives`).toMatchObject({ exitCode: 0 });
}

function describeFiles(session: () => Session): void {
  it('uploads bytes unchanged, makes folders, sets modes, replaces', async () => {
    const content = Buffer.concat([Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)), randomBytes(300_000)]);
    await session().upload([{ path: 'deep/er/file name', content: Buffer.from('old, and much longer than nothing'), mode: 0o644 }], never());
    await session().upload([{ path: 'deep/er/file name', content, mode: 0o700 }], never());
    expect(Buffer.from(await collect(session().download('deep/er/file name', never()))).equals(content)).toBe(true);
    expect((await run(session(), ['sh', '-c', 'ls -l "deep/er/file name"'])).output).toMatch(/^-rwx------/);
    await session().upload([{ path: 'deep/er/file name', content: new Uint8Array(), mode: 0o600 }], never());
    expect(await collect(session().download('deep/er/file name', never()))).toHaveLength(0);
  });

  it('uploads a file of this host', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'terrarium-upload-'));
    const content = randomBytes(5_000_000);
    await writeFile(join(folder, 'from'), content);
    await session().upload([{ path: 'to', content: { file: join(folder, 'from') }, mode: 0o600 }], never());
    await rm(folder, { recursive: true });
    expect(Buffer.from(await collect(session().download('to', never()))).equals(content)).toBe(true);
  });

  it('uploads many files in one call', async () => {
    const files = Array.from({ length: 200 }, (_, index) => ({ path: `many/${index}`, content: Buffer.from(`${index}`), mode: 0o600 }));
    await session().upload(files, never());
    expect((await run(session(), ['sh', '-c', 'cat many/* | wc -c'])).output.trim()).toBe(
      String(files.reduce((sum, one) => sum + one.content.length, 0)),
    );
  });

  it('refuses paths that leave the folder', async () => {
    for (const path of ['../out', '/etc/out', 'a/../../out', '', 'a//b', '.', 'a/./b', 'nul\0'])
      await expect(session().upload([{ path, content: Buffer.from('x'), mode: 0o600 }], never()), path).rejects.toMatchObject({ code: 'invalid' });
  });

  it('downloads nothing that is not a regular file', async () => {
    await run(session(), ['sh', '-c', 'mkdir -p folder; mkfifo pipe']);
    await expect(collect(session().download('absent', never()))).rejects.toMatchObject({ code: 'not-found' });
    for (const path of ['folder', 'pipe']) await expect(collect(session().download(path, never())), path).rejects.toMatchObject({ code: 'invalid' });
  });

  it('throws the reason of an aborted signal', async () => {
    const signal = AbortSignal.abort(new Error('stop'));
    await expect(session().upload([{ path: 'aborted', content: Buffer.from('x'), mode: 0o600 }], signal)).rejects.toThrow('stop');
    await expect(collect(session().download('many/1', signal))).rejects.toThrow('stop');
  });
}

function describeFollow(session: () => Session): void {
  it('follows a growing file from an offset, byte for byte', async () => {
    await session().upload([{ path: 'grow', content: Buffer.from('0123456789'), mode: 0o600 }], never());
    const following = collect(session().follow('grow', 4, never()), hasText('end\n'));
    const script = 'i=0; while [ $i -lt 300 ]; do echo "line $i" >>grow; i=$((i+1)); done; echo end >>grow';
    await run(session(), ['sh', '-c', script]);
    expect(text(await following)).toBe(`456789${Array.from({ length: 300 }, (_, index) => `line ${index}\n`).join('')}end\n`);
  });

  it('starts at the end of the file and waits', async () => {
    await session().upload([{ path: 'waits', content: Buffer.from('old'), mode: 0o600 }], never());
    const following = collect(session().follow('waits', 3, never()), hasText('new'));
    await run(session(), ['sh', '-c', 'printf new >>waits']);
    expect(text(await following)).toBe('new');
  });

  it('ends, without an error, when its signal aborts', async () => {
    const controller = new AbortController();
    await session().upload([{ path: 'ends', content: Buffer.from('seen'), mode: 0o600 }], never());
    const following = collect(session().follow('ends', 0, controller.signal), () => {
      controller.abort(new Error('seen enough'));
      return false;
    });
    expect(text(await following)).toBe('seen');
  });

  it('refuses what is not there, no regular file, or shorter than was read', async () => {
    await run(session(), ['sh', '-c', 'mkdir -p folder; echo short >short']);
    await expect(collect(session().follow('absent', 0, never()))).rejects.toMatchObject({ code: 'not-found' });
    await expect(collect(session().follow('folder', 0, never()))).rejects.toMatchObject({ code: 'invalid' });
    await expect(collect(session().follow('short', 1000, never()))).rejects.toMatchObject({ code: 'invalid' });
    const following = (async () => {
      for await (const _chunk of session().follow('short', 0, never())) await run(session(), ['sh', '-c', ': >short']);
    })();
    await expect(following).rejects.toMatchObject({ code: 'invalid' });
  });

  it('passes big files on', async () => {
    await run(session(), ['sh', '-c', 'head -c 50000000 /dev/zero >big']);
    let length = 0;
    for await (const chunk of session().follow('big', 1, never())) {
      length += chunk.length;
      if (length >= 49_999_999) break;
    }
    expect(length).toBe(49_999_999);
  });
}

function describeEnds(subject: () => RunnerSubject, session: () => Session): void {
  it('is unavailable after dispose, and what runs detached goes on', async () => {
    const second = await subject().driver.connect('contract-session', never());
    const detached = 'nohup sh -c "while [ ! -e go ]; do sleep 0.02; done; echo went >>went" >/dev/null 2>&1 </dev/null & : >went';
    await second.exec(['sh', '-c', detached], { signal: never() });
    await second.dispose();
    await second.dispose();
    await expect(second.exec(['true'], { signal: never() })).rejects.toMatchObject({ code: 'unavailable' });
    await expect(second.upload([], never())).rejects.toMatchObject({ code: 'unavailable' });
    await expect(collect(second.download('went', never()))).rejects.toMatchObject({ code: 'unavailable' });
    const following = collect(session().follow('went', 0, never()), hasText('went\n'));
    await session().upload([{ path: 'go', content: new Uint8Array(), mode: 0o600 }], never());
    expect(text(await following)).toBe('went\n');
  });
}
