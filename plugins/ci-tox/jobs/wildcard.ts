/** Whether a name is meant by a pattern, in which `*` stands for anything and `?` for one character. Pure; takes no longer for a hostile pattern. */
export function matchesName(pattern: string, name: string): boolean {
  let row = [true, ...Array.from({ length: name.length }, () => false)];
  for (const sign of pattern) {
    const next = [sign === '*' && (row[0] ?? false)];
    for (let index = 1; index <= name.length; index += 1) {
      const isOne = (sign === '?' || sign === name[index - 1]) && (row[index - 1] ?? false);
      next.push(sign === '*' ? (row[index] ?? false) || (next[index - 1] ?? false) : isOne);
    }
    row = next;
  }
  return row.at(-1) ?? false;
}
