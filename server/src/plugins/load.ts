import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Extension, ExtensionPoint, KeyValueStore, Logger, PluginContext } from '#plugins/api';
import type { InstanceConfig } from '../config/index.ts';
import { isExtension, missingMethods } from './declaration.ts';
import { PluginLoadError, messageOf } from './errors.ts';
import { closeAll, initAll, type Running } from './lifecycle.ts';
import { Registry } from './registry.ts';
import { type Resolved, resolveAll } from './resolve.ts';

/** What of the configuration the host needs. */
export interface HostConfig {
  readonly plugins: readonly InstanceConfig[];
  /** What paths and packages are seen from; absolute. */
  readonly folder: string;
}

/** What the host gives to plugins. */
export interface HostDeps {
  /** The identity of this installation. */
  readonly installation: string;
  /** Absolute path of the folder that holds a private folder for each instance. */
  readonly folder: string;
  readonly logger: (instance: string) => Logger;
  readonly store: (instance: string) => KeyValueStore;
  /** Of what plugins provide only this. Absent: all. */
  readonly points?: readonly ExtensionPoint[];
  /** How long an instance's `init`, and its `close`, may take. Default a minute. */
  readonly deadlineMs?: number;
}

/** Plugins in use. */
export interface LoadedPlugins {
  readonly registry: Registry;
  /** Closes all in the reverse order. Goes on where one fails, and then throws an AggregateError that names all that did. */
  readonly close: () => Promise<void>;
}

const DEADLINE_MS = 60_000;

/**
 * Loads, checks, constructs and initialises all plugins, in the order of the configuration.
 *
 * Everything that can be checked without running a plugin is checked first, and all that is wrong is thrown at once as a `PluginLoadError`.
 * A plugin that throws later, or does not come back in time, is named; those that were ready by then are closed.
 */
export async function loadPlugins(config: HostConfig, deps: HostDeps): Promise<LoadedPlugins> {
  const { resolved, problems } = await resolveAll(config.plugins, config.folder);
  if (problems.length > 0) throw new PluginLoadError(problems);
  const registry = new Registry();
  const extensions = await constructAll(resolved, deps, registry);
  await initAll(extensions, deps.deadlineMs ?? DEADLINE_MS);
  return { registry, close: () => closeAll(extensions, deps.deadlineMs ?? DEADLINE_MS) };
}

async function constructAll(resolved: readonly Resolved[], deps: HostDeps, registry: Registry): Promise<Running[]> {
  const running: Running[] = [];
  for (const one of resolved) {
    const context = await contextFor(one, deps);
    for (const [point, Class] of one.declaration.classes) {
      if (deps.points?.includes(point) === false) continue;
      const extension = construct(one, () => new Class(context));
      register(registry, point, one, extension);
      running.push({ name: describe(one.instance.name, point), extension });
    }
  }
  return running;
}

function construct(one: Resolved, make: () => unknown): Extension {
  try {
    const made = make();
    if (typeof made === 'object' && made !== null) return made;
    throw new Error('its constructor gave no object.');
  } catch (error) {
    throw refused(one, `could not be constructed: ${messageOf(error)}`, error);
  }
}

function register(registry: Registry, point: ExtensionPoint, one: Resolved, extension: object): void {
  if (!isExtension(point, extension)) throw refused(one, `provides "${point}" without ${missingMethods(point, extension).join(', ')}.`);
  registry.add(point, { name: one.instance.name, plugin: one.declaration.id, extension });
}

function refused({ instance }: Resolved, text: string, cause?: unknown): PluginLoadError {
  return new PluginLoadError([{ instance: instance.name, where: instance.locate([]), text }], { cause });
}

async function contextFor({ instance, config }: Resolved, deps: HostDeps): Promise<PluginContext<unknown>> {
  const folder = join(deps.folder, instance.name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // It may be there from before, or have been made under another umask.
  await chmod(folder, 0o700);
  const { name } = instance;
  return { name, installation: deps.installation, config, logger: deps.logger(name), store: deps.store(name), folder };
}

function describe(name: string, point: ExtensionPoint): string {
  return `"${name}" (${point})`;
}
