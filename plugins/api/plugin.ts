import type { ZodType, output } from 'zod';
import type { CiProvider } from './ci.ts';
import type { LicenseBackend } from './licenses.ts';
import type { Notifier } from './notifier.ts';
import type { RunnerDriver } from './runner.ts';
import type { ScmProvider } from './scm.ts';

/** The version of this seam. A plugin names the range it was written for, as `^MAJOR.MINOR.PATCH`. */
export const PLUGIN_API_VERSION = '1.0.0';

/** Structured logging; `fields` must not hold secrets. */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** A small durable store of one instance: JSON values by key, whole or not at all. For state, not for bulk. */
export interface KeyValueStore {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<void>;
  delete(key: string): Promise<void>;
}

/** All that an extension is given. It reads no globals and no environment. */
export interface PluginContext<Config> {
  /** The instance's name, unique in the installation. */
  readonly name: string;
  /** The identity of this installation: what a driver makes is tagged with it, so that a reaper never touches others' things. */
  readonly installation: string;
  readonly config: Config;
  readonly logger: Logger;
  readonly store: KeyValueStore;
  /** Absolute path of a private folder (mode 0700) that outlives restarts; it exists when the constructor runs. */
  readonly folder: string;
}

/** Hooks of every extension, all optional. */
export interface Extension {
  /** Called once before use. Throwing stops the server with the message. */
  init?(signal: AbortSignal): Promise<void>;
  /** "Does this still work?" Resolves if so; throws a `PluginError` that an admin can act on. */
  check?(signal: AbortSignal): Promise<void>;
  /** Called once, in the reverse order of `init`. Nothing of the instance is called after. */
  close?(): Promise<void>;
}

/** A class whose only argument is its context. */
export type ExtensionClass<Config, Kind> = new (context: PluginContext<Config>) => Kind & Extension;

/** What a plugin can provide, by extension point. */
export interface ExtensionPoints {
  scm: ScmProvider;
  runner: RunnerDriver;
  ci: CiProvider;
  licenses: LicenseBackend;
  notifier: Notifier;
}

/** The name of an extension point. */
export type ExtensionPoint = keyof ExtensionPoints;

/** A plugin is a value: the default export of `plugins/<id>/index.ts`, or of a package or path that the configuration names. */
export interface Plugin<Schema extends ZodType = ZodType> {
  /** The folder's name, e.g. `runner-local`. */
  readonly id: string;
  /** The range of `PLUGIN_API_VERSION` it was written for: `^1.0.0`. */
  readonly api: string;
  /** The schema of an instance's configuration. */
  readonly config: Schema;
  readonly provides: { readonly [Point in ExtensionPoint]?: ExtensionClass<output<Schema>, ExtensionPoints[Point]> };
}

/** Declares a plugin; checks the types, adds nothing. */
export function definePlugin<Schema extends ZodType>(plugin: Plugin<Schema>): Plugin<Schema> {
  return plugin;
}
