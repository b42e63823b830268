/** What a comment to a pull request can ask for. `commit`: the beginning of the id of the commit that is meant; null where it names none. */
export type CommentCommand =
  | { readonly kind: 'approve'; readonly commit: string | null }
  | { readonly kind: 'trust'; readonly commit: string | null }
  | { readonly kind: 'retry' }
  | { readonly kind: 'stop' };

const LINE = /^terrarium:\s*(ok|trust this contributor|retry|stop)(?:\s+([0-9a-f]{7,64}))?\s*[.!]?$/i;
const FENCE = /^\s*(```|~~~)/;

/**
 * The first command of a comment; null if it holds none. A command is a line of its own. Lines that quote somebody (`>`), or are code, are not the writer's own
 * words: they count for nothing.
 */
export function commandIn(text: string): CommentCommand | null {
  let isCode = false;
  for (const line of text.split(/\r?\n/)) {
    if (FENCE.test(line)) isCode = !isCode;
    else if (!isCode && !/^( {4}|\t)/.test(line)) {
      const command = commandOf(line.trim());
      if (command !== null) return command;
    }
  }
  return null;
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
