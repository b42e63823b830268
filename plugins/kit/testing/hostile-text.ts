/** A text of at most `length` characters: `head`, as many pieces as fit, `tail`. */
export function filled(length: number, head: string, piece: (index: number) => string, tail = ''): string {
  const parts = [head];
  let left = length - head.length - tail.length;
  for (let index = 0; left > 0; index += 1) {
    const next = piece(index);
    left -= next.length;
    if (left >= 0) parts.push(next);
  }
  return `${parts.join('')}${tail}`;
}

/** `[0,1,2]`. */
export function listed(count: number, item: (index: number) => string = String): string {
  return `[${Array.from({ length: count }, (_, index) => item(index)).join(',')}]`;
}
