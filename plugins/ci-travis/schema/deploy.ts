import { os, strings } from './common.ts';
import { PROVIDERS, type ProviderKeys } from './deploy-providers.ts';
import { languageKeys } from './languages.ts';
import {
  any,
  flag,
  listOf,
  mapOf,
  maybeSecret,
  number,
  oneOf,
  secret,
  strictMap,
  text,
  withForms,
  type AnySchema,
  type ScalarSchema,
  type Schema,
} from './types.ts';

const branchOptions: Schema = { type: 'map', keys: {}, strict: false, normal: true, deprecated: 'branch_specific_option_hash' };
const deployBranches = any({ ...strings, normal: true }, branchOptions);

const on: AnySchema = any(
  strictMap(
    { os, branch: deployBranches, repo: text, condition: strings, all_branches: flag, tags: flag, ...languageKeys('job') },
    { prefix: { key: 'branch', text: true }, normal: true },
  ),
  deployBranches,
);

const edge = any(flag, strictMap({ enabled: flag, source: text, branch: text }));

/** The schemas that the kinds of keys of `ProviderKeys` stand for. */
const KINDS = {
  plain: maybeSecret,
  secret,
  texts: text,
  flags: flag,
  numbers: number,
  lists: strings,
  secretLists: listOf(secret),
  perBranch: any(mapOf(text), text),
  perBranchPlain: any(mapOf(maybeSecret), maybeSecret),
  perBranchSecret: any(mapOf(secret), secret),
} as const satisfies Partial<Record<keyof ProviderKeys, Schema>>;

function provider(name: string, given: ProviderKeys): AnySchema {
  const own = Object.entries(KINDS).flatMap(([kind, schema]) => named(given[kind as keyof typeof KINDS], schema));
  const deprecated = { skip_cleanup: 'not supported in dpl v2, use cleanup', ...given.deprecated };
  const keys: Record<string, Schema> = {
    ...Object.fromEntries(own),
    ...choices(given),
    provider: oneOf(name),
    on: { ...on, aliases: ['true'] },
    run: strings,
    allow_failure: flag,
    cleanup: flag,
    skip_cleanup: flag,
    edge,
  };
  for (const [key, why] of Object.entries(deprecated)) {
    const schema = keys[key];
    if (schema) keys[key] = { ...schema, deprecated: why };
  }
  return withForms(strictMap(keys, { prefix: { key: 'provider', text: true }, required: [...words(given.required), 'provider'] }));
}

function named(list: string | undefined, schema: Schema): [string, Schema][] {
  return words(list).map((entry) => {
    const [key = '', ...aliases] = entry.split('|');
    return [key, aliases.length > 0 ? { ...schema, aliases } : schema];
  });
}

function words(list: string | undefined): string[] {
  return list === undefined ? [] : list.split(' ');
}

function choices(given: ProviderKeys): Record<string, ScalarSchema> {
  return Object.fromEntries(
    Object.entries(given.choices ?? {}).map(([key, choice]) => {
      const schema: ScalarSchema = { ...oneOf(...words(choice.values)), ...(choice.ignoreCase && { ignoreCase: true }) };
      return [key, choice.default === undefined ? schema : { ...schema, defaults: [{ value: choice.default }] }];
    }),
  );
}

const providers: AnySchema = {
  ...any(...Object.entries(PROVIDERS).map(([name, keys]) => provider(name, keys))),
  normal: true,
  detect: 'provider',
};

/** `deploy`: where and when to deploy. Terrarium reads it but never deploys. */
export const deploys: AnySchema = { ...any({ type: 'seq', item: providers, normal: true }, providers), normal: true };
