/** What a comment to a pull request can ask for. `commit`: the beginning of the id of the commit that is meant; null where it names none. */
export type CommentCommand =
  | { readonly kind: 'approve'; readonly commit: string | null }
  | { readonly kind: 'trust'; readonly commit: string | null }
  | { readonly kind: 'retry' }
  | { readonly kind: 'stop' };

const LINE = /^terrarium:\s*(ok|trust this contributor|retry|stop)(?:\s+([0-9a-f]{7,64}))?\s*[.!]?$/i;
const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/;

/**
 * The first command of a comment; null if it holds none. A command is a line of its own. Lines that quote somebody (`>`), or are code, are not the writer's own
 * words: they count for nothing.
 */
export function commandIn(text: string): CommentCommand | null {
  let fence: string | null = null;
  for (const line of text.split(/\r?\n/)) {
    const marked = fenceAfter(line, fence);
    if (marked !== fence) fence = marked;
    else if (fence === null && !/^( {4}|\t)/.test(line)) {
      const command = commandOf(line.trim());
      if (command !== null) return command;
    }
  }
  return null;
}

/** The fence that code stands in after a line; null where it does not. One closes with as many of its characters or more, and nothing behind. */
function fenceAfter(line: string, open: string | null): string | null {
  const [, marks, rest = ''] = FENCE.exec(line) ?? [];
  if (marks === undefined) return open;
  if (open === null) return marks.startsWith('`') && rest.includes('`') ? null : marks;
  return marks.startsWith(open) && rest.trim() === '' ? null : open;
}

function commandOf(line: string): CommentCommand | null {
  const [, verb, commit] = LINE.exec(line) ?? [];
  if (verb === undefined) return null;
  const named = commit?.toLowerCase() ?? null;
  const word = verb.toLowerCase();
  if (word === 'ok') return { kind: 'approve', commit: named };
  if (word === 'trust this contributor') return { kind: 'trust', commit: named };
  return word === 'retry' ? { kind: 'retry' } : { kind: 'stop' };
}
