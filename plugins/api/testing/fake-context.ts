import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyValueStore, PluginContext } from '../plugin.ts';

/** One line that an extension logged. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Record<string, unknown>;
}

/** A context with a real folder, a store in memory and a readable log. */
export interface FakeContext<Config> extends PluginContext<Config> {
  readonly lines: LogLine[];
  /** Removes the folder. */
  remove(): Promise<void>;
}

/** Makes a context for one test; `remove` it afterwards. Two contexts of one test have different folders. */
export async function fakeContext<Config>(config: Config, name = 'tested'): Promise<FakeContext<Config>> {
  const folder = await mkdtemp(join(tmpdir(), 'terrarium-test-'));
  const lines: LogLine[] = [];
  function log(level: LogLine['level']) {
    return (message: string, fields: Record<string, unknown> = {}): void => void lines.push({ level, message, fields });
  }
  return {
    name,
    installation: 'test',
    config,
    folder,
    lines,
    logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
    store: memoryStore(),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function memoryStore(): KeyValueStore {
  const values = new Map<string, string>();
  return {
    async get(key) {
      const value = values.get(key);
      return value === undefined ? undefined : JSON.parse(value);
    },
    async set(key, value) {
      values.set(key, JSON.stringify(value));
    },
    async delete(key) {
      values.delete(key);
    },
  };
}
