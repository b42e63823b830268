import { mkdir, mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Change } from '#plugins/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InstanceConfig } from '../config/index.ts';
import { type HostDeps, loadPlugins, MemoryStore, PluginLoadError } from './index.ts';

const EXAMPLE = join(import.meta.dirname, '../../../test/plugins/ci-lines');
const CHANGE: Change = {
  kind: 'manual',
  branch: 'main',
  tag: null,
  commit: 'c'.repeat(40),
  before: null,
  message: '',
  author: '',
  committedAt: null,
  pullRequest: null,
  repository: 'somebody/something',
};

let folder: string;
let store: MemoryStore;
let logged: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'terrarium-host-'));
  store = new MemoryStore();
  logged = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function deps(more: Partial<HostDeps> = {}): HostDeps {
  const log = (message: string): void => void logged.push(message);
  const logger = { debug: log, info: log, warn: log, error: log };
  return { installation: 'here', folder: join(folder, 'private'), logger: () => logger, store: () => store, ...more };
}

function instance(plugin: string, name: string, config: Record<string, unknown> = {}): InstanceConfig {
  return { plugin, name, config, locate: (path) => `${name}:${path.join('.')}` };
}

/** Writes a plugin module of the given source and gives its path. `seen` in it is a list that the test sees. */
async function write(id: string, source: string): Promise<string> {
  await mkdir(join(folder, id), { recursive: true });
  await writeFile(join(folder, id, 'index.js'), `const config = { safeParse: (data) => ({ success: true, data }) };\n${source}`);
  await writeFile(join(folder, id, 'package.json'), '{"type": "module"}');
  return `./${id}`;
}

async function problemsOf(...plugins: InstanceConfig[]): Promise<string[]> {
  const error: unknown = await loadPlugins({ plugins, folder }, deps()).catch((reason: unknown) => reason);
  if (!(error instanceof PluginLoadError)) throw new Error(`expected a PluginLoadError, got ${String(error)}`);
  return error.problems.map(({ where, text }) => `${where} ${text}`);
}

describe('a built-in plugin', () => {
  it('is found by its id and is there by its name', async () => {
    const { registry, close } = await loadPlugins({ plugins: [instance('ci-terrarium', 'ours')], folder }, deps());
    expect(registry.get('ci', 'ours').title).toBe('Terrarium');
    expect(registry.all('ci')).toMatchObject([{ name: 'ours', plugin: 'ci-terrarium' }]);
    expect(registry.all('runner')).toEqual([]);
    expect(() => registry.get('ci', 'theirs')).toThrow('these do: ours');
    await close();
  });
});

describe('a plugin from outside', () => {
  it('is loaded by its path, with its configuration, store, logger and a private folder', async () => {
    const plugins = [instance(EXAMPLE, 'lines', { file: 'commands.txt', interpreter: '3.11' })];
    const { registry, close } = await loadPlugins({ plugins, folder }, deps());
    const ci = registry.get('ci', 'lines');
    expect(ci.files).toEqual(['commands.txt']);
    expect(ci.parse({ file: 'commands.txt', texts: new Map(), text: 'make\nmake check\n', change: CHANGE }).jobs).toMatchObject([
      { requirements: { interpreter: '3.11' } },
    ]);
    expect(logged).toEqual(['ready']);
    expect(await store.get('started')).toBe(true);
    expect((await stat(join(folder, 'private', 'lines'))).mode & 0o777).toBe(0o700);
    await close();
    expect(await store.get('started')).toBe(false);
  });

  it('is loaded by the name of its package, several times', async () => {
    await mkdir(join(folder, 'node_modules'));
    await symlink(EXAMPLE, join(folder, 'node_modules', 'terrarium-ci-lines'));
    const plugins = [instance('terrarium-ci-lines', 'one'), instance('terrarium-ci-lines', 'two', { file: 'two.txt' })];
    const { registry } = await loadPlugins({ plugins, folder: join(folder, 'deeper') }, deps());
    expect(registry.all('ci').map(({ extension }) => extension.files)).toEqual([['ci.txt'], ['two.txt']]);
  });

  it('must not call itself like a built-in one', async () => {
    const path = await write('ci-terrarium', `export default { id: 'ci-terrarium', api: '^1.0.0', config, provides: { ci: class {} } };`);
    expect(await problemsOf(instance(path, 'x'))).toEqual([expect.stringContaining('is the id of a built-in plugin')]);
  });
});

describe('everything that is wrong', () => {
  it('is told at once', async () => {
    const old = await write('old', `export default { id: 'old', api: '^2.0.0', config, provides: { ci: class {} } };`);
    const liar = await write('liar', `export default { id: 'other', api: '1', config, provides: {} };`);
    const empty = await write('empty', '');
    const broken = await write('broken', 'throw new Error("no licence");');
    const problems = await problemsOf(
      instance('ci-terrarium', 'twice'),
      instance(EXAMPLE, 'twice', { fil: 'x', interpreter: 3.1 }),
      instance(old, 'a'),
      instance(liar, 'b'),
      instance(empty, 'c'),
      instance(broken, 'd'),
      instance('./nowhere', 'e'),
      instance('no-such-package', 'f'),
    );
    expect(problems).toEqual([
      'twice:name "twice" is the name of two instances: give one of them another.',
      'twice:config.interpreter must be a text, but is a number.',
      'twice:config.fil "fil" is not known here.',
      'a:plugin plugin "./old": it was written for version ^2.0.0 of the plugin interface, but this is 1.0.0: update the older of the two.',
      'b:plugin plugin "./liar": its id is "other", but by its place it must be "liar".',
      'b:plugin plugin "./liar": its api is "1", but must be a range like "^1.0.0".',
      'b:plugin plugin "./liar": it provides nothing.',
      expect.stringContaining('c:plugin plugin "./empty": its default export is no plugin'),
      'd:plugin plugin "./broken": cannot be loaded. no licence',
      expect.stringContaining('e:plugin plugin "./nowhere": cannot be loaded. There is nothing at'),
      expect.stringContaining('no package of that name'),
    ]);
  });

  it('names who lacks a method', async () => {
    const path = await write('half', `export default { id: 'half', api: '^1.0.0', config, provides: { runner: class { create() {} } } };`);
    expect(await problemsOf(instance(path, 'half'))).toEqual(['half: provides "runner" without describe, destroy, list, connect.']);
  });

  it('names who throws in the constructor', async () => {
    const path = await write(
      'thrower',
      `export default { id: 'thrower', api: '^1.0.0', config, provides: { ci: class { constructor() { throw new Error('no') } } } };`,
    );
    expect(await problemsOf(instance(path, 'mine'))).toEqual(['mine: could not be constructed: no']);
  });
});

describe('starting and closing', () => {
  const HOOKED = `
    export default { id: 'hooked', api: '^1.0.0', config, provides: { ci: class {
      constructor(context) { this.context = context; }
      parse() { return null; }
      async init(signal) {
        this.context.logger.info('init ' + this.context.name);
        if (this.context.config.fail) throw new Error('the door is shut');
        if (this.context.config.hang) await new Promise((resolve) => signal.addEventListener('abort', () => { this.context.logger.info('aborted'); resolve(); }));
      }
      async close() {
        this.context.logger.info('close ' + this.context.name);
        if (this.context.config.stuck) throw new Error('the door is stuck');
      }
    } } };`;

  it('goes in order, and back in reverse order', async () => {
    const path = await write('hooked', HOOKED);
    const loaded = await loadPlugins({ plugins: [instance(path, 'a'), instance(path, 'b')], folder }, deps());
    await loaded.close();
    expect(logged).toEqual(['init a', 'init b', 'close b', 'close a']);
  });

  it('closes those that are ready when one does not start, and says which', async () => {
    const path = await write('hooked', HOOKED);
    const plugins = [instance(path, 'a'), instance(path, 'b', { fail: true }), instance(path, 'c')];
    await expect(loadPlugins({ plugins, folder }, deps())).rejects.toThrow('The plugin instance "b" (ci) did not start: the door is shut');
    expect(logged).toEqual(['init a', 'init b', 'close a']);
  });

  it('tells of failures to close as well', async () => {
    const path = await write('hooked', HOOKED);
    const plugins = [instance(path, 'a', { stuck: true }), instance(path, 'b', { fail: true })];
    await expect(loadPlugins({ plugins, folder }, deps())).rejects.toThrow(
      /"b" \(ci\) did not start: the door is shut\n.*"a" \(ci\) did not close: the door is stuck/,
    );
  });

  it('goes on closing where one fails', async () => {
    const path = await write('hooked', HOOKED);
    const loaded = await loadPlugins({ plugins: [instance(path, 'a'), instance(path, 'b', { stuck: true })], folder }, deps());
    await expect(loaded.close()).rejects.toThrow('"b" (ci) did not close');
    expect(logged).toEqual(['init a', 'init b', 'close b', 'close a']);
  });

  it('does not wait for ever', async () => {
    const path = await write('hooked', HOOKED);
    const plugins = [instance(path, 'a', { hang: true })];
    await expect(loadPlugins({ plugins, folder }, deps({ deadlineMs: 20 }))).rejects.toThrow('"a" (ci): init took longer than 0.02 seconds.');
    expect(logged).toEqual(['init a', 'aborted']);
  });
});
