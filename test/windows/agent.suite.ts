import { afterAll, beforeAll, describe } from 'vitest';
import { run } from '#plugins/api/testing';
import { describeAgent } from '../../agents/api/testing/agent-contract.ts';
import type { AgentRoom } from '../../agents/api/testing/agent-room.ts';
import { buildProbe, windowsSubject } from '../../agents/windows/testing/windows-subject.ts';
import { shellsToTest, visitFolder } from './machine.ts';

/** The rules of agents, with commands for each shell of the machine. */
describe.each(shellsToTest())('with commands for %s', (shell) => {
  let workshop: AgentRoom;
  let probe = '';
  let count = 0;

  async function open(): Promise<AgentRoom> {
    const session = await visitFolder(`agent-${shell}-${process.pid}-${++count}`);
    const remove = async (): Promise<void> => {
      // Who is in a folder keeps it: it is removed from outside.
      const parent = await visitFolder(null);
      await run(parent, ['cmd.exe', '/d', '/c', `rmdir /s /q \\\\?\\${session.folder}`]);
      await parent.dispose();
    };
    return {
      folder: session.folder,
      upload: (files, signal) => session.upload(files, signal),
      exec: (argv, options) => session.exec(argv, options),
      download: (path, signal) => session.download(path, signal),
      dispose: async () => {
        await session.dispose();
        await remove();
      },
    };
  }

  beforeAll(async () => {
    workshop = await open();
    probe = await buildProbe(workshop);
  });
  afterAll(() => workshop?.dispose());

  describeAgent(
    `windows, ${shell}`,
    windowsSubject(shell, open, () => probe),
  );
});
