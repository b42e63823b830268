/** Configuration: the environment and `terrarium.config.yml`, read once, checked whole. Nobody else reads `process.env`. */
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { absolute, type Environment, misspelled, readEnvironment } from './environment.ts';
import { findFile, readFile, type ReadFile } from './file.ts';
import { type InstanceConfig, instances } from './instances.ts';
import { type CacheConfig, cacheOf } from './cache.ts';
import { type PoolConfig, pools } from './pools.ts';
import { ConfigError, type ConfigProblem } from './problems.ts';
import type { ConfigFile } from './schema.ts';
import { type GithubSignInConfig, githubSignIn } from './sign-in.ts';

export { type InstanceConfig, instances, pluginId } from './instances.ts';
export type { CacheConfig } from './cache.ts';
export type { PoolConfig } from './pools.ts';
export type { GithubSignInConfig } from './sign-in.ts';
export { didYouMean } from './suggest.ts';
export { sentence } from './sentences.ts';
export { ConfigError, type ConfigProblem } from './problems.ts';

/** Everything that can be set. Paths are absolute. */
export interface Config {
  readonly port: number;
  readonly host: string;
  /** The folder for everything the server keeps. It may not exist yet. */
  readonly dataFolder: string;
  /** Null: the server brings its own database. */
  readonly databaseUrl: string | null;
  readonly adminToken: string | null;
  /** By which people reach the server, without a slash at the end. Null: `http://localhost:PORT`, with the port that is really listened on. */
  readonly publicUrl: string | null;
  /** How the server's own log looks. */
  readonly log: 'text' | 'json';
  /** Whether the first start makes a sample project. */
  readonly sample: boolean;
  /** The file that was read; null where there is none. */
  readonly file: string | null;
  /** What paths and packages that name plugins are relative to. */
  readonly folder: string;
  readonly plugins: readonly InstanceConfig[];
  readonly pools: readonly PoolConfig[];
  readonly limits: ConfigFile['limits'];
  readonly isolation: ConfigFile['isolation'];
  readonly retention: ConfigFile['retention'];
  readonly access: ConfigFile['access'];
  /** By which code hosts people may sign in. */
  readonly signIn: { readonly github: GithubSignInConfig | null };
  /** Packages that are kept for machines; null: none are. */
  readonly cache: CacheConfig | null;
  /** Sentences for the log: nothing is wrong, but something looks like a slip. */
  readonly warnings: readonly string[];
}

/** Where to read from. `file` goes before TERRARIUM_CONFIG; both may be relative to `cwd`. */
export interface ConfigSource {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly file?: string | undefined;
}

/** Reads and checks everything. Throws a `ConfigError` that lists all problems at once. */
export function loadConfig(source: ConfigSource): Config {
  const problems: ConfigProblem[] = [];
  const environment = readEnvironment(source.env, problems);
  // A bad PORT must not hide what is wrong with the file.
  const dataFolder = absolute(source.env['TERRARIUM_DATA'] || join(packageRoot(), '.terrarium'), source.cwd);
  const named = source.file ?? (source.env['TERRARIUM_CONFIG'] || null);
  const path = findFile(named === null ? null : absolute(named, source.cwd), [dataFolder, source.cwd], problems);
  const file = readFile(path, source.cwd, problems);
  const config = environment === null || file === null ? null : assemble(source, environment, file, dataFolder, problems);
  if (config === null || problems.length > 0) throw new ConfigError(problems);
  return config;
}

function assemble(source: ConfigSource, environment: Environment, file: ReadFile, dataFolder: string, problems: ConfigProblem[]): Config {
  const plugins = instances(file.content.plugins, file.locate);
  return {
    port: environment.PORT,
    host: environment.HOST,
    dataFolder,
    databaseUrl: environment.DATABASE_URL,
    adminToken: environment.TERRARIUM_ADMIN_TOKEN,
    publicUrl: environment.TERRARIUM_URL ?? null,
    log: environment.TERRARIUM_LOG,
    sample: environment.TERRARIUM_SAMPLE === 'yes',
    file: file.path,
    folder: file.folder,
    plugins,
    pools: pools(file, plugins, availableParallelism(), problems),
    limits: file.content.limits,
    isolation: file.content.isolation,
    retention: file.content.retention,
    access: file.content.access,
    signIn: { github: githubSignIn(file, problems) },
    cache: cacheOf(file, dataFolder, problems),
    warnings: misspelled(source.env),
  };
}

/** The folder of Terrarium's own package.json, seen from the sources as well as from what is built of them. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!isOwnPackage(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('Terrarium cannot find its own package.json: the installation is not complete.');
    folder = parent;
  }
  return folder;
}

function isOwnPackage(path: string): boolean {
  if (!existsSync(path)) return false;
  const content: unknown = JSON.parse(readFileSync(path, 'utf8'));
  return typeof content === 'object' && content !== null && 'name' in content && content.name === 'terrarium';
}
