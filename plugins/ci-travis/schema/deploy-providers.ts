/**
 * The deployment providers and the keys each one takes, by kind; `name|alias|alias`. `plain` may be encrypted or not, `secret` should be
 * encrypted, `texts`, `flags`, `numbers`, `lists` speak for themselves, `perBranch` is a string or a mapping by branch.
 * Source: travis-yml, lib/travis/yml/schema/def/deploy/.
 */
export interface ProviderKeys {
  readonly plain?: string;
  readonly secret?: string;
  readonly texts?: string;
  readonly flags?: string;
  readonly numbers?: string;
  readonly lists?: string;
  readonly perBranch?: string;
  readonly perBranchPlain?: string;
  readonly perBranchSecret?: string;
  readonly secretLists?: string;
  readonly required?: string;
  /** Keys with few values, and the first as default where `*` follows the list's name. */
  readonly choices?: Readonly<Record<string, { readonly values: string; readonly default?: string; readonly ignoreCase?: true }>>;
  readonly deprecated?: Readonly<Record<string, string>>;
}

const AWS = { plain: 'access_key_id', secret: 'secret_access_key' };
const CLOUD_FOUNDRY = { plain: 'username', secret: 'password' };

/** By provider. */
export const PROVIDERS: Readonly<Record<string, ProviderKeys>> = {
  anynines: { ...CLOUD_FOUNDRY, texts: 'organization space app_name buildpack manifest', flags: 'logout' },
  azure_web_apps: { plain: 'username', secret: 'password', texts: 'site slot', flags: 'verbose' },
  bintray: { plain: 'user', secret: 'key passphrase', texts: 'file url' },
  bluemixcloudfoundry: {
    ...CLOUD_FOUNDRY,
    texts: 'organization api space region buildpack manifest app_name',
    flags: 'skip_ssl_validation logout',
  },
  boxfuse: { plain: 'user', secret: 'secret', texts: 'config_file|configfile payload app version env extra_args' },
  cargo: { secret: 'token', flags: 'allow_dirty' },
  chef_supermarket: { texts: 'user_id client_key name|cookbook_name category|cookbook_category dir' },
  cloud66: { secret: 'redeployment_hook' },
  cloudfiles: { plain: 'username', secret: 'api_key', texts: 'region container glob', flags: 'dot_match' },
  cloudformation: {
    ...AWS,
    texts: 'region template stack_name stack_name_prefix role_arn sts_assume_role output_file',
    flags: 'promote wait',
    lists: 'capabilities parameters',
    numbers: 'wait_timeout create_timeout',
  },
  cloudfoundry: { ...CLOUD_FOUNDRY, texts: 'organization api space buildpack manifest app_name', flags: 'skip_ssl_validation logout v3' },
  codedeploy: {
    ...AWS,
    texts: 'application deployment_group commit_id description repository region bucket key bundle_type endpoint',
    flags: 'wait_until_deployed',
    choices: {
      revision_type: { values: 's3 github', ignoreCase: true },
      file_exists_behavior: { values: 'disallow overwrite retain', ignoreCase: true },
    },
  },
  convox: {
    secret: 'password',
    texts: 'host app rack install_url env_file description',
    flags: 'update_cli create promote',
    lists: 'env',
    numbers: 'generation',
    required: 'app rack password',
  },
  datica: { texts: 'target path' },
  ecr: { ...AWS, texts: 'account_id source target region' },
  elasticbeanstalk: {
    ...AWS,
    texts: 'region bucket|bucket_name description label zip_file bucket_path',
    perBranch: 'app env',
    flags: 'wait_until_deployed debug',
  },
  engineyard: { plain: 'email account', secret: 'password api_key', perBranch: 'app env|environment', texts: 'migrate' },
  firebase: { secret: 'token', texts: 'project message only', flags: 'force' },
  flynn: { plain: 'git' },
  gae: {
    texts: 'project keyfile version verbosity',
    lists: 'config',
    flags: 'promote no_promote stop_previous_version no_stop_previous_version install_sdk',
    deprecated: { no_promote: 'use promote: false', no_stop_previous_version: 'use stop_previous_version: false' },
  },
  gcs: { ...AWS, texts: 'key_file bucket upload_dir local_dir acl cache_control', flags: 'dot_match detect_encoding' },
  git_push: {
    secret: 'token|github_token',
    texts: 'deploy_key repo branch base_branch commit_message local_dir name email host',
    flags: 'allow_empty_commit allow_same_branch force enterprise',
  },
  gleis: { texts: 'app username key_name', secret: 'password', flags: 'verbose' },
  hackage: { plain: 'username', secret: 'password', flags: 'publish' },
  hephy: { plain: 'username', secret: 'password', texts: 'controller app cli_version', flags: 'verbose' },
  heroku: {
    perBranchSecret: 'api_key',
    secret: 'username|user password',
    perBranch: 'app',
    texts: 'git',
    choices: { strategy: { values: 'api git', default: 'api' } },
  },
  lambda: {
    ...AWS,
    texts: 'region function_name role handler_name module_name zip description timeout memory_size runtime dead_letter_arn kms_key_arn',
    lists: 'security_group_ids subnet_ids layers',
    secretLists: 'environment|environment_variables function_tags',
    flags: 'publish dot_match',
    choices: { tracing_mode: { values: 'Active PassThrough' } },
  },
  launchpad: { texts: 'slug', secret: 'oauth_token oauth_token_secret', required: 'slug oauth_token oauth_token_secret' },
  netlify: { texts: 'site dir functions message', secret: 'auth', flags: 'prod' },
  npm: {
    plain: 'email',
    secret: 'api_token|api_key',
    texts: 'registry src tag auth_method',
    choices: { access: { values: 'public private' } },
  },
  nuget: { plain: 'api_key', texts: 'registry src', flags: 'no_symbols skip_duplicate' },
  openshift: { secret: 'token', texts: 'server project app' },
  opsworks: {
    ...AWS,
    texts: 'region app_id custom_json',
    lists: 'instance_ids layer_ids',
    flags: 'migrate wait_until_deployed update_on_success|update_app_on_success',
  },
  packagecloud: {
    plain: 'username',
    secret: 'token',
    texts: 'repository local_dir dist',
    lists: 'package_glob',
    flags: 'force',
    numbers: 'connect_timeout read_timeout write_timeout',
  },
  pages: {
    secret: 'token|github_token',
    texts: 'deploy_key repo target_branch local_dir fqdn project_name email name url|github_url commit_message',
    flags: 'keep_history verbose allow_empty_commit committer_from_gh deployment_file',
    choices: { strategy: { values: 'api git', default: 'git' } },
  },
  puppetforge: { plain: 'username|user', secret: 'password', texts: 'url', required: 'username password' },
  pypi: {
    plain: 'username|user',
    secret: 'password',
    texts: 'server distributions docs_dir setuptools_version twine_version wheel_version',
    flags: 'skip_existing upload_docs skip_upload_docs twine_check remove_build_dir',
    deprecated: { skip_upload_docs: 'use upload_docs: false' },
  },
  releases: {
    plain: 'username|user',
    secret: 'password token|api_key',
    texts: 'repo name release_number release_notes|body release_notes_file tag_name target_commitish',
    lists: 'file',
    flags: 'file_glob overwrite draft prerelease',
  },
  rubygems: {
    perBranchSecret: 'api_key password',
    perBranchPlain: 'username|user',
    perBranch: 'gem',
    texts: 'gemspec gemspec_glob host',
  },
  s3: {
    ...AWS,
    texts: 'bucket region endpoint upload_dir local_dir glob acl default_text_charset storage_class index_document_suffix',
    lists: 'cache_control expires',
    flags: 'dot_match detect_encoding server_side_encryption overwrite force_path_style verbose',
    numbers: 'max_threads',
  },
  scalingo: {
    plain: 'username|user',
    secret: 'api_token|api_key password',
    texts: 'remote branch app region',
    numbers: 'timeout',
  },
  script: { texts: 'script' },
  snap: { secret: 'token', texts: 'snap channel', flags: 'skip_cleanup' },
  surge: { plain: 'login', secret: 'token', texts: 'project domain' },
  testfairy: { secret: 'api_key', texts: 'app_file symbols_file testers_groups advanced_options', flags: 'notify auto_update' },
  transifex: { plain: 'username', secret: 'api_token password', texts: 'hostname cli_version' },
};
