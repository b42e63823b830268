import type { Locate } from './file.ts';
import type { InstanceInput } from './schema.ts';

/** A plugin to be loaded, with its configuration still unparsed: only the plugin knows its shape. */
export interface InstanceConfig {
  readonly plugin: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Where the instance, or a place in its configuration, stands in the file; for messages. */
  readonly locate: Locate;
}

/**
 * What every installation has unless the file says otherwise. The order counts: the first code host that reads a URL takes it, the first CI description found is
 * read.
 */
const BUILT_IN = [
  { plugin: 'scm-archive', name: 'archive' },
  { plugin: 'scm-github', name: 'github' },
  { plugin: 'scm-bitbucket', name: 'bitbucket' },
  { plugin: 'scm-hg', name: 'hg' },
  { plugin: 'scm-git', name: 'git' },
  { plugin: 'runner-local', name: 'local' },
  { plugin: 'ci-terrarium', name: 'ci-terrarium' },
  { plugin: 'ci-travis', name: 'ci-travis' },
  { plugin: 'ci-appveyor', name: 'ci-appveyor' },
  { plugin: 'ci-github', name: 'ci-github' },
  { plugin: 'ci-tox', name: 'ci-tox' },
  { plugin: 'ci-nox', name: 'ci-nox' },
  { plugin: 'ci-python', name: 'ci-python' },
  { plugin: 'notify-webhook', name: 'webhook' },
] as const;

/** The built-in instances, those replaced or taken away that the file names again, and then the file's own. Pure. */
export function instances(inputs: readonly InstanceInput[], locate: Locate): InstanceConfig[] {
  const given = inputs.map((input, index) => ({
    ...input,
    name: input.name ?? defaultName(input.plugin),
    locate: (path: readonly PropertyKey[]) => locate(['plugins', index, ...path]),
  }));
  const named = new Set(given.map(({ name }) => name));
  const kept = BUILT_IN.filter(({ name }) => !named.has(name)).map(({ plugin, name }) => builtIn(plugin, name));
  const own = given.filter(({ enabled }) => enabled).map(({ plugin, name, config, locate }) => ({ plugin, name, config, locate }));
  return inBuiltInOrder([...kept, ...own]);
}

function builtIn(plugin: string, name: string): InstanceConfig {
  return { plugin, name, config: {}, locate: () => `built-in plugin ${plugin}` };
}

function defaultName(plugin: string): string {
  return BUILT_IN.find((one) => one.plugin === plugin)?.name ?? pluginId(plugin);
}

/**
 * The id that a plugin must have which is named thus: the folder's (or file's) name of a path, the name of a package without its scope
 * and without a leading `terrarium-`. Pure.
 */
export function pluginId(plugin: string): string {
  const parts = plugin.split(/[/\\]/).filter((part) => part !== '' && !/^index\.[cm]?[jt]s$/.test(part));
  const last = parts.at(-1) ?? plugin;
  return last.replace(/\.[cm]?[jt]s$/, '').replace(/^terrarium-(?=.)/, '');
}

/** Somebody who only configures `ci-terrarium` again does not want `ci-travis` to be read before it. */
function inBuiltInOrder(all: readonly InstanceConfig[]): InstanceConfig[] {
  const rank = new Map<string, number>(BUILT_IN.map(({ name }, index) => [name, index]));
  return all.toSorted((left, right) => (rank.get(left.name) ?? BUILT_IN.length) - (rank.get(right.name) ?? BUILT_IN.length));
}
