import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig, packageRoot } from '../config/index.ts';
import { BUILT_IN } from './builtin.ts';
import { readDeclaration } from './declaration.ts';

/** The folders of plugins/ that hold a plugin. */
function pluginFolders(): string[] {
  const root = join(packageRoot(), 'plugins');
  return readdirSync(root).filter((name) => existsSync(join(root, name, 'index.ts')) && name !== 'api');
}

describe('the built-in plugins', () => {
  it.each([...BUILT_IN])('%s can be used', async (id, load) => {
    expect(readDeclaration(await load(), id)).toMatchObject({ id });
  });

  it('are all those in the tree', () => {
    expect([...BUILT_IN.keys()].toSorted()).toEqual(pluginFolders().toSorted());
  });

  it('are all that an installation has by default', () => {
    const { plugins } = loadConfig({ env: { TERRARIUM_DATA: '/nowhere' }, cwd: '/nowhere' });
    expect(plugins.map(({ plugin }) => plugin).filter((id) => !BUILT_IN.has(id))).toEqual([]);
  });
});
