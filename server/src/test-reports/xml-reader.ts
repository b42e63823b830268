import { SaxesParser } from 'saxes';
import { plainLine } from './plain-line.ts';

/** What is read of a document, in its order. */
export interface XmlTarget {
  open(name: string, attributes: Readonly<Record<string, string>>): void;
  /** Of what stands between two tags a part, with what was escaped in it. */
  text(text: string): void;
  close(name: string): void;
}

const DEEPEST = 50;
const LONGEST_PROBLEM = 200;
/** What no document of XML 1.0 may hold; test runners let it through now and then. */
const FORBIDDEN = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g;

/**
 * Reads an XML document of somebody who is not trusted, piece by piece. A document type is refused, and with it every entity but the five that XML itself has; so is whatever
 * is nested deeper than any report. How much is read is for the caller to bound.
 */
export class XmlReader {
  /** What is wrong with the document, in words; then the rest of it is passed over. Null: nothing so far. */
  problem: string | null = null;
  private readonly parser = new SaxesParser();
  private depth = 0;

  constructor(target: XmlTarget) {
    this.parser.on('error', (error) => this.refuse(error.message));
    this.parser.on('doctype', () => this.refuse('it has a document type, which no test report needs'));
    this.parser.on('opentag', ({ name, attributes }) => {
      this.depth += 1;
      if (this.depth > DEEPEST) this.refuse(`its elements are nested more than ${DEEPEST} deep`);
      else if (this.problem === null) target.open(name, attributes);
    });
    this.parser.on('closetag', ({ name }) => {
      this.depth -= 1;
      if (this.problem === null) target.close(name);
    });
    for (const kind of ['text', 'cdata'] as const) {
      this.parser.on(kind, (text) => {
        if (this.problem === null) target.text(text);
      });
    }
  }

  push(text: string): void {
    if (this.problem === null) this.parser.write(text.replaceAll(FORBIDDEN, '\uFFFD'));
  }

  end(): void {
    if (this.problem === null) this.parser.close();
  }

  private refuse(problem: string): void {
    this.problem ??= plainLine(problem).slice(0, LONGEST_PROBLEM);
  }
}
