import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentJob } from '#agents/api';
import { JobFolder, scriptPhase, shells, which } from './fixtures/run-job.ts';

for (const shell of shells()) {
  const title = `posix agent and hostile jobs, under ${shell.name}${shell.path === null ? ': not installed here' : ''}`;
  describe.skipIf(shell.path === null)(title, () => {
    let job: JobFolder;
    beforeEach(() => {
      job = new JobFolder(shell);
    });
    afterEach(async () => {
      expect(survivors(job.folder)).toEqual([]);
      job.remove();
    });
    describeLimits(() => job);
    describeCancel(() => job);
    describeEscapes(() => job);
  });
}

describe('posix agent', () => {
  it('says that it is alive while the job is silent', async () => {
    const job = new JobFolder({ name: 'sh', path: which('sh') });
    const bundle = job.upload({ phases: scriptPhase('sleep 600') });
    await job.exec(bundle.start);
    const events = await job.until((all) => all.some((one) => one.type === 'beat'));
    const [start, beat] = [events.find((one) => one.type === 'start'), events.find((one) => one.type === 'beat')];
    expect((beat?.at ?? 0) - (start?.at ?? 0)).toBeGreaterThan(0);
    await job.exec(bundle.cancel);
    await job.ended();
    job.remove();
  });

  it('says which shell the machine lacks', async () => {
    const job = new JobFolder({ name: 'sh', path: which('sh') });
    const outcome = await job.run({ shell: 'bash', phases: scriptPhase('true') }, { PATH: job.without('bash') });
    expect(outcome).toMatchObject({ verdict: 'errored', reason: 'setup' });
    expect(outcome.output).toContain('the shell bash');
    job.remove();
  });
});

/** Processes that still carry the job's mark, by their command lines. */
function survivors(folder: string): string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid) && proc(pid, 'environ').includes(`TERRARIUM_AGENT=${folder};`) && proc(pid, 'cmdline') !== '')
    .map((pid) => proc(pid, 'cmdline').replaceAll('\0', ' '));
}

/** A file of a process that may be gone by now. */
function proc(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch {
    return '';
  }
}

function limits(changed: Partial<AgentJob['limits']>): AgentJob['limits'] {
  return { timeSeconds: 60, silenceSeconds: 60, outputBytes: 10_000_000, ...changed };
}

function describeLimits(job: () => JobFolder): void {
  it('ends a job that takes too long, and says so with the number', async () => {
    const outcome = await job().run({ limits: limits({ timeSeconds: 1 }), phases: scriptPhase('while :; do echo on; sleep 0.1; done') });
    expect(outcome).toMatchObject({ verdict: 'errored', reason: 'time-limit' });
    expect(outcome.output).toMatch(/limit of 1 seconds\.\n$/);
    expect(outcome.events.at(-1)?.offset).toBe(outcome.output.length);
  });

  it('ends a job that is silent, and says so with the number', async () => {
    const outcome = await job().run({ limits: limits({ silenceSeconds: 2 }), phases: scriptPhase('echo on; sleep 600') });
    expect(outcome).toMatchObject({ verdict: 'errored', reason: 'silence-limit' });
    expect(outcome.output).toMatch(/limit of 2 seconds\.\n$/);
  });

  it('ends a job that writes too much, at the limit', async () => {
    const outcome = await job().run({ limits: limits({ outputBytes: 1_000_000 }), phases: scriptPhase('trap "" PIPE; yes; while :; do yes; done') });
    expect(outcome).toMatchObject({ verdict: 'errored', reason: 'output-limit' });
    expect(outcome.output).toMatch(/limit of 1000000 bytes\.\n$/);
    expect(outcome.output.length).toBeLessThan(3_000_000);
  });

  it('takes a line of 100 MB', async () => {
    const phases = scriptPhase('head -c 100000000 /dev/zero', 'echo end');
    const outcome = await job().run({ limits: limits({ outputBytes: 200_000_000 }), phases });
    expect(outcome).toMatchObject({ verdict: 'passed' });
    expect(outcome.output.length).toBeGreaterThan(100_000_000);
  });
}

function describeCancel(job: () => JobFolder): void {
  it('cancels a running job, whose processes are gone at the end', async () => {
    const bundle = job().upload({ phases: scriptPhase('sleep 600 & echo ready; sleep 600', 'echo never') });
    await job().exec(bundle.start);
    await job().untilOutput('ready\n');
    expect(await job().exec(bundle.cancel)).toBe(0);
    const outcome = await job().ended();
    expect(outcome).toMatchObject({ verdict: 'canceled', reason: 'canceled' });
    expect(outcome.output).not.toContain('never\n');
  });

  it('cancels nothing: before the start, after the end', async () => {
    const bundle = job().upload({ phases: scriptPhase('echo ran') });
    expect(await job().exec(bundle.cancel)).toBe(0);
    await job().exec(bundle.start);
    expect(await job().ended()).toMatchObject({ verdict: 'passed' });
    expect(await job().exec(bundle.cancel)).toBe(0);
    expect(
      job()
        .events()
        .filter((one) => one.type === 'end'),
    ).toHaveLength(1);
  });

  it('cancels although the supervisor was killed', async () => {
    const bundle = job().upload({ phases: scriptPhase('kill -9 $(cat "$HOME/../agent/supervisor"); echo alone; sleep 600') });
    await job().exec(bundle.start);
    await job().untilOutput('alone\n');
    expect(await job().exec(bundle.cancel)).toBe(0);
    expect(await job().ended()).toMatchObject({ verdict: 'canceled', reason: 'canceled' });
  });
}

function describeEscapes(job: () => JobFolder): void {
  it('kills what the job leaves behind: background, daemons, other sessions', async () => {
    const escape = '(sleep 601 &) ; setsid sleep 602 & nohup sh -c "sleep 603 & sleep 604" >/dev/null 2>&1 & echo left';
    const outcome = await job().run({ phases: scriptPhase(escape) });
    expect(outcome).toMatchObject({ verdict: 'passed' });
    expect(survivors(job().folder)).toEqual([]);
  });

  it('lets nobody write after the end, escaped writers included', async () => {
    const outcome = await job().run({ phases: scriptPhase('setsid sh -c "while :; do echo still; done" & sleep 0.1; echo done') });
    expect(outcome).toMatchObject({ verdict: 'passed' });
    expect(outcome.events.at(-1)?.offset).toBe(outcome.output.length);
    expect(job().read('agent/output')).toBe(outcome.output);
  });

  it('gives a verdict when its work tree and its folder are removed', async () => {
    const bundle = job().upload({ phases: scriptPhase('rm -rf "$PWD"; cd /; echo gone', 'echo second') });
    await job().exec(bundle.start);
    const outcome = await job().ended();
    expect(outcome).toMatchObject({ verdict: 'passed' });
    expect(outcome.output).toContain('second\n');
  });

  it('ends, lost, when its own files are removed', async () => {
    const bundle = job().upload({ phases: scriptPhase('rm -rf "$HOME/../agent"', 'echo never') });
    await job().exec(bundle.start);
    await expect.poll(() => existsSync(`${job().folder}/agent`) || survivors(job().folder).length > 0, { timeout: 20_000 }).toBe(false);
  });

  it('is not disturbed by invalid UTF-8 and control characters', async () => {
    const outcome = await job().run({ phases: scriptPhase(String.raw`printf '\377\376\000\033[2J\r\n\303('`) });
    expect(outcome).toMatchObject({ verdict: 'passed' });
    expect(outcome.output).toContain('\u00FF\u00FE\0\u001B[2J\r\n\u00C3(');
  });

  it('is not fooled by events that the job writes', async () => {
    const forged = 'echo "end 1 0 passed exit extra" >>"$HOME/../agent/events"; echo "step x" >>"$HOME/../agent/events"; false';
    expect(await job().run({ phases: scriptPhase(forged) })).toMatchObject({ verdict: 'failed', reason: 'exit' });
  });
}
