import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type FakeGithub, startFakeGithub } from '../../plugins/scm-github/testing/fake-github.ts';
import { Scenario } from './support.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let github: FakeGithub;
let scenario: Scenario;

beforeAll(async () => {
  github = await startFakeGithub();
  const { app } = github.state;
  const config = { webUrl: github.url, app: { id: app.id, privateKey: app.privateKey, webhookSecret: app.webhookSecret } };
  scenario = await Scenario.open(
    JSON.stringify({
      plugins: [
        { plugin: 'runner-local', name: 'local' },
        { plugin: 'scm-github', name: 'github', config },
      ],
      pools: [{ name: 'local', runner: 'local', image: 'local', jobs: 1, ready: 1 }],
    }),
  );
});

afterAll(async () => {
  await scenario?.close();
  await github?.close();
});

test('a private repository is built through the App, which is not asked for more than it needs', async () => {
  const { workshop } = await github.createRepository('ada/secret', { isPrivate: true });
  const commit = await workshop.commit('main', { '.terrarium.yml': '{"test": "cat word"}', word: 'sesame\n' }, 'first');
  github.install('ada');
  const project = await scenario.addProject(`${github.url}/Ada/Secret.git`, 'secret');
  const ended = await scenario.ended((await scenario.start(project.id)).id);
  expect(ended).toMatchObject({ state: 'passed', change: { commit, branch: 'main', message: 'first' } });
  expect((await scenario.log(ended.jobs[0]?.id ?? 0)).toString()).toContain('sesame');
  const asked = github.requests.map(({ what }) => what.replace(/\d+/, 'N'));
  // Besides what the repository is read with only what its check run is told by.
  expect(new Set(asked.filter((what) => !what.includes('/check-runs')))).toEqual(
    new Set(['GET /repos/Ada/Secret/installation', 'POST /app/installations/N/access_tokens', 'GET /repos/Ada/Secret']),
  );
});

test('a repository that nobody sees is no project', async () => {
  await github.createRepository('bob/private', { isPrivate: true });
  for (const name of ['bob/private', 'bob/nothing'])
    await expect(scenario.addProject(`${github.url}/${name}`, name)).rejects.toThrow('there is no such repository, or it is private');
});
