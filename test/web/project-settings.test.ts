import { rename } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BuildSummary, ProjectView } from '#server/api';
import { Scenario, until } from '../scenarios/support.ts';
import { z } from 'zod';
import { Visitor } from './support/browser.ts';

let scenario: Scenario;
let visitor: Visitor;

beforeAll(async () => {
  scenario = await Scenario.open();
  visitor = await Visitor.open(scenario);
}, 180_000);

afterAll(async () => {
  await visitor.close();
  await scenario.close();
});

const DESCRIPTION = '{"checkout": false, "test": "true"}';

test('a project whose repository has moved is read from there, and what has come meanwhile is built', async () => {
  const { page } = visitor;
  const repository = await scenario.repository('wanderer', { '.terrarium.yml': DESCRIPTION });
  const project = await scenario.addProject(repository.folder, 'wanderer', { pollSeconds: null });
  const commit = await repository.commit({ 'later.txt': '' });
  const moved = `${repository.folder}-moved`;
  await rename(repository.folder, moved);

  await visitor.go(`/projects/${project.id}/settings`);
  await page.getByText(`Read from ${repository.folder}`).waitFor();
  await page.getByRole('button', { name: 'It has moved' }).click();
  const form = page.getByRole('form', { name: 'Repository' });
  await visitor.expectAccessible();
  await visitor.expectNarrow();
  await form.getByLabel('New address').fill(`${moved}-elsewhere`);
  await form.getByRole('button', { name: 'Read from there' }).click();
  await form.getByRole('alert').waitFor();
  expect(visitor.complaints.splice(0)).toEqual([expect.stringContaining('status of 404')]);
  expect(ProjectView.parse(await scenario.json('GET', `/api/projects/${project.id}`)).url).toBe(repository.folder);

  await form.getByLabel('New address').fill(moved);
  await form.getByRole('button', { name: 'Read from there' }).click();
  await page.getByText(`Read from ${moved}`).waitFor();
  const [build] = await until('the newer commit to be built', async () => {
    const builds = z.array(BuildSummary).parse(await scenario.json('GET', `/api/projects/${project.id}/builds`));
    return builds.length > 0 ? builds : null;
  });
  expect(build?.change.commit).toBe(commit);
  const audit = z.array(z.looseObject({ action: z.string(), details: z.unknown() })).parse(await scenario.json('GET', '/api/audit'));
  expect(audit[0]).toMatchObject({ action: 'project.move', details: { from: repository.folder, to: moved } });
}, 120_000);

test('an admin says which groups a project is in', async () => {
  const { page } = visitor;
  const project = await scenario.project('grouped', DESCRIPTION);
  await visitor.go(`/projects/${project.id}/settings#groups`);
  const form = page.getByRole('form', { name: 'Groups' });
  await form.getByLabel('Groups of the project').fill('Not a word');
  await form.getByRole('button', { name: 'Save' }).click();
  expect(await form.getByLabel('Groups of the project').getAttribute('aria-invalid')).toBe('true');
  await form.getByLabel('Groups of the project').fill('open-source\n\nacme');
  await form.getByRole('button', { name: 'Save' }).click();
  await form.getByText('Saved').waitFor();
  expect(ProjectView.parse(await scenario.json('GET', `/api/projects/${project.id}`)).groups).toEqual(['acme', 'open-source']);
}, 120_000);
