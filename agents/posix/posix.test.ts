import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JobFolder, scriptPhase, shells } from './testing/run-job.ts';

for (const shell of shells()) {
  describe.skipIf(shell.path === null)(`posix agent under ${shell.name}${shell.path === null ? ' (not installed here)' : ''}`, () => {
    let job: JobFolder;
    beforeEach(() => {
      job = new JobFolder(shell);
    });
    afterEach(() => job.remove());

    it('runs commands in one shell, in the work tree, shown with their titles', async () => {
      const outcome = await job.run({ phases: scriptPhase('cd /', 'export A=1; f() { echo "in f $A"; }', 'pwd; f', 'echo "$OLDPWD"') });
      expect(outcome).toMatchObject({ verdict: 'passed', reason: 'exit' });
      const tree = `${job.folder}/home/build/owner/name`;
      expect(outcome.output.replaceAll(/\u001B\[\d*m/g, '')).toBe(
        `$ cd /\n$ export A=1; f() { echo "in f $A"; }\n$ pwd; f\n/\nin f 1\n$ echo "$OLDPWD"\n${tree}\n`,
      );
    });

    it('writes events whose offsets divide the output', async () => {
      const outcome = await job.run({ phases: scriptPhase('echo one', 'echo two; exit 0') });
      expect(outcome.events.map((one) => one.type)).toEqual(['start', 'step', 'done', 'step', 'done', 'end']);
      const second = outcome.events[3];
      expect(outcome.output.slice(second?.offset)).toContain('two');
      expect(outcome.output.slice(0, second?.offset)).toMatch(/one\n$/);
      expect(outcome.events.at(-1)?.offset).toBe(outcome.output.length);
    });
  });
}
