import { expect, it } from 'vitest';
import type { AgentSuite } from './agent-contract.ts';
import { limits } from './agent-room.ts';

/** Limits, cancelling, and jobs that do as they please. */
export function describeAgentLimits(suite: AgentSuite): void {
  describeStops(suite);
  describeCancel(suite);
  describeLeftovers(suite);
}

function describeStops({ subject, work, script }: AgentSuite): void {
  it('ends a job that takes too long, and says so with the number', async () => {
    const outcome = await work().run({ limits: limits({ timeSeconds: 2 }), phases: script(subject().words.wait) });
    expect(outcome).toMatchObject({ verdict: 'errored', reason: 'time-limit' });
    expect(outcome.output).toMatch(/limit of 2 seconds\.\n$/);
    expect(outcome.events.at(-1)?.offset).toBe(outcome.output.length);
  });

  it('ends a job that is silent, and says so with the number', async () => {
    const outcome = await work().run({ limits: limits({ silenceSeconds: 2 }), phases: script(subject().words.wait) });
    expect(outcome).toMatchObject({ verdict: 'errored', reason: 'silence-limit' });
    expect(outcome.output).toMatch(/limit of 2 seconds\.\n$/);
  });

  it('ends a job that writes too much, at the limit', async () => {
    const outcome = await work().run({ limits: limits({ outputBytes: 1_000_000 }), phases: script(subject().words.flood) });
    expect(outcome).toMatchObject({ verdict: 'errored', reason: 'output-limit' });
    expect(outcome.output).toMatch(/limit of 1000000 bytes\.\n$/);
    expect(outcome.output.length).toBeLessThan(3_000_000);
  });

  it('says that it is alive while the job is silent', async () => {
    const bundle = await work().upload({ phases: script(subject().words.wait) });
    await work().exec(bundle.start);
    await work().until(bundle, (all) => all.some((one) => one.type === 'beat'));
    await work().exec(bundle.cancel);
    expect(await work().ended(bundle)).toMatchObject({ verdict: 'canceled' });
  });
}

function describeCancel({ subject, work, script }: AgentSuite): void {
  it('cancels a running job', async () => {
    const { words } = subject();
    const bundle = await work().upload({ phases: script(words.wait, words.say('never')) });
    await work().exec(bundle.start);
    await work().untilOutput(bundle, 'ready');
    expect(await work().exec(bundle.cancel)).toBe(0);
    const outcome = await work().ended(bundle);
    expect(outcome).toMatchObject({ verdict: 'canceled', reason: 'canceled' });
    expect(outcome.output).not.toMatch(/^never/m);
  });

  it('cancels nothing: before the start, after the end', async () => {
    const bundle = await work().upload({ phases: script(subject().words.say('ran')) });
    expect(await work().exec(bundle.cancel)).toBe(0);
    await work().exec(bundle.start);
    expect(await work().ended(bundle)).toMatchObject({ verdict: 'passed' });
    expect(await work().exec(bundle.cancel)).toBe(0);
    expect((await work().events(bundle)).filter((one) => one.type === 'end')).toHaveLength(1);
  });
}

function describeLeftovers({ subject, work, script }: AgentSuite): void {
  it('lets nobody write after the end, who was left in the background included', async () => {
    const bundle = await work().upload({ phases: script(subject().words.leave) });
    await work().exec(bundle.start);
    const outcome = await work().ended(bundle);
    expect(outcome).toMatchObject({ verdict: 'passed' });
    expect(outcome.events.at(-1)?.offset).toBe(outcome.output.length);
    expect(await work().read(bundle.output)).toBe(outcome.output);
  });
}
