import { type InstanceConfig, pluginId } from '../config/index.ts';
import { BUILT_IN } from './builtin.ts';
import { type Declaration, type ParseResult, readDeclaration } from './declaration.ts';
import { type PluginProblem, messageOf } from './errors.ts';
import { locatePlugin } from './locate.ts';

/** An instance whose plugin may be used and whose configuration fits it. */
export interface Resolved {
  readonly instance: InstanceConfig;
  readonly declaration: Declaration;
  /** As the plugin's own schema gave it. */
  readonly config: unknown;
}

type Loaded = Declaration | { readonly problems: readonly string[] };

/** Finds every plugin and checks it and its configuration. `folder`: what paths and packages are seen from. All problems at once. */
export async function resolveAll(instances: readonly InstanceConfig[], folder: string): Promise<{ resolved: Resolved[]; problems: PluginProblem[] }> {
  const names = [...new Set(instances.map(({ plugin }) => plugin))];
  const modules = new Map(await Promise.all(names.map(async (name): Promise<[string, Loaded]> => [name, await load(name, folder)])));
  const problems = usedTwice(instances);
  const resolved: Resolved[] = [];
  for (const instance of instances) {
    const loaded = modules.get(instance.plugin) ?? { problems: ['it was not loaded.'] };
    if ('problems' in loaded) problems.push(...loaded.problems.map((text) => problem(instance, ['plugin'], `plugin "${instance.plugin}": ${text}`)));
    else resolved.push(...configure(instance, loaded, problems));
  }
  return { resolved, problems };
}

async function load(plugin: string, folder: string): Promise<Loaded> {
  try {
    const builtIn = BUILT_IN.get(plugin);
    if (builtIn !== undefined) return readDeclaration(await builtIn(), plugin);
    const module: unknown = await import(await locatePlugin(plugin, folder));
    return notBuiltIn(readDeclaration(module, pluginId(plugin)));
  } catch (error) {
    return { problems: [`cannot be loaded. ${messageOf(error)}`] };
  }
}

/** An outside plugin must not pass for one of ours. */
function notBuiltIn(loaded: Loaded): Loaded {
  if ('problems' in loaded || !BUILT_IN.has(loaded.id)) return loaded;
  return { problems: [`"${loaded.id}" is the id of a built-in plugin: give it another.`] };
}

function usedTwice(instances: readonly InstanceConfig[]): PluginProblem[] {
  const seen = new Set<string>();
  return instances.flatMap((instance) => {
    const twice = seen.has(instance.name);
    seen.add(instance.name);
    return twice ? [problem(instance, ['name'], `"${instance.name}" is the name of two instances: give one of them another.`)] : [];
  });
}

function configure(instance: InstanceConfig, declaration: Declaration, problems: PluginProblem[]): Resolved[] {
  const result = parse(instance, declaration);
  if (result.success) return [{ instance, declaration, config: result.data }];
  for (const { path, keys, message } of result.error.issues) {
    problems.push(problem(instance, ['config', ...path, ...(keys ?? []).slice(0, 1)], message));
  }
  return [];
}

/** The schema is the plugin's code: what it throws is one more thing that is wrong. */
function parse(instance: InstanceConfig, declaration: Declaration): ParseResult {
  try {
    return declaration.parse(instance.config);
  } catch (error) {
    return { success: false, error: { issues: [{ path: [], message: `its schema cannot be used: ${messageOf(error)}` }] } };
  }
}

function problem(instance: InstanceConfig, path: readonly PropertyKey[], text: string): PluginProblem {
  return { instance: instance.name, where: instance.locate(path), text };
}
