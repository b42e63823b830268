import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describeAgent } from '../api/testing/agent-contract.ts';
import type { AgentRoom, AgentWords } from '../api/testing/agent-room.ts';
import { JobFolder, which } from './fixtures/run-job.ts';
import { posixAgent } from './index.ts';

const words: AgentWords = {
  shell: 'sh',
  say: (word) => `echo ${word}`,
  fail: (code) => `(exit ${code})`,
  set: (name, word) => `export ${name}=${word}`,
  show: (name) => `sh -c 'printf "%s|" "$${name}"'`,
  cat: (name) => `cat "$${name}"`,
  pass: (all) => `printf '[%s]' ${all.map((one) => `'${one.replaceAll("'", String.raw`'\''`)}'`).join(' ')}`,
  goToRoot: 'cd /',
  sayFolder: 'pwd',
  wait: 'echo ready; sleep 600',
  flood: 'while :; do yes; done',
  leave: '(while :; do echo y; sleep 0.01; done) &\necho left',
  expands: '"$A more"',
};

describeAgent('posix', { agent: posixAgent, words, open: room, path: join });

function room(): Promise<AgentRoom> {
  const job = new JobFolder({ name: 'sh', path: which('sh') });
  return Promise.resolve({
    folder: job.folder,
    upload: async (files) => {
      for (const { path, content, mode } of files) {
        await mkdir(dirname(join(job.folder, path)), { recursive: true });
        await writeFile(join(job.folder, path), content, { mode });
      }
    },
    exec: async (argv) => ({ exitCode: await job.exec(argv) }),
    download: async function* (path) {
      yield await readFile(join(job.folder, path));
    },
    dispose: () => {
      job.remove();
      return Promise.resolve();
    },
  });
}
