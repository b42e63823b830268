import { PluginError } from '#plugins/api';

const COMMIT_ID = /^[0-9a-f]{40}$/;
const LONGEST = 512;
const RESERVED = new Set(['tip', 'null', '.']);

/** Whether it is a full changeset id, in lower case. */
export function isCommitId(text: string): boolean {
  return COMMIT_ID.test(text);
}

/**
 * Whether a branch, bookmark or tag may have that name: Mercurial's own rules (`hg help branch`: no colon, no line break, no blank at an end, none of its reserved words), and
 * besides no control character and no dash in front, which programs would take for an option; at most 512 characters. Blanks inside are fine.
 */
export function isHgName(name: string): boolean {
  if (name === '' || name.length > LONGEST || RESERVED.has(name) || name.trim() !== name) return false;
  return !/^-|[:\u0000-\u001f\u007f]/.test(name);
}

/** Throws `invalid` unless `ref` can be a branch, a bookmark, a tag or a full changeset id. */
export function assertRef(ref: string): void {
  if (!isHgName(ref)) throw new PluginError('invalid', 'That is no valid name of a branch, bookmark or tag and no full changeset id.');
}

/** Throws `invalid` unless `commit` is a full changeset id. */
export function assertCommitId(commit: string): void {
  if (!isCommitId(commit)) throw new PluginError('invalid', 'That is no full changeset id: 40 lower-case hexadecimal digits are needed.');
}
