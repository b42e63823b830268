import { PluginError } from '#plugins/api';

const COMMIT_ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const FORBIDDEN = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|^\/|\/$|\.$|^@$/;
const LONGEST = 512;

/** Whether it is a full object id, SHA-1 or SHA-256, in lower case. */
export function isCommitId(text: string): boolean {
  return COMMIT_ID.test(text);
}

/** Whether a branch or tag may have that name: the rules of `git check-ref-format --branch`, at most 512 characters. */
export function isRefName(name: string): boolean {
  if (name === '' || name.length > LONGEST || name.startsWith('-') || FORBIDDEN.test(name)) return false;
  return name.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'));
}

/** Throws `invalid` unless `ref` is a branch, a tag, a full ref or a full commit id. */
export function assertRef(ref: string): void {
  if (isCommitId(ref) || isRefName(ref)) return;
  throw new PluginError('invalid', 'That is no valid branch or tag name and no full commit id: git would refuse it.');
}

/** Throws `invalid` unless `commit` is a full commit id. */
export function assertCommitId(commit: string): void {
  if (!isCommitId(commit)) throw new PluginError('invalid', 'That is no full commit id: 40 or 64 lower-case hexadecimal digits are needed.');
}
