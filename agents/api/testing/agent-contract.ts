import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentJob } from '../index.ts';
import { describeAgentCorpus } from './agent-corpus-contract.ts';
import { describeAgentLimits } from './agent-limits-contract.ts';
import { AgentWork, phase, plain, type AgentSubject } from './agent-room.ts';
import { describeAgentVerdicts } from './agent-verdicts-contract.ts';

/** The rules of `Agent` and of the spool protocol, for any agent on any kind of machine. Each test has a room of its own. */
export function describeAgent(name: string, subject: AgentSubject): void {
  describe(`agent contract: ${name}`, () => {
    let work: AgentWork;
    beforeEach(async () => {
      work = new AgentWork(subject, await subject.open());
    });
    afterEach(() => work.room.dispose());
    const suite: AgentSuite = {
      subject: () => subject,
      work: () => work,
      script: (...commands) => [phase(subject.words.shell, 'script', 'passing', 'fail-later', ...commands)],
    };
    describeSpool(suite);
    describeVariables(suite);
    describeAgentVerdicts(suite);
    describeAgentCorpus(suite);
    describeAgentLimits(suite);
  });
}

/** What each part of the suite works with. */
export interface AgentSuite {
  readonly subject: () => AgentSubject;
  readonly work: () => AgentWork;
  /** The phase `script`, as Travis runs it. */
  readonly script: (...commands: string[]) => AgentJob['phases'];
}

function describeSpool({ subject, work, script }: AgentSuite): void {
  it('writes events whose offsets divide the output, and titles', async () => {
    const { words } = subject();
    const outcome = await work().run({ phases: script(words.say('one'), words.fail(3)) });
    expect(outcome.events.map((one) => one.type)).toEqual(['start', 'step', 'done', 'step', 'done', 'end']);
    const second = outcome.events[3];
    expect(plain(outcome.output.slice(0, second?.offset))).toBe('one\n');
    expect(outcome.output.slice(second?.offset)).toMatch(/^\u001B\[1m\$ /);
    expect(outcome.events[4]).toMatchObject({ step: 1, exitCode: 3 });
    expect(outcome.events.at(-1)?.offset).toBe(outcome.output.length);
    const times = outcome.events.map((one) => one.at);
    expect(times).toEqual([...times].sort((one, other) => one - other));
  });

  it('starts once, however often it is asked', async () => {
    const bundle = await work().upload({ phases: script(subject().words.say('ran')) });
    expect(await Promise.all([work().exec(bundle.start), work().exec(bundle.start)])).toEqual([0, 0]);
    const outcome = await work().ended(bundle);
    expect(await work().exec(bundle.start)).toBe(0);
    expect(plain(outcome.output)).toBe('ran\n');
    expect((await work().events(bundle)).filter((one) => one.type === 'start')).toHaveLength(1);
  });

  it('shows a title instead of the command where there is one', async () => {
    const { words } = subject();
    const commands = [{ run: words.say('quiet'), title: '%s \\n shown', shell: words.shell }];
    const outcome = await work().run({ phases: [{ name: 'script', when: 'passing', onFailure: 'fail', commands }] });
    expect(outcome.output).toMatch(/^\u001B\[1m\$ %s \\n shown\u001B\[0m\nquiet\r?\n$/);
  });
}

function describeVariables({ subject, work, script }: AgentSuite): void {
  it('carries variables and the current folder from command to command', async () => {
    const { words } = subject();
    const outcome = await work().run({ phases: script(words.set('A', 'kept'), words.goToRoot, words.show('A'), words.sayFolder) });
    expect(plain(outcome.output)).toMatch(/^kept\|(\/|[A-Z]:\\)\n$/);
  });

  it('says where it is', async () => {
    const { words, path } = subject();
    const names = ['TERRARIUM_BUILD_DIR', 'TRAVIS_BUILD_DIR', 'APPVEYOR_BUILD_FOLDER', 'CI', 'TERRARIUM', 'HOME'];
    const outcome = await work().run({ phases: script(words.sayFolder, ...names.map((name) => words.show(name))) });
    const { folder } = work().room;
    const tree = path(folder, 'home/build/owner/name');
    expect(plain(outcome.output)).toBe(`${tree}\n${tree}|${tree}|${tree}|true|true|${path(folder, 'home')}|`);
  });

  it('expands values that ask for it, by what the variables are by then', async () => {
    const { words } = subject();
    const variables = [
      { name: 'A', value: 'first', expand: false },
      { name: 'B', value: words.expands, expand: true },
      { name: 'A', value: 'second', expand: false },
    ];
    const outcome = await work().run({ variables, phases: script(words.show('A'), words.show('B')) });
    expect(plain(outcome.output)).toMatch(/^second\|first.+\|$/);
  });

  it('refuses what no environment can hold, and places that are none', () => {
    const { agent } = subject();
    const job: AgentJob = {
      folder: work().room.folder,
      workTree: 'build/a',
      shell: 'sh',
      phases: [],
      variables: [],
      interpreter: null,
      checkout: null,
      limits: { timeSeconds: 1, silenceSeconds: 1, outputBytes: 1 },
    };
    expect(() => agent.bundle({ ...job, variables: [{ name: 'A', value: 'x\0', expand: false }] })).toThrow('NUL');
    expect(() => agent.bundle({ ...job, variables: [{ name: 'A B', value: 'x', expand: false }] })).toThrow('name');
    expect(() => agent.bundle({ ...job, workTree: 'a/../b' })).toThrow('work tree');
  });
}
