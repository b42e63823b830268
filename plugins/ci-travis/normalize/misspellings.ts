/** Mistakes that Travis corrects, though by their letters they are too far from the right key. */
export const MISSPELLINGS: ReadonlyMap<string, string> = new Map([
  ['distro', 'dist'],
  ['after_deployment', 'after_deploy'],
  ['before_deployment', 'before_deploy'],
  ['before_setup', 'before_script'],
  ['before_archive', 'before_cache'],
  ['after_test', 'after_script'],
  ['known_failures', 'allow_failures'],
  ['warnings_as_errors', 'warnings_are_errors'],
  ['s3_bucket', 'bucket'],
]);
