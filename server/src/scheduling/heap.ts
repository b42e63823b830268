/** A queue that gives the smallest element first. `before` says whether its first argument comes first; it must be a strict order. */
export class Heap<Element> {
  private readonly elements: Element[] = [];
  private readonly before: (a: Element, b: Element) => boolean;

  constructor(before: (a: Element, b: Element) => boolean) {
    this.before = before;
  }

  push(element: Element): void {
    const { elements } = this;
    let at = elements.length;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = elements[up];
      if (parent === undefined || !this.before(element, parent)) break;
      elements[at] = parent;
      at = up;
    }
    elements[at] = element;
  }

  /** Takes the smallest element; undefined if there is none. */
  pop(): Element | undefined {
    const first = this.elements[0];
    const last = this.elements.pop();
    if (last !== undefined && this.elements.length > 0) this.sink(last);
    return first;
  }

  private sink(element: Element): void {
    const { elements } = this;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      const child = this.isBefore(right, left) ? right : left;
      const smaller = elements[child];
      if (smaller === undefined || !this.before(smaller, element)) break;
      elements[at] = smaller;
      at = child;
    }
    elements[at] = element;
  }

  private isBefore(a: number, b: number): boolean {
    const [first, second] = [this.elements[a], this.elements[b]];
    return first !== undefined && second !== undefined && this.before(first, second);
  }
}
