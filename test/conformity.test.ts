import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../server/src/config/index.ts';
import { BUILT_IN } from '../server/src/plugins/builtin.ts';

const PLUGINS = join(packageRoot(), 'plugins');
/** The seam itself, and what plugins share. */
const NOT_PLUGINS = new Set(['api', 'kit']);
const folders = readdirSync(PLUGINS, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() && !NOT_PLUGINS.has(entry.name) ? [entry.name] : [],
);

describe.each(folders)('plugins/%s looks like every plugin', (id) => {
  it.each(['index.ts', 'config.ts', 'README.md'])('has %s', (file) => {
    expect(existsSync(join(PLUGINS, id, file))).toBe(true);
  });

  it('runs the contract suite of what it provides', () => {
    expect(readdirSync(join(PLUGINS, id)).filter((name) => name.endsWith('.contract.test.ts'))).not.toEqual([]);
  });

  it('is built in, under the name of its folder', async () => {
    const load = BUILT_IN.get(id);
    expect(load).toBeDefined();
    expect(await load?.()).toMatchObject({ default: { id } });
  });
});
