import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Session } from '#plugins/api';
import { fakeContext, run, type FakeContext } from '#plugins/api/testing';
import { LocalConfig } from './config.ts';
import { LocalRunner } from './local-runner.ts';
import { sandboxProblem } from './testing/sandbox-problem.ts';

const problem = await sandboxProblem();
const never = new AbortController().signal;
const REPLIES = '/run/terrarium/replies';

describe.skipIf(problem !== null)(`a job in the way of replies${problem === null ? '' : ` (cannot be tested here: ${problem})`}`, () => {
  let context: FakeContext<LocalConfig>;
  let driver: LocalRunner;
  let session: Session;
  beforeEach(async () => {
    context = await fakeContext(LocalConfig.parse({ isolation: 'sandbox' }), 'replies');
    driver = new LocalRunner(context);
    await driver.init(never);
    await driver.create({ id: 'replies', image: 'local' }, never);
    session = await driver.connect('replies', never);
  });
  afterEach(async () => {
    await driver.destroy('replies', never);
    await driver.close();
    await context.remove();
  });

  function sh(script: string): Promise<{ exitCode: number; output: string }> {
    return run(session, ['sh', '-c', script]);
  }

  /** What a job leaves running behind when it ends. */
  async function leave(script: string): Promise<void> {
    await session.exec(['sh', '-c', `(${script}) >/dev/null 2>&1 </dev/null &`], { signal: never });
  }

  function replies(): string[] {
    return readdirSync(join(context.folder, 'machines/replies/replies')).filter((name) => name !== 'requests');
  }

  it('lays a terabyte under the names that a clock would give: no reply comes from there', async () => {
    // A link each needs a process that makes them all: the shell would still be at it when their time has passed.
    const plant = 'use Time::HiRes; $now = int(Time::HiRes::time() * 1000); link("huge", ($now + $_) * 1000 . ".output") for 1 .. 20000';
    await sh(`cd ${REPLIES} && truncate -s 1T huge && chmod 444 huge && perl -e '${plant}'`);
    expect(replies()).toHaveLength(20_001);
    for (let tries = 0; tries < 20; tries += 1) expect(await sh('echo right; exit 3')).toEqual({ exitCode: 3, output: 'right\n' });
  });

  it('replaces files of replies by a link to something else: what is read is what the command wrote, or nothing', async () => {
    await sh('echo false >false && chmod 444 false');
    await leave(`while :; do for one in ${REPLIES}/*.output; do ln -fs /terrarium/false "$one"; done; done`);
    for (let tries = 0; tries < 20; tries += 1) expect(['right\n', '']).toContain((await sh('echo right')).output);
  });

  it('makes output endless: other work goes on meanwhile, and an abort ends it', async () => {
    await leave(`while :; do for one in ${REPLIES}/*.output; do truncate -c -s 1T "$one"; done; done`);
    const abort = new AbortController();
    const seen: number[] = [];
    const running = session.exec(['sleep', '600'], { signal: abort.signal, onOutput: (chunk) => seen.push(chunk.length) });
    const ended = expect(running).rejects.toThrow('enough');
    while (seen.length < 1000) await turn();
    abort.abort(new Error('enough'));
    await ended;
    expect(Math.max(...seen)).toBeLessThanOrEqual(262_144);
    expect(replies()).toEqual([]);
  });

  it('makes output endless: a command whose output is no longer wanted is ended', async () => {
    await leave(`while :; do for one in ${REPLIES}/*.output; do truncate -c -s 1T "$one"; done; done`);
    const onOutput = (): void => {
      throw new Error('too much');
    };
    await expect(session.exec(['sleep', '601'], { signal: never, onOutput })).rejects.toThrow('too much');
    expect((await session.exec(['pgrep', '-f', 'sleep 60[1]'], { signal: never })).exitCode).toBe(1);
    expect(replies()).toEqual([]);
  });

  it('kills the shell that would answer: an abort ends all the same', { timeout: 60_000 }, async () => {
    const abort = new AbortController();
    const kill = ['sh', '-c', 'kill -9 $PPID; echo killed; sleep 603'];
    const running = session.exec(kill, { signal: abort.signal, onOutput: () => abort.abort(new Error('killed')) });
    await expect(running).rejects.toThrow('killed');
    expect((await session.exec(['pgrep', '-f', 'sleep 60[3]'], { signal: never })).exitCode).toBe(1);
  });

  it('writes an exit code that is none: the command fails and says why', async () => {
    await leave(`while :; do for one in ${REPLIES}/*.output; do echo wrong >"\${one%output}code"; done; done`);
    await expect(sh('sleep 602')).rejects.toMatchObject({ code: 'invalid' });
  });
});
