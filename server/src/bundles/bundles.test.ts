import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BundleTerms } from '#server/api';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { temporaryFolder, type TemporaryFolder } from '../../../test/support/temporary.ts';
import { insertProject } from '../builds/testing/rows.ts';
import { BundleFiles } from './bundle-files.ts';
import { BundleLoans } from './bundle-loans.ts';
import { Bundles } from './bundles.ts';

let database: TestDatabase;
let folder: TemporaryFolder;
let bundles: Bundles;
let loans: BundleLoans;

/** An archive without files. */
const EMPTY_ZIP = Buffer.concat([Buffer.from('PK\u0005\u0006'), Buffer.alloc(18)]);

beforeAll(async () => {
  database = await testDatabase();
  folder = await temporaryFolder();
  const files = new BundleFiles(folder.path);
  bundles = new Bundles(database.pool, files);
  loans = new BundleLoans(database.pool, files);
});

afterAll(async () => {
  await database?.close();
  await folder?.remove();
});

async function add(name: string, version: string, terms: object = {}): Promise<void> {
  await bundles.add({ name, version }, 'zip', BundleTerms.parse(terms), 'admin', Readable.from([EMPTY_ZIP]), null);
}

test('an upload that breaks off leaves nothing, neither a bundle nor a file', async () => {
  const broken = Readable.from(
    (async function* parts() {
      yield EMPTY_ZIP;
      await Promise.resolve();
      throw new Error('the connection broke');
    })(),
  );
  await expect(bundles.add({ name: 'broken', version: '1' }, 'zip', BundleTerms.parse({}), 'admin', broken, null)).rejects.toThrow('broke');
  expect(await readdir(folder.path)).toEqual([]);
  expect(await bundles.all()).toEqual([]);
});

test('the same files may be two bundles, and one of them may go', async () => {
  await add('one', '1');
  await add('two', '1');
  await bundles.remove({ name: 'one', version: '1' });
  const projectId = await insertProject(database);
  const given = await loans.give({ attemptId: 0, jobId: 0, projectId, trust: 'trusted', names: [] });
  expect(given).toEqual([]);
  expect((await readdir(folder.path)).filter((name) => name.startsWith('bundle-'))).toHaveLength(1);
});

test.each([
  ['untrusted', {}, 'is given to a change of somebody who is not trusted only once a maintainer has approved it'],
  ['approved', { terms: { trustedOnly: true } }, 'is not for changes of people who are not trusted, even if they are approved'],
  ['trusted', { terms: { projects: ['other'] } }, 'is not for its project'],
] as const)('a bundle is not for everybody: a change that is %s', async (trust, terms, reason) => {
  const name = `for-${trust}`;
  await add(name, '1.0', terms);
  const projectId = await insertProject(database);
  expect(await loans.give({ attemptId: 1, jobId: 1, projectId, trust, names: [`${name}-1.0`] })).toEqual({
    problem: `the bundle ${name}-1.0 ${reason}`,
  });
});

test('what an upload has left that a server did not live to end goes after a day', async () => {
  const [old, fresh] = [join(folder.path, 'draft-old'), join(folder.path, 'draft-fresh')];
  const orphan = join(folder.path, 'bundle-999999');
  await writeFile(orphan, 'x');
  await writeFile(old, 'x');
  await writeFile(fresh, 'x');
  const yesterday = Date.now() / 1000 - 90_000;
  await utimes(old, yesterday, yesterday);
  await utimes(orphan, yesterday, yesterday);
  await bundles.tidy();
  const left = await readdir(folder.path);
  expect(left.filter((name) => name.startsWith('draft'))).toEqual(['draft-fresh']);
  expect(left).not.toContain('bundle-999999');
  expect(left).toHaveLength((await bundles.all()).length + 1);
});
