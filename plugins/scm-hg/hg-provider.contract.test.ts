import path from 'node:path';
import { describe } from 'vitest';
import { sshdMissing, startSshd } from '../../test/support/sshd.ts';
import { temporaryFolder } from '../../test/support/temporary.ts';
import type { Repository } from '#plugins/api';
import { describeScmProvider, fakeContext, type ScmSubject, type ScmTestRepository } from '#plugins/api/testing';
import { HgConfig } from './config.ts';
import { HgProvider } from './hg-provider.ts';
import { Workshop } from './testing/hg-host.ts';
import { startHgServe } from './testing/hg-serve.ts';

/** Mercurial takes nearly every name; see `isHgName`. */
const LEGAL = ['a..b', 'a b', 'a~1', 'a^', 'a?', 'a*', 'a[', 'a\\b', 'a@{b', 'a.lock', 'a//b', 'a/'];

/** A way to repositories below a folder. */
interface Way {
  /** The repository in the folder of that name. */
  reach(name: string): Repository;
  close(): Promise<void>;
}

async function subject(open: (folder: string) => Promise<Way>): Promise<ScmSubject> {
  const folder = await temporaryFolder();
  const context = await fakeContext(HgConfig.parse({}));
  const provider = new HgProvider(context);
  await provider.check(AbortSignal.timeout(10_000));
  const way = await open(folder.path);
  let count = 0;
  const create = async (): Promise<ScmTestRepository> => {
    count += 1;
    const workshop = await Workshop.create(folder.path, `repository${count}`);
    return {
      repository: way.reach(`repository${count}`),
      commit: (branch, files, message) => workshop.commit(branch, files, message),
      tag: (name, commit) => workshop.tag('main', name, commit),
    };
  };
  const close = async (): Promise<void> => {
    await provider.close();
    await way.close();
    await context.remove();
    await folder.remove();
  };
  const hostile = { url: 'hg+ssh://-oProxyCommand=true/x', credentials: null };
  return { provider, create, missing: way.reach('missing'), hostile, commitLength: 40, close };
}

async function localPaths(folder: string): Promise<Way> {
  return { reach: (name) => ({ url: `hg+file://${path.join(folder, name)}`, credentials: null }), close: async () => undefined };
}

async function http(folder: string): Promise<Way> {
  const server = await startHgServe(folder);
  return { reach: (name) => ({ url: `hg+${server.url}/${name}`, credentials: null }), close: () => server.close() };
}

async function ssh(folder: string): Promise<Way> {
  const sshd = await startSshd();
  const credentials = { kind: 'ssh-key', privateKey: sshd.privateKey, knownHosts: sshd.knownHostsLine } as const;
  const root = `hg+ssh://${sshd.user}@127.0.0.1:${sshd.port}/${folder}`;
  return { reach: (name) => ({ url: `${root}/${name}`, credentials }), close: () => sshd.close() };
}

describe('Mercurial', { timeout: 120_000 }, () => {
  describeScmProvider('HgProvider over local paths', () => subject(localPaths), { legal: LEGAL });
  describeScmProvider('HgProvider over http', () => subject(http), { legal: LEGAL });
  describe.skipIf(sshdMissing() !== null)(`over ssh ${sshdMissing() ?? ''}`, () => {
    describeScmProvider('HgProvider over ssh', () => subject(ssh), { legal: LEGAL });
  });
});
