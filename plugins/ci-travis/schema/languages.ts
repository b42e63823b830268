import { strings } from './common.ts';
import { any, flag, listOf, oneOf, strictMap, text, type KnownValue, type ScalarSchema, type Schema } from './types.ts';

interface Key {
  /** At the root. */
  readonly root: Schema;
  /** In one job, where an axis has one value. */
  readonly job: Schema;
  /** Each of its values is a job of its own. */
  readonly axis: boolean;
}

interface Language {
  readonly aliases?: readonly string[];
  readonly keys: Readonly<Record<string, Key>>;
}

function axis(root: Schema = strings, job: Schema = text): Key {
  return { root, job, axis: true };
}

function plain(schema: Schema): Key {
  return { root: schema, job: schema, axis: false };
}

function texts(...names: readonly string[]): Record<string, Key> {
  return Object.fromEntries(names.map((name) => [name, plain(text)]));
}

function flags(...names: readonly string[]): Record<string, Key> {
  return Object.fromEntries(names.map((name) => [name, plain(flag)]));
}

function lists(...names: readonly string[]): Record<string, Key> {
  return Object.fromEntries(names.map((name) => [name, plain(strings)]));
}

function alias(key: Key, ...aliases: readonly string[]): Key {
  return { ...key, root: { ...key.root, aliases }, job: { ...key.job, aliases } };
}

const dartTask = strictMap({ test: text, dartanalyzer: text, dartfmt: flag, install_dartium: flag, xvfb: flag });
const sourceAndBranch = strictMap({ source: text, branch: text });

/** The languages, their other names, and the keys that mean something for them alone. Source: travis-yml, lib/travis/yml/schema/def/lang/. */
const LANGUAGES: Readonly<Record<string, Language>> = {
  android: { keys: { jdk: axis(), android: plain(strictMap({ components: strings, licenses: strings })) } },
  c: { keys: {} },
  clojure: { keys: { jdk: axis(), ...texts('lein') } },
  cpp: { aliases: ['c++'], keys: {} },
  crystal: { keys: { crystal: axis() } },
  csharp: { keys: { dotnet: axis(), mono: axis(), solution: axis() } },
  d: { keys: { d: axis() } },
  dart: { keys: { dart: axis(), dart_task: axis(listOf(any(dartTask, text)), dartTask), ...flags('with_content_shell') } },
  elixir: { keys: { elixir: axis(), otp_release: axis() } },
  elm: { keys: { elm: axis(), node_js: axis(), ...texts('elm_format', 'elm_test') } },
  erlang: { keys: { otp_release: axis() } },
  generic: { keys: {} },
  go: {
    aliases: ['golang'],
    keys: { go: axis(), ...texts('gobuild_args', 'go_import_path'), gimme_config: plain(strictMap({ url: text, force_reinstall: flag })) },
  },
  groovy: { keys: { jdk: axis() } },
  hack: { keys: { hhvm: axis(), php: axis() } },
  haskell: { keys: { ghc: axis() } },
  haxe: { keys: { haxe: axis(), ...lists('hxml'), ...texts('neko') } },
  java: { aliases: ['jvm'], keys: { jdk: axis() } },
  julia: { keys: { julia: axis() } },
  matlab: { keys: { matlab: axis() } },
  nix: { keys: { nix: axis() } },
  node_js: { aliases: ['javascript', 'js', 'node'], keys: { node_js: alias(axis(), 'node'), ...texts('npm_args') } },
  perl: { keys: { perl: axis() } },
  perl6: { keys: { perl6: axis() } },
  php: { keys: { php: axis(), ...texts('composer_args') } },
  python: {
    keys: {
      python: axis(),
      virtualenv: plain({ type: 'map', keys: { system_site_packages: flag }, strict: false, aliases: ['virtual_env'] }),
    },
  },
  r: {
    keys: {
      r: axis(),
      ...lists('r_packages', 'r_binary_packages', 'r_github_packages', 'apt_packages', 'bioc_packages', 'brew_packages'),
      ...texts('bioc', 'cran', 'pandoc_version', 'r_build_args', 'r_check_args', 'remotes'),
      ...flags('bioc_check', 'bioc_use_devel', 'disable_homebrew', 'latex', 'pandoc', 'r_check_revdep', 'warnings_are_errors'),
      bioc_required: alias(plain(flag), 'use_bioc'),
      repos: plain({ type: 'map', keys: {}, strict: false }),
    },
  },
  ruby: {
    keys: { rvm: alias(axis(), 'ruby', 'rbenv'), gemfile: alias(axis(), 'gemfiles'), jdk: axis(), ...texts('bundler_args') },
  },
  'objective-c': {
    aliases: ['objective_c', 'swift'],
    keys: {
      rvm: alias(axis(), 'ruby', 'rbenv'),
      gemfile: axis(),
      xcode_scheme: axis(),
      xcode_sdk: axis(),
      ...texts('podfile', 'bundler_args', 'xcode_destination', 'xcode_project', 'xcode_workspace', 'xctool_args'),
    },
  },
  rust: { keys: { rust: axis() } },
  scala: { keys: { scala: axis(), jdk: axis(), ...texts('sbt_args') } },
  shell: { aliases: ['bash', 'minimal', 'sh'], keys: {} },
  smalltalk: {
    keys: {
      smalltalk: axis(),
      smalltalk_config: axis(strings, strings),
      smalltalk_vm: axis(strings, strings),
      smalltalk_edge: plain(sourceAndBranch),
    },
  },
};

const STACKS = ['connie', 'amethyst', 'garnet', 'stevonnie', 'opal', 'sardonyx', 'onion', 'cookiecat'];

/** The keys that only R knows: too many and too common as words to suggest them for a misspelt key. */
export const R_KEYS: ReadonlySet<string> = new Set(Object.keys(LANGUAGES['r']?.keys ?? {}).filter((key) => key !== 'r'));

/** `stack`, an internal key. */
export const stack: ScalarSchema = { ...oneOf(...STACKS), downcase: true, edge: true };

/** `language`. */
export const language: ScalarSchema = {
  ...oneOf(
    ...Object.entries(LANGUAGES).map(([value, { aliases }]): KnownValue => (aliases ? { value, aliases } : { value })),
    ...STACKS.map((name) => `__${name}__`),
  ),
  downcase: true,
};

/** The keys of all languages, each supported only on those that have it; for the root or for one job. */
export function languageKeys(where: 'root' | 'job'): Record<string, Schema> {
  const keys: Record<string, Schema> = {};
  for (const [name, { keys: own }] of Object.entries(LANGUAGES)) {
    for (const [key, given] of Object.entries(own)) keys[key] = joined(keys[key], given[where], name);
  }
  return keys;
}

function joined(known: Schema | undefined, schema: Schema, name: string): Schema {
  const languages = [...(known?.only?.['language'] ?? []), name];
  const aliases = [...new Set([...(known?.aliases ?? []), ...(schema.aliases ?? [])])];
  return { ...schema, only: { language: languages }, ...(aliases.length > 0 && { aliases }) };
}

const ORDER =
  'jdk crystal dotnet mono solution d dart dart_task elixir otp_release elm node_js go hhvm php ghc haxe julia matlab nix perl perl6 python r ' +
  'rvm gemfile xcode_scheme xcode_sdk rust scala smalltalk smalltalk_config smalltalk_vm';

/** Travis's order of the axes that come from languages. */
export const LANGUAGE_AXES: readonly string[] = ORDER.split(' ');
