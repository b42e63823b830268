import { z } from 'zod';
import type { XmlTarget } from './xml-reader.ts';

/** How much of the code was run, in percent, with at most two decimals; null for what is no such number. */
export function percentOf(value: number): number | null {
  return Number.isFinite(value) && value >= 0 && value <= 100 ? Math.round(value * 100) / 100 : null;
}

/** Reads the total of a report in Cobertura's form, which is what `coverage xml` writes. */
export class CoberturaReader implements XmlTarget {
  total: number | null = null;
  private isRead = false;

  open(_name: string, attributes: Readonly<Record<string, string>>): void {
    if (this.isRead) return;
    this.isRead = true;
    const rate = attributes['line-rate'];
    this.total = rate === undefined || rate.trim() === '' ? null : percentOf(Number(rate) * 100);
  }

  text(): void {
    // Nothing of it is wanted.
  }

  close(): void {
    // Nothing of it is wanted.
  }
}

const CoverageJson = z.object({ totals: z.object({ percent_covered: z.number() }) });

/** The total of what `coverage json` writes; null for any other text. */
export function totalOfJson(text: string): number | null {
  try {
    return percentOf(CoverageJson.parse(JSON.parse(text)).totals.percent_covered);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}

/** The head of coverage's table, with its columns for branches or without. */
const HEAD = /^Name +Stmts +Miss +(?:Branch +BrPart +)?Cover\b/;
const TOTAL = /^TOTAL +\d+ +\d+ +(?:\d+ +\d+ +)?(\d{1,3}(?:\.\d{1,8})?)%\s*$/;

/** Reads the last line of the tables that coverage and pytest-cov print. */
export class CoverageLines {
  /** Of the last table: what several runs of a job come to together is there, if they are combined. */
  total: number | null = null;
  private isInTable = false;

  line(text: string): void {
    if (text.startsWith('Name ') && HEAD.test(text)) this.isInTable = true;
    else if (this.isInTable && text.startsWith('TOTAL ')) this.read(text);
  }

  private read(text: string): void {
    this.isInTable = false;
    const [, percent] = TOTAL.exec(text) ?? [];
    if (percent !== undefined) this.total = percentOf(Number(percent)) ?? this.total;
  }
}
