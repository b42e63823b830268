import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LocalHost } from '#plugins/kit/vm/host-local';
import { CHECK_IMAGE, IS_WHOLE, PRUNE, USED } from './scripts.ts';

const host = new LocalHost('here');
const never = new AbortController().signal;

describe('what is on a host', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'terrarium-scripts-'));
    for (const folder of ['images', 'templates', 'machines']) mkdirSync(join(root, folder));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** A folder with what it needs. */
  function make(path: string, ...uses: readonly string[]): void {
    mkdirSync(join(root, path));
    if (uses.length > 0) writeFileSync(join(root, path, 'uses'), `${uses.join('\n')}\n`);
  }

  async function prune(...wanted: readonly string[]): Promise<string[]> {
    expect(await host.run(PRUNE, [root, ...wanted], never)).toMatchObject({ exitCode: 0, errors: '' });
    return ['images', 'templates']
      .flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`))
      .sort((a, b) => (a < b ? -1 : 1));
  }

  test('what nobody wants or uses goes', async () => {
    for (const name of ['a', 'b', 'c']) make(`images/${name}`);
    make('templates/of-b', 'images/b');
    make('templates/of-c', 'images/c');
    expect(await prune('images/a', 'images/c')).toEqual(['images/a', 'images/c', 'templates/of-c']);
  });

  test('what a machine uses stays, and what that was made of', async () => {
    for (const name of ['a', 'b', 'c']) make(`images/${name}`);
    make('templates/of-b', 'images/b');
    make('templates/of-c', 'images/c');
    make('machines/one', 'images/b', 'templates/of-b');
    expect(await prune('images/a')).toEqual(['images/a', 'images/b', 'templates/of-b']);
  });

  test('where nothing is, nothing goes', async () => {
    expect(await prune()).toEqual([]);
  });

  test('a damaged template goes, and no name is taken for a pattern', async () => {
    make('templates/without');
    make('images/a.c');
    make('images/abc');
    expect(await prune('images/a.c')).toEqual(['images/a.c']);
  });

  test('the images of machines are told', async () => {
    make('machines/one', 'images/b', 'templates/of-b');
    make('machines/two', 'images/b');
    make('machines/half');
    expect((await host.run(USED, [join(root)], never)).output).toBe('images/b\nimages/b\n');
  });

  test('a copy is whole only if its files are right', async () => {
    const image = join(root, 'images/a');
    make('images/a');
    writeFileSync(join(image, 'kernel'), '');
    const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
    expect((await host.run(CHECK_IMAGE, [image, `${empty.replace('e', 'f')}  kernel`], never)).exitCode).not.toBe(0);
    expect((await host.run(IS_WHOLE, [image], never)).exitCode).not.toBe(0);
    expect((await host.run(CHECK_IMAGE, [image, `${empty}  kernel`], never)).exitCode).toBe(0);
    expect((await host.run(IS_WHOLE, [image], never)).exitCode).toBe(0);
    expect(existsSync(join(image, 'whole'))).toBe(true);
  });
});
