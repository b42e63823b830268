import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BuildTrust, UpdateEnvironment } from '#server/api';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { temporaryFolder, type TemporaryFolder } from '../../../test/support/temporary.ts';
import { change, insertProject } from '../builds/testing/rows.ts';
import { SecretBox } from '../projects/secret-box.ts';
import { Environments } from './environments.ts';
import { JobSecrets } from './job-secrets.ts';
import { placeOfSecret } from './places.ts';
import { rotateKey } from './rotate-key.ts';

const TOKEN = 'a-token-of-some-length';

let database: TestDatabase;
let folder: TemporaryFolder;
let box: SecretBox;
let projectId: number;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(async () => {
  await database?.close();
});

beforeEach(async () => {
  await database.pool.query('truncate projects cascade');
  folder = await temporaryFolder();
  box = await SecretBox.open(folder.path);
  projectId = await insertProject(database);
  await database.pool.query(`insert into project_secrets (project_id, environment, name, value) values ($1, '', 'PLAIN', $2)`, [
    projectId,
    box.seal('for-all-its-jobs', placeOfSecret(projectId, '', 'PLAIN')),
  ]);
});

afterEach(() => folder.remove());

const environments = (): Environments => new Environments(database, box);
const save = (input: Partial<UpdateEnvironment>): Promise<void> => environments().save(projectId, 'release', UpdateEnvironment.parse(input));

function given(changed: { trust?: BuildTrust; environment?: string | null; change?: ReturnType<typeof change> } = {}) {
  return new JobSecrets(database.pool, box).of({ projectId, trust: 'trusted', change: change(), environment: null, ...changed });
}

describe('a job', () => {
  test.each([
    ['trusted', { PLAIN: 'for-all-its-jobs' }],
    ['approved', { PLAIN: 'for-all-its-jobs' }],
    ['untrusted', {}],
    ['held', {}],
    ['refused', {}],
  ] as const)('of a change that is %s gets %j', async (trust, secrets) => {
    expect(await given({ trust })).toEqual({ secrets });
  });

  test('that names an environment gets its secrets, too, and they win', async () => {
    await save({ branches: ['main'], secrets: { PLAIN: 'for-releases-only', TOKEN } });
    expect(await given({ environment: 'release' })).toEqual({ secrets: { PLAIN: 'for-releases-only', TOKEN } });
    expect(await given()).toEqual({ secrets: { PLAIN: 'for-all-its-jobs' } });
  });

  const tag = change({ kind: 'tag', tag: 'v1.0', branch: 'v1.0' });
  const request = change({ kind: 'pull-request' });

  test.each<[string, Partial<UpdateEnvironment>, Parameters<typeof given>[0]]>([
    ['its branch is another', { branches: ['release/*'] }, {}],
    ['it is for tags only', { tags: ['*'] }, {}],
    ['a tag is none of its branches', { branches: ['*'] }, { change: tag }],
    ['no branch has it', { branches: ['*'] }, { change: change({ branch: '' }) }],
    ['it is of a pull request', { branches: ['*'] }, { change: request }],
    ['it is of an approved pull request', { branches: ['*'] }, { change: request, trust: 'approved' }],
    ['a dot is a dot', { branches: ['m.in'] }, {}],
    ['the ends overlap', { branches: ['mai*ain', 'main*main'] }, {}],
    ['a part is not there twice', { branches: ['m*i*i*n'] }, {}],
    ['its name is made to be slow', { branches: [`${'a*'.repeat(80)}b`] }, { change: change({ branch: 'a'.repeat(20_000) }) }],
  ])('does not run where %s', async (_, input, wish) => {
    await save(input);
    expect(await given({ environment: 'release', ...wish })).toEqual({ problem: expect.stringContaining('the environment "release" is') });
  });

  test.each<[Partial<UpdateEnvironment>, Parameters<typeof given>[0]]>([
    [{ branches: ['x', 'ma*'] }, {}],
    [{ branches: ['m*i*n', 'x'] }, {}],
    [{ branches: ['main'] }, {}],
    [{ branches: ['**'] }, {}],
    [{ tags: ['v*'] }, { change: tag }],
    [{ branches: ['*'] }, { change: change({ branch: 'a/b' }) }],
  ])('runs where %j allows it', async (input, wish) => {
    await save(input);
    expect(await given({ environment: 'release', ...wish })).toEqual({ secrets: { PLAIN: 'for-all-its-jobs' } });
  });

  test('does not run in an environment that is not there', async () => {
    expect(await given({ environment: 'release' })).toEqual({ problem: expect.stringContaining('has no environment "release"') });
  });
});

describe('an environment', () => {
  test('is made, changed, listed without values, and taken away with its secrets', async () => {
    await save({ branches: ['main'], secrets: { TOKEN, OTHER: 'another-of-some-length' } });
    await save({ tags: ['v*'], secrets: { OTHER: null } });
    expect(await environments().list(projectId)).toEqual([{ name: 'release', branches: [], tags: ['v*'], secretNames: ['TOKEN'] }]);
    await environments().remove(projectId, 'release');
    await expect(environments().remove(projectId, 'release')).rejects.toMatchObject({ code: 'not-found' });
    expect((await database.pool.query(`select name from project_secrets`)).rows).toEqual([{ name: 'PLAIN' }]);
  });

  test('takes no secret that a log could not hide, and then changes nothing', async () => {
    await expect(save({ branches: ['main'], secrets: { TOKEN: 'x' } })).rejects.toMatchObject({ code: 'invalid' });
    expect(await environments().list(projectId)).toEqual([]);
    await expect(environments().save(4711, 'release', UpdateEnvironment.parse({}))).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('the key', () => {
  test('is changed: everything is sealed with the new one, and the old one opens nothing', async () => {
    await save({ branches: ['main'], secrets: { TOKEN } });
    await database.pool.query(`update projects set credentials = $2, hook_secret = $3 where id = $1`, [
      projectId,
      box.seal('{}', `projects/${projectId}/credentials`),
      box.seal('hook', `projects/${projectId}/hook`),
    ]);
    await database.pool.query(`insert into subscriptions (project_id, notifier, target, shown, occasion) values ($1, 'n', $2, '', 'always')`, [
      projectId,
      box.seal('target', `subscriptions/${projectId}/target`),
    ]);
    const old = await readFile(join(folder.path, 'secret.key'));
    expect(await rotateKey(database, box)).toBe(5);
    expect(await given({ environment: 'release' })).toEqual({ secrets: { PLAIN: 'for-all-its-jobs', TOKEN } });
    await rm(join(folder.path, 'secret.key.previous'));
    box = await SecretBox.open(folder.path);
    expect(await given({ environment: 'release' })).toEqual({ secrets: { PLAIN: 'for-all-its-jobs', TOKEN } });
    await writeFile(join(folder.path, 'secret.key'), old);
    box = await SecretBox.open(folder.path);
    await expect(given()).rejects.toMatchObject({ code: 'corrupt' });
  });

  test('may be changed again and again, and by another server: this one finds the new key when it needs it', async () => {
    const other = await SecretBox.open(folder.path);
    for (let time = 0; time < 3; time += 1) await rotateKey(database, other);
    expect(await given()).toEqual({ secrets: { PLAIN: 'for-all-its-jobs' } });
  });

  test('is changed by one after the other, and what a server seals that has not heard of it opens', async () => {
    const others = await Promise.all([1, 2, 3].map(() => SecretBox.open(folder.path)));
    await Promise.all(others.map((other) => rotateKey(database, other)));
    expect(await given()).toEqual({ secrets: { PLAIN: 'for-all-its-jobs' } });
    const late = box.seal('late', 'place');
    expect((await SecretBox.open(folder.path)).unseal(late, 'place')).toBe('late');
  });

  test('once changed still opens what was sealed before, until that is sealed anew', async () => {
    const sealed = box.seal('early', 'place');
    await box.changeKey();
    expect([box.isCurrent(sealed), box.unseal(sealed, 'place')]).toEqual([false, 'early']);
    expect(box.isCurrent(box.seal('late', 'place'))).toBe(true);
  });
});
