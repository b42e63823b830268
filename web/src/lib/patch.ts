/** A line of a patch as it is shown. `before` and `after` are its numbers on both sides, from 1; null where it is not there. */
export interface PatchLine {
  kind: 'context' | 'added' | 'removed' | 'hunk' | 'note';
  before: number | null;
  after: number | null;
  text: string;
}

/** How a line is marked; never by colour alone. */
export const SIGNS: Record<PatchLine['kind'], string> = { context: ' ', added: '+', removed: '-', hunk: ' ', note: ' ' };

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

/**
 * The lines of a unified diff of one file, without what stands before its first hunk. A hunk's head says how many lines it has, so a removed line that reads `-- a` is
 * not taken for a head. A line is ended by a line feed only: a carriage return is part of it.
 */
export function readPatch(patch: string): PatchLine[] {
  const lines: PatchLine[] = [];
  let [before, after, beforeLeft, afterLeft] = [0, 0, 0, 0];
  for (const line of patch.split('\n')) {
    const head = beforeLeft + afterLeft > 0 ? null : HUNK.exec(line);
    if (head) {
      [before, beforeLeft] = [Number(head[1]), Number(head[2] ?? 1)];
      [after, afterLeft] = [Number(head[3]), Number(head[4] ?? 1)];
      lines.push({ kind: 'hunk', before: null, after: null, text: line });
    } else if (line.startsWith('\\') && lines.length > 0) {
      lines.push({ kind: 'note', before: null, after: null, text: line.slice(1).trim() });
    } else if (beforeLeft + afterLeft > 0) {
      const kind = line.startsWith('+') ? 'added' : line.startsWith('-') ? 'removed' : 'context';
      lines.push({ kind, before: kind === 'added' ? null : before, after: kind === 'removed' ? null : after, text: line.slice(1) });
      if (kind !== 'added') [before, beforeLeft] = [before + 1, beforeLeft - 1];
      if (kind !== 'removed') [after, afterLeft] = [after + 1, afterLeft - 1];
    }
  }
  return lines;
}

/** How many lines a patch adds and removes. */
export function countChanges(lines: readonly PatchLine[]): { added: number; removed: number } {
  const of = (kind: PatchLine['kind']): number => lines.filter((line) => line.kind === kind).length;
  return { added: of('added'), removed: of('removed') };
}
