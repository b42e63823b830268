import { afterAll, expect, test } from 'vitest';
import { ArchiveProvider } from '../plugins/scm-archive/archive-provider.ts';
import { ArchiveConfig } from '../plugins/scm-archive/config.ts';
import { GitConfig } from '../plugins/scm-git/config.ts';
import { GitProvider } from '../plugins/scm-git/git-provider.ts';
import { HgConfig } from '../plugins/scm-hg/config.ts';
import { HgProvider } from '../plugins/scm-hg/hg-provider.ts';
import { loadConfig } from '../server/src/config/index.ts';
import type { ScmProvider } from '#plugins/api';
import { fakeContext } from '#plugins/api/testing';

const git = await fakeContext(GitConfig.parse({}));
const archive = await fakeContext(ArchiveConfig.parse({}));
const hg = await fakeContext(HgConfig.parse({}));
const providers = new Map<string, ScmProvider>([
  ['git', new GitProvider(git)],
  ['hg', new HgProvider(hg)],
  ['archive', new ArchiveProvider(archive)],
]);
afterAll(async () => {
  await git.remove();
  await hg.remove();
  await archive.remove();
});

/** Which of them takes a URL where nobody has configured anything. */
function taker(url: string): string | null {
  const { plugins } = loadConfig({ env: { TERRARIUM_DATA: '/nowhere' }, cwd: '/nowhere' });
  return plugins.find(({ name }) => providers.get(name)?.matches(url))?.name ?? null;
}

test.each([
  ['https://github.com/owner/name.git', 'git'],
  ['https://github.com/hg/name', 'git'],
  ['https://example.org/hg/name', 'git'],
  ['git@hg.example.org:owner/name.git', 'git'],
  ['hg@example.org:owner/name', 'git'],
  ['/srv/hg/name', 'git'],
  ['file:///srv/name', 'git'],
  ['hg+https://example.org/name', 'hg'],
  ['hg+ssh://ada@example.org//srv/name', 'hg'],
  ['hg+file:///srv/name', 'hg'],
  ['https://hg.example.org/name', 'hg'],
  ['ssh://hg@example.org/name', 'hg'],
  [`https://github.com/python/cpython/archive/refs/tags/v3.12.4.tar.gz#sha256=${'a'.repeat(64)}`, 'archive'],
  [`/srv/sources/Python-3.12.4.tgz#sha256=${'a'.repeat(64)}`, 'archive'],
  ['git+https://example.org/name', null],
  ['hg+git://example.org/name', null],
  ['svn+ssh://example.org/name', null],
])('%s is for %s', (url, name) => {
  expect(taker(url)).toBe(name);
});
