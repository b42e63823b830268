import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeContext } from '#plugins/api/testing';
import { LocalConfig } from './config.ts';
import { LocalRunner } from './local-runner.ts';
import { kill } from './processes.ts';
import { Remover } from './remover.ts';

const never = new AbortController().signal;

describe('the remover of folders', () => {
  let base: string;
  let remover: Remover;
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'terrarium-remover-'));
    remover = new Remover();
  });
  afterEach(() => {
    remover.close();
    rmSync(base, { recursive: true, force: true });
  });

  function folder(name: string): string {
    mkdirSync(join(base, name, 'inner'), { recursive: true });
    writeFileSync(join(base, name, 'inner', 'file'), 'text');
    return join(base, name);
  }

  it('removes many at once, whatever their names are', async () => {
    const names = [
      'plain',
      'with space',
      '*',
      '$HOME',
      "quote's",
      'a\tb',
      'c\nd',
      String.raw`e\f`,
      ...Array.from({ length: 150 }, (_, index) => `${index}`),
    ];
    writeFileSync(join(base, 'stays'), '');
    await Promise.all(names.map((name) => remover.remove(folder(name))));
    expect(readdirSync(base)).toEqual(['stays']);
  });

  it('has nothing against what is gone already', async () => {
    await remover.remove(join(base, 'nothing'));
    await remover.remove(folder('something'));
    expect(readdirSync(base)).toEqual([]);
  });

  it('removes all the same when its shell is killed', async () => {
    await remover.remove(folder('before'));
    for (const pid of shells()) kill(pid);
    await Promise.all(['one', 'two'].map((name) => remover.remove(folder(name))));
    await remover.remove(folder('after'));
    expect(readdirSync(base)).toEqual([]);
  });
});

/** The shells that this process has started and that remove folders. */
function shells(): number[] {
  const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim().split(' ').map(Number);
  const found = children.filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('rm -rf'));
  expect(found).not.toEqual([]);
  return found;
}

it('removes at the next start what a killed server has left half removed', async () => {
  const context = await fakeContext(LocalConfig.parse({ isolation: 'none' }), 'left');
  const left = join(context.folder, 'machines', '.gone-1-2-3');
  mkdirSync(join(left, 'folder', 'closed'), { recursive: true });
  chmodSync(join(left, 'folder', 'closed'), 0o000);
  const driver = new LocalRunner(context);
  await driver.init(never);
  expect(existsSync(left)).toBe(false);
  expect(await driver.list()).toEqual([]);
  await driver.close();
  await context.remove();
});
