import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assertBeside, assertOutside } from './git-local-places.ts';
import { temporaryFolder } from './testing/git-host.ts';

const refused = { code: 'invalid' };

describe('places on the disk', () => {
  let folder: string;
  let remove: () => Promise<void>;
  const at = (place: string): string => path.join(folder, place);

  beforeEach(async () => {
    ({ folder, remove } = await temporaryFolder());
    for (const each of ['group/main', 'group/lib.git', 'group/deep/lib.git', 'data/mirror']) await mkdir(at(each), { recursive: true });
    await symlink(at('data/mirror'), at('group/link'));
    await symlink(at('group'), at('alias'));
  });
  afterEach(() => remove());

  it('beside a repository are those below its folder, by whatever name', async () => {
    for (const place of ['group/main', 'group/lib', 'group/lib.git', 'group/deep/lib', 'group/missing', 'alias/lib.git']) {
      for (const parent of ['group/main', 'group/main/.git', 'alias/main']) {
        if (place === 'group/missing' && parent === 'alias/main') continue;
        await expect(assertBeside(at(parent), at(place)), `${parent} ${place}`).resolves.toBeUndefined();
      }
    }
    for (const place of ['group', 'data/mirror', 'data/missing', 'group/link', 'groups/lib']) {
      await expect(assertBeside(at('group/main'), at(place)), place).rejects.toMatchObject(refused);
    }
  });

  it('beside a repository at the root of the disk is nothing', async () => {
    await expect(assertBeside('/main.git', '/lib.git')).rejects.toMatchObject(refused);
    await expect(assertBeside('/main/.git', at('group/lib.git'))).rejects.toMatchObject(refused);
  });

  it('outside of a folder are those that no name and no link puts into it', async () => {
    await expect(assertOutside(at('group/lib.git'), at('data'))).resolves.toBeUndefined();
    await expect(assertOutside(at('data2'), at('data'))).resolves.toBeUndefined();
    for (const place of ['data/mirror', 'data/missing', 'group/link'])
      await expect(assertOutside(at(place), at('data')), place).rejects.toMatchObject(refused);
  });
});
