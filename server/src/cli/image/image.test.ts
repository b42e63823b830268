import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ImageKeeper, StoredImage } from '#plugins/api';
import type { Instance } from '../../plugins/index.ts';
import { readArguments } from '../arguments.ts';
import { runCli } from '../run-cli.ts';
import { keeperAmong } from './keeper.ts';
import { recipeOf } from './make.ts';
import { imageTable, imageText, size } from './show.ts';
import { image } from './verb.ts';

const IMAGE: StoredImage = {
  name: 'debian-12',
  digest: 'd'.repeat(64),
  origin: 'built',
  system: 'linux',
  architecture: 'x86_64',
  bytes: 747_000_000,
  madeAt: new Date(Date.UTC(2030, 0, 2, 3, 4)),
  interpreters: [{ name: '3.11', implementation: 'cpython', version: '3.11.2', path: '/usr/bin/python3.11' }],
  labels: { kernel: '6.1' },
  packages: [{ name: 'git', version: '1:2.39' }],
  recipe: null,
  snapshot: true,
  machines: 3,
};

function recipe(name: string, ...args: string[]): ReturnType<typeof recipeOf> {
  return recipeOf(name, readArguments(args, image.options), undefined);
}

describe('what is typed', () => {
  it('is a recipe; the name says the system unless something else does', () => {
    expect(recipe('debian-12')).toEqual({
      name: 'debian-12',
      system: 'debian-12',
      architecture: 'x86_64',
      interpreters: [],
      packages: [],
      diskGigabytes: 10,
    });
    const all = ['--system', 'trixie', '-p', '3.13', '--python', '2.7,3.9', '--package', 'cmake', '--disk', '20', '--arch', 'i386'];
    expect(recipe('mine', ...all, '--mirror', 'http://m.example')).toEqual({
      name: 'mine',
      system: 'trixie',
      architecture: 'i686',
      interpreters: ['3.13', '2.7', '3.9'],
      packages: ['cmake'],
      diskGigabytes: 20,
      mirror: 'http://m.example',
    });
  });

  it('may leave the mirror to the environment', () => {
    const input = readArguments([], image.options);
    expect(recipeOf('x', input, 'http://e.example').mirror).toBe('http://e.example');
    expect(recipeOf('x', input, '').mirror).toBeUndefined();
    expect(recipeOf('x', readArguments(['--mirror', 'http://m.example'], image.options), 'http://e.example').mirror).toBe('http://m.example');
  });

  it.each([
    ['Debian', []],
    ['x', ['--disk', 'much']],
    ['x', ['--disk', '0']],
    ['x', ['--package', 'a b']],
    ['x', ['--package', '--help']],
  ])('makes no sense: %j %j', (name, args) => {
    expect(() => recipe(name, ...args)).toThrow();
  });
});

describe('images are shown', () => {
  it('as a table', () => {
    expect(imageTable([IMAGE, { ...IMAGE, name: 'w\u001b[31m', origin: 'imported', interpreters: [], snapshot: false }])).toBe(
      [
        'NAME       ARCHITECTURE  SIZE    MADE              SNAPSHOT  MACHINES  INTERPRETERS',
        'debian-12  x86_64        747 MB  2030-01-02 03:04  yes       3         3.11',
        'w [31m     x86_64        747 MB  2030-01-02 03:04  no        3         not known',
        '',
      ].join('\n'),
    );
    expect(imageTable([])).toContain('image build');
  });

  it('with all that is known', () => {
    const text = imageText(IMAGE);
    for (const part of [IMAGE.digest, '2030-01-02T03:04:00.000Z', '3.11.2', '/usr/bin/python3.11', '1:2.39', 'kernel']) expect(text).toContain(part);
  });

  it('with their size', () => {
    expect([size(1), size(999_000_000), size(2_250_000_000)]).toEqual(['1 MB', '999 MB', '2.3 GB']);
  });
});

describe('the runner that keeps images', () => {
  const none = async (): Promise<never> => Promise.reject(new Error('not here'));
  const keeper: ImageKeeper = { list: none, build: none, import: none, remove: none };
  function runner(name: string, images?: ImageKeeper): Instance<'runner'> {
    const driver = { describe: none, create: none, destroy: none, list: none, connect: none };
    return { name, plugin: 'x', extension: images === undefined ? driver : { ...driver, images } };
  }

  it('is the only one, or the one that is named', () => {
    expect(keeperAmong([runner('a'), runner('b', keeper)], null)).toBe(keeper);
    expect(() => keeperAmong([runner('a', keeper), runner('b', keeper)], null)).toThrow('say which by --runner: a, b');
    expect(() => keeperAmong([runner('a')], 'a')).toThrow('The runner a keeps no images');
    expect(() => keeperAmong([], null)).toThrow('plugin: runner-qemu');
  });
});

describe('terrarium image', () => {
  let cwd: string;
  beforeEach(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'terrarium-cli-'));
  });
  afterEach(() => rm(cwd, { recursive: true, force: true }));

  async function terrarium(...args: string[]): Promise<{ code: number; err: string }> {
    let err = '';
    const io = {
      out: async () => undefined,
      err: async (text: string) => void (err += text),
      colors: false,
      width: null,
      cwd,
      env: { TERRARIUM_DATA: join(cwd, 'data') },
    };
    return { code: await runCli(['image', ...args], io), err };
  }

  it('says how to get a runner that keeps images where there is none', async () => {
    expect(await terrarium('list')).toEqual({ code: 1, err: expect.stringContaining('plugin: runner-qemu') });
    expect(await terrarium('list', '--runner', 'local')).toEqual({ code: 1, err: 'terrarium: The runner local keeps no images.\n' });
    expect(await terrarium('list', '--runner', 'nobody')).toEqual({ code: 2, err: expect.stringContaining('There is no runner nobody') });
  });

  it.each([
    [[], 'build, import, list, inspect or rm'],
    [['make'], 'not "make"'],
    [['build'], 'Say which name'],
    [['rm', 'a', 'b'], 'One image at a time'],
    [['import', 'x.qcow2'], '--name'],
    [['import', 'x.qcow2', '--system', 'plan9'], 'linux or windows'],
    [['build', 'x', '--disk', '0'], 'diskGigabytes'],
  ])('%j is told what is missing', async (args, told) => {
    await writeFile(join(cwd, 'x.qcow2'), '');
    expect(await terrarium(...args)).toEqual({ code: 2, err: expect.stringContaining(told) });
  });
});
