/** The plugin host: loads what the configuration names, checks it whole, and keeps it by extension point. */
export { PluginLoadError, type PluginProblem } from './errors.ts';
export { type HostDeps, type LoadedPlugins, loadPlugins } from './load.ts';
export { MemoryStore } from './memory-store.ts';
export { type Instance, Registry } from './registry.ts';
