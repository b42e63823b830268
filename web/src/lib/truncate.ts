/** A long text in two pieces: `head` may be cut at its end by the page, `tail` stays whole. Together they are the text. */
export interface SplitText {
  head: string;
  tail: string;
}

/**
 * Where to split a text so that, cut in the middle, both ends can be read. The tail has about `tailLength` characters (a third of a
 * short text at most) and does not begin inside a surrogate pair.
 */
export function splitMiddle(text: string, tailLength = 12): SplitText {
  const wanted = Math.min(tailLength, Math.floor(text.length / 3));
  if (wanted <= 0) return { head: text, tail: '' };
  let at = text.length - wanted;
  const code = text.charCodeAt(at);
  if (code >= 0xdc00 && code <= 0xdfff) at -= 1;
  return { head: text.slice(0, at), tail: text.slice(at) };
}

/** The first line of a commit message. */
export function firstLine(text: string): string {
  const end = text.search(/[\r\n]/);
  return end === -1 ? text : text.slice(0, end);
}

/** A commit as people say it. */
export function shortCommit(commit: string): string {
  return commit.slice(0, 8);
}

/** What a change is of: its tag, its branch, or the commit itself, where no branch has it. */
export function refName({ tag, branch, commit }: { readonly tag: string | null; readonly branch: string; readonly commit: string }): string {
  return tag ?? (branch === '' ? shortCommit(commit) : branch);
}
