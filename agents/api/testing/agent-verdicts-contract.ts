import { expect, it } from 'vitest';
import type { AgentPhase } from '../index.ts';
import type { AgentSuite } from './agent-contract.ts';
import { phase, plain } from './agent-room.ts';

/** What phases and their rules make of exit codes. */
export function describeAgentVerdicts({ subject, work, script }: AgentSuite): void {
  type Rule = Pick<AgentPhase, 'when' | 'onFailure'> & { readonly name: string; readonly run: readonly string[] };
  const table: [string, readonly Rule[], string, string, string][] = [
    ['all well', [{ name: 'script', when: 'passing', onFailure: 'fail-later', run: ['1', '2'] }], 'passed', 'exit', '1\n2\nS\nA\n'],
    ['fail-later', [{ name: 'script', when: 'passing', onFailure: 'fail-later', run: ['!', '2'] }], 'failed', 'exit', '2\nF\nA\n'],
    ['fail', [{ name: 'test', when: 'passing', onFailure: 'fail', run: ['1', '!', '2'] }], 'failed', 'exit', '1\nF\nA\n'],
    ['error', [{ name: 'install', when: 'passing', onFailure: 'error', run: ['!', '2'] }], 'errored', 'setup', ''],
    ['ignore', [{ name: 'after', when: 'always', onFailure: 'ignore', run: ['!', '2'] }], 'passed', 'exit', '2\nS\nA\n'],
    ['no commands', [{ name: 'script', when: 'passing', onFailure: 'fail', run: [] }], 'passed', 'exit', 'S\nA\n'],
    [
      'passing after failing',
      [
        { name: 'a', when: 'passing', onFailure: 'fail', run: ['!'] },
        { name: 'b', when: 'passing', onFailure: 'error', run: ['b'] },
      ],
      'failed',
      'exit',
      'F\nA\n',
    ],
  ];
  const tail: readonly Rule[] = [
    { name: 'after_success', when: 'passing', onFailure: 'ignore', run: ['S'] },
    { name: 'after_failure', when: 'failing', onFailure: 'ignore', run: ['F'] },
    { name: 'after_script', when: 'always', onFailure: 'ignore', run: ['A'] },
  ];
  for (const [name, rules, verdict, reason, output] of table) {
    it(`decides: ${name}`, async () => {
      const { words } = subject();
      const phases = [...rules, ...tail].map((rule) =>
        phase(words.shell, rule.name, rule.when, rule.onFailure, ...rule.run.map((word) => (word === '!' ? words.fail(1) : words.say(word)))),
      );
      const outcome = await work().run({ phases });
      expect({ ...outcome, output: plain(outcome.output) }).toMatchObject({ verdict, reason, output });
    });
  }

  it('tells the result of the script to what comes after', async () => {
    const { words } = subject();
    const after = phase(words.shell, 'after_script', 'always', 'ignore', words.show('TRAVIS_TEST_RESULT'));
    expect(plain((await work().run({ phases: [...script(words.fail(1)), after] })).output)).toBe('1|');
  });

  it('takes exit codes as they are', async () => {
    const codes = [1, 2, 42, 127, 128, 255];
    const outcome = await work().run({ phases: script(...codes.map((code) => subject().words.fail(code))) });
    const ended = outcome.events.flatMap((one) => (one.type === 'done' ? [one.exitCode] : []));
    expect(ended).toEqual(codes);
    expect(outcome.verdict).toBe('failed');
  });
}
