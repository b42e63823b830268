import { execFile } from 'node:child_process';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { BuildSummary, HookView, type BuildView, type ProjectView } from '#server/api';
import { startHttpGit, type HttpGitServer } from '#plugins/kit/testing/http-git-server';
import { Workshop as HgWorkshop } from '../../plugins/scm-hg/testing/hg-host.ts';
import { startHgServe, type HgServe } from '../../plugins/scm-hg/testing/hg-serve.ts';
import { sshdMissing, startSshd } from '../support/sshd.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary.ts';
import { machines, Scenario, until } from './support.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const DESCRIPTION = 'test: cat README && ls -A\n';
const run = promisify(execFile);

let scenario: Scenario;
let home: TemporaryFolder;

beforeAll(async () => {
  scenario = await Scenario.open(machines(2));
  home = await temporaryFolder();
});

afterAll(async () => {
  await scenario?.close();
  await home?.remove();
});

/** The lines that the project's settings show, for whoever has the repository's server. */
async function recipe(project: ProjectView): Promise<string> {
  const hook = HookView.parse(await scenario.json('GET', `/api/projects/${project.id}/hook`));
  expect(hook).toMatchObject({ hasSecret: false, canEnsure: false });
  return hook.recipe ?? '';
}

/** The builds of a project once there are so many and all have ended, oldest first. */
async function builds(project: ProjectView, many: number): Promise<BuildView[]> {
  const all = await until(`${many} builds of ${project.name}`, async () => {
    const found = z.array(BuildSummary).parse(await scenario.json('GET', `/api/projects/${project.id}/builds`));
    return found.length >= many ? found : null;
  });
  return await Promise.all(all.toReversed().map(({ id }) => scenario.ended(id)));
}

async function logOf(build: BuildView | undefined): Promise<string> {
  return (await scenario.log(build?.jobs[0]?.id ?? 0)).toString();
}

test('a push to one’s own Mercurial server is built at once: each head of each branch, and none that is closed', async () => {
  const root = path.join(home.path, 'hg');
  await mkdir(root);
  const origin = await HgWorkshop.create(root, 'demo');
  await origin.commit('default', { '.terrarium.yml': DESCRIPTION, README: 'first\n' }, 'first');
  const serve: HgServe = await startHgServe(root);
  try {
    const project = await scenario.addProject(`hg+${serve.url}/demo`, 'mercurial');
    expect([project.scm, project.defaultBranch]).toEqual(['hg', 'default']);
    await appendFile(path.join(origin.folder, '.hg', 'hgrc'), await recipe(project));
    const clone = await origin.clone(home.path, 'clone');
    await clone.commit('default', { '.terrarium.yml': DESCRIPTION, README: 'second\n' }, 'second');
    await clone.commit('stable', { '.terrarium.yml': DESCRIPTION, README: 'stable\n' }, 'stable');
    await clone.commit('gone', { '.terrarium.yml': DESCRIPTION, README: 'gone\n' }, 'gone');
    await clone.hg('commit', '--close-branch', '--message', 'closed');
    await clone.hg('push', '--quiet', '--new-branch', `${serve.url}/demo`);
    const built = await builds(project, 2);
    const told = built.map(({ state, change }) => [state, change.branch, change.message].join(' '));
    expect(new Set(told)).toEqual(new Set(['passed default second', 'passed stable stable']));
    expect(await logOf(built.find(({ change }) => change.branch === 'stable'))).toContain('stable');
    await clone.hg('update', '--rev', 'branch(default)');
    const second = await clone.id('.');
    await clone.commit('default', { '.terrarium.yml': DESCRIPTION, README: 'one head\n' }, 'one head');
    await clone.hg('update', '--rev', second);
    await clone.commit('default', { '.terrarium.yml': DESCRIPTION, README: 'another head\n' }, 'another head');
    await clone.hg('push', '--quiet', '--force', `${serve.url}/demo`);
    const heads = (await builds(project, 4)).slice(2).map(({ change }) => `${change.branch} ${change.message}`);
    expect(new Set(heads)).toEqual(new Set(['default another head', 'default one head']));
  } finally {
    await serve.close();
  }
});

test('a push to one’s own git server is built at once, over http and over ssh', async () => {
  const root = path.join(home.path, 'git');
  await mkdir(root);
  const bare = path.join(root, 'demo.git');
  await run('git', ['init', '--quiet', '--bare', '--initial-branch=main', bare]);
  const repository = await scenario.repository('developer', { '.terrarium.yml': DESCRIPTION, README: 'first\n' });
  await repository.git('push', '--quiet', bare, 'main');
  const server: HttpGitServer = await startHttpGit(root);
  try {
    const project = await scenario.addProject(`${server.url}/demo.git`, 'git');
    await writeFile(path.join(bare, 'hooks', 'post-receive'), await recipe(project), { mode: 0o755 });
    await repository.commit({ README: 'second\n' });
    await repository.git('push', '--quiet', bare, 'main');
    const [build] = await builds(project, 1);
    expect([build?.state, await logOf(build)]).toEqual(['passed', expect.stringContaining('second')]);
    if (sshdMissing() !== null) return;
    const sshd = await startSshd();
    try {
      const ssh = `ssh -F /dev/null -i ${sshd.privateKeyFile} -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR`;
      await repository.commit({ README: 'third\n' });
      const url = `ssh://${sshd.user}@127.0.0.1:${sshd.port}${bare}`;
      await run('git', ['push', '--quiet', url, 'main'], { cwd: repository.folder, env: { ...process.env, GIT_SSH_COMMAND: ssh } });
      const [, second] = await builds(project, 2);
      expect([second?.state, await logOf(second)]).toEqual(['passed', expect.stringContaining('third')]);
    } finally {
      await sshd.close();
    }
  } finally {
    await server.close();
  }
});
