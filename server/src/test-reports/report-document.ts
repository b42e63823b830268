import { TextDecoder } from 'node:util';
import { CoberturaReader } from './coverage.ts';
import { type JunitContext, JunitReader } from './junit-reader.ts';
import { XmlReader, type XmlTarget } from './xml-reader.ts';

/** What a report file turned out to be. */
export type DocumentKind = 'tests' | 'coverage' | 'other';

/** What Python's and other writers declare; whatever else is taken for UTF-8, which then shows. */
const ENCODINGS: ReadonlySet<string> = new Set(['utf-8', 'us-ascii', 'iso-8859-1', 'iso-8859-15', 'windows-1252']);
const DECLARED = /^\s*<\?xml[^>]{0,200}?encoding=["']([A-Za-z0-9._-]{1,40})["']/;
/** A declaration is looked for in so many bytes. */
const HEAD_BYTES = 512;

/** Reads one XML file that a job left: a test report goes to the context that it is given, of a coverage report the total is kept, anything else is passed over. */
export class ReportDocument {
  kind: DocumentKind | null = null;
  private readonly xml = new XmlReader(this.root());
  private target: XmlTarget | null = null;
  private coverage: CoberturaReader | null = null;
  private decoder: TextDecoder | null = null;

  constructor(private readonly context: () => JunitContext) {}

  /** What is wrong with it, in words; null if nothing is, or if it is no report anyway. */
  get problem(): string | null {
    return this.kind === 'other' ? null : this.xml.problem;
  }

  /** Percent; null if it is no coverage report, or has no total. */
  get coverageTotal(): number | null {
    return this.coverage?.total ?? null;
  }

  push(bytes: Uint8Array): void {
    this.decoder ??= new TextDecoder(encodingOf(bytes));
    // Nobody reads on in what is no report.
    if (this.kind !== 'other') this.xml.push(this.decoder.decode(bytes, { stream: true }));
  }

  end(): void {
    if (this.kind !== 'other') this.xml.end();
  }

  /** The first element says what it is. */
  private root(): XmlTarget {
    return {
      open: (name, attributes) => {
        this.target ??= this.begin(name);
        this.target?.open(name, attributes);
      },
      text: (text) => this.target?.text(text),
      close: (name) => this.target?.close(name),
    };
  }

  private begin(name: string): XmlTarget | null {
    if (this.kind !== null) return null;
    if (name === 'testsuites' || name === 'testsuite') {
      this.kind = 'tests';
      return new JunitReader(this.context());
    }
    this.kind = name === 'coverage' ? 'coverage' : 'other';
    if (this.kind === 'other') return null;
    this.coverage = new CoberturaReader();
    return this.coverage;
  }
}

function encodingOf(bytes: Uint8Array): string {
  const declared = DECLARED.exec(Buffer.from(bytes.subarray(0, HEAD_BYTES)).toString('latin1'))?.[1]?.toLowerCase();
  return declared !== undefined && ENCODINGS.has(declared) ? declared : 'utf-8';
}
