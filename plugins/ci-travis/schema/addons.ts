import { branches, strings } from './common.ts';
import { any, flag, listOf, maybeSecret, number, oneOf, secret, strictMap, text, withForms, type MapSchema, type Schema } from './types.ts';

function addon(keys: Readonly<Record<string, Schema>>, main?: string): Schema {
  return withForms(strictMap(keys, { change: 'enable', ...(main !== undefined && { prefix: { key: main } }) }));
}

const aptSource = withForms(strictMap({ name: text, sourceline: text, key_url: text }, { prefix: { key: 'name' } }));
const snap = withForms(strictMap({ name: text, classic: flag, channel: text }, { prefix: { key: 'name' } }));

const sbomOn: Schema = {
  ...any(
    strictMap({ branch: branches, condition: strings, all_branches: flag, pr: flag }, { prefix: { key: 'branch', text: true }, normal: true }),
    branches,
  ),
  normal: true,
  aliases: ['true'],
};

/** `addons`. Source: travis-yml, lib/travis/yml/schema/def/addons.rb and addon/. */
export const addons = (deploys: Schema): MapSchema =>
  strictMap({
    apt: addon(
      {
        packages: { ...strings, aliases: ['package'] },
        sources: { ...listOf(aptSource), aliases: ['source'] },
        dist: text,
        update: flag,
        config: strictMap({ retries: flag }),
      },
      'packages',
    ),
    apt_packages: strings,
    artifacts: addon({
      enabled: flag,
      bucket: text,
      endpoint: text,
      key: { ...secret, aliases: ['aws_access_key_id', 'aws_access_key', 'access_key_id', 'access_key'] },
      secret: { ...secret, aliases: ['aws_secret_access_key', 'aws_secret_key', 'secret_access_key', 'secret_key'] },
      region: { ...text, aliases: ['s3_region'] },
      paths: strings,
      branch: text,
      log_format: text,
      target_paths: strings,
      debug: flag,
      concurrency: number,
      max_size: number,
      permissions: text,
      working_dir: text,
      cache_control: text,
    }),
    browserstack: addon({
      username: maybeSecret,
      access_key: secret,
      forcelocal: flag,
      only: text,
      app_path: text,
      proxyHost: text,
      proxyPort: text,
      proxyUser: text,
      proxyPass: secret,
    }),
    chrome: { ...oneOf('stable', 'beta'), downcase: true },
    code_climate: addon({ repo_token: secret }, 'repo_token'),
    coverity_scan: addon({
      project: withForms(strictMap({ name: text, version: text, description: text }, { prefix: { key: 'name' }, required: ['name'] })),
      build_script_url: text,
      branch_pattern: text,
      notification_email: maybeSecret,
      build_command: text,
      build_command_prepend: text,
    }),
    homebrew: addon({ update: flag, packages: strings, casks: strings, taps: strings, brewfile: any(flag, text) }, 'packages'),
    hostname: text,
    hosts: strings,
    jwt: { ...listOf(secret), deprecated: 'Discontinued as of April 17, 2018' },
    sauce_connect: addon({
      enabled: flag,
      username: maybeSecret,
      access_key: secret,
      direct_domains: text,
      tunnel_domains: text,
      no_ssl_bump_domains: text,
    }),
    pkg: addon({ packages: { ...strings, aliases: ['package'] }, branch: text }, 'packages'),
    srcclr: any({ type: 'map', keys: {}, strict: false, normal: true }, { ...flag, normal: true }),
    snaps: listOf(snap),
    sonarcloud: addon({
      enabled: flag,
      organization: text,
      token: secret,
      github_token: { ...secret, deprecated: 'setting a GitHub token is deprecated' },
      branches: { ...strings, deprecated: 'setting a branch is deprecated' },
    }),
    ssh_known_hosts: listOf(maybeSecret),
    firefox: text,
    mariadb: text,
    postgresql: { ...text, aliases: ['postgres'] },
    rethinkdb: text,
    deploy: deploys,
    sbom: addon({
      on: sbomOn,
      run_phase: { ...oneOf('before_script', 'script', 'after_success', 'after_failure'), defaults: [{ value: 'after_success' }] },
      output_format: { ...oneOf('cyclonedx-json', 'cyclonedx-xml', 'spdx-json'), defaults: [{ value: 'cyclonedx-json' }] },
      output_dir: text,
      input_dir: strings,
    }),
  });
