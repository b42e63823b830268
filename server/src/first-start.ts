import { execFile } from 'node:child_process';
import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from './config/index.ts';
import type { CoreParts } from './assemble.ts';
import { DatabaseStore } from './database/installation.ts';

const run = promisify(execFile);
const SHOWN_PYTHONS = 5;
const POLL_SECONDS = 15;

/** On the very first start of an installation: makes a sample project, a small Python package on every Python that is here, and builds it. */
export async function offerSample(parts: CoreParts): Promise<void> {
  if (!parts.config.sample) return;
  const store = new DatabaseStore(parts.database, 'terrarium');
  if ((await store.get('sample-offered')) !== undefined) return;
  await store.set('sample-offered', true);
  if ((await parts.projects.list()).length > 0) return;
  try {
    const folder = await makeRepository(parts);
    const signal = AbortSignal.timeout(60_000);
    const project = await parts.projects.create({ url: folder, name: 'sample', settings: { pollSeconds: POLL_SECONDS } }, signal);
    await parts.starter.start(project.id, null, signal);
    parts.logger.info('added a sample project and started its first build; delete it when you like');
  } catch (error) {
    parts.logger.warn('the sample project could not be made; everything else works', { error });
  }
}

async function makeRepository(parts: CoreParts): Promise<string> {
  const folder = join(parts.config.dataFolder, 'sample');
  await rm(folder, { recursive: true, force: true });
  await cp(join(packageRoot(), 'server/sample'), folder, { recursive: true });
  await writeFile(join(folder, '.terrarium.yml'), description(parts));
  const git = (...args: string[]): Promise<unknown> =>
    run('git', ['-c', 'user.name=Terrarium', '-c', 'user.email=terrarium@localhost', ...args], { cwd: folder });
  await git('init', '--quiet');
  await git('symbolic-ref', 'HEAD', 'refs/heads/main');
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'A frog, its climate, and tests for both');
  return folder;
}

/** The newest Pythons of the pools, oldest first; without any, jobs that take whatever the machine has. */
function description(parts: CoreParts): string {
  const names = parts.pools.poolViews().flatMap((pool) => pool.interpreters.map((interpreter) => interpreter.name));
  const pythons = [...new Set(names)]
    .filter((name) => /^\d+\.\d+$/.test(name))
    .sort(byVersion)
    .slice(-SHOWN_PYTHONS);
  const lines = [
    '# What to run, and on which Pythons: see the README of ci-terrarium for all there is.',
    ...(pythons.length > 0 ? [`python: [${pythons.map((name) => `"${name}"`).join(', ')}]`] : []),
    'env:',
    '  - { SEASON: dry }',
    '  - { SEASON: rainy }',
    `test: PYTHONPATH=src ${pythons.length > 0 ? 'python' : 'python3'} -m unittest discover -v -s tests`,
  ];
  return `${lines.join('\n')}\n`;
}

function byVersion(one: string, other: string): number {
  const [major = 0, minor = 0] = one.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number);
  return major - otherMajor || minor - otherMinor;
}
