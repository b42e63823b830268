import { addons } from './addons.ts';
import {
  arch,
  branches,
  cache,
  compiler,
  condition,
  dist,
  env,
  git,
  keepNetrc,
  os,
  osxImage,
  scripts,
  services,
  strings,
  sudo,
  variables,
  vault,
  vm,
  workspaces,
} from './common.ts';
import { deploys } from './deploy.ts';
import { language, LANGUAGE_AXES, languageKeys, stack } from './languages.ts';
import { notifications } from './notifications.ts';
import { flag, listOf, oneOf, strictMap, text, withForms, type MapSchema, type ScalarSchema, type Schema } from './types.ts';

/** What the root and every job of it may have. */
const job: Readonly<Record<string, Schema>> = {
  virt: { ...oneOf('lxd', 'vm'), downcase: true, aliases: ['virtualization'] },
  addons: addons(deploys),
  branches,
  cache,
  deploy: deploys,
  git,
  if: condition,
  services,
  group: text,
  workspaces,
  keys: strings,
  ...scripts,
};

const entry: Readonly<Record<string, Schema>> = {
  language,
  os,
  dist,
  arch,
  osx_image: osxImage,
  sudo,
  vm,
  env: variables,
  compiler,
  branches,
  name: { ...text, unique: true },
  stage: text,
  keep_netrc: keepNetrc,
  ...languageKeys('job'),
  ...job,
};

const include = strictMap({ ...entry, allow_failure: flag, vault });
const exclude = strictMap(entry);
const allowFailure = strictMap({ ...entry, branch: { ...text, deprecated: 'use conditional allow_failures using :if' } });

const jobs = withForms(
  strictMap(
    {
      include: listOf(include),
      exclude: listOf(exclude),
      allow_failures: { ...listOf(allowFailure), aliases: ['allowed_failures'] },
      fast_finish: { ...flag, aliases: ['fast_failure'] },
    },
    { prefix: { key: 'include' }, aliases: ['matrix'] },
  ),
);

const stage = withForms(strictMap({ name: text, if: condition }, { prefix: { key: 'name' } }));
const importSource: ScalarSchema = { ...text, variables: ['commit_message'] };
const imported = withForms(
  strictMap(
    { source: importSource, mode: oneOf('merge', 'deep_merge', 'deep_merge_append', 'deep_merge_prepend'), if: condition },
    { prefix: { key: 'source' } },
  ),
);

const osDefaults = [
  { value: 'linux', except: { language: ['objective-c'] } },
  { value: 'osx', only: { language: ['objective-c'] } },
];

/**
 * The root of a description: everything that a `.travis.yml` may hold. Source: travis-yml, lib/travis/yml/schema/def/root.rb, job.rb,
 * jobs.rb; the default distribution is that of its current version.
 */
export const root: MapSchema = strictMap({
  language: {
    ...language,
    defaults: [
      { value: 'ruby', except: { os: ['osx'] } },
      { value: 'objective-c', only: { os: ['osx'] } },
    ],
  },
  os: listOf({ ...os, defaults: osDefaults }),
  dist: { ...dist, defaults: [{ value: 'focal', only: { os: ['linux', 'linux-ppc64le'] } }] },
  arch: listOf(arch),
  stack,
  sudo,
  import: listOf(imported),
  env,
  compiler: listOf(compiler),
  osx_image: listOf(osxImage),
  stages: listOf(stage),
  jobs: { ...jobs, aliases: ['matrix'] },
  notifications,
  version: { ...text, format: /^(~>|>|>=|=|<=|<) (\d+(?:\.\d+)?(?:\.\d+)?)$/m },
  vm,
  conditions: oneOf('v0', 'v1'),
  filter_secrets: flag,
  trace: flag,
  perforce_test_path: text,
  vault,
  keep_netrc: keepNetrc,
  ...languageKeys('root'),
  ...job,
});

/** The keys whose values multiply into jobs, slowest first: Travis's own order. `env` is last. */
export const AXES: readonly string[] = ['os', 'arch', 'compiler', 'osx_image', ...LANGUAGE_AXES, 'env'];
