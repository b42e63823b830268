import { createHash } from 'node:crypto';
import { setImmediate as breath } from 'node:timers/promises';
import { isPluginError, type Session } from '#plugins/api';
import type { TestReport } from '#server/api';
import { totalOfJson } from './coverage.ts';
import type { Findings } from './findings.ts';
import { listReports, MOST_FILES, type ReportList } from './list-reports.ts';
import { ReportDocument } from './report-document.ts';
import { Tally } from './tally.ts';
import { CaseBook } from './test-case.ts';

const MEGABYTE = 1024 * 1024;
/** One file, and all of a job. */
const LIMITS = { file: 16 * MEGABYTE, all: 64 * MEGABYTE } as const;
/** So much is parsed at a time. */
const CHUNK = 64 * 1024;

/** What reading a job's report files takes. */
export interface ReportSource {
  readonly session: Session;
  /** See `treePath`. */
  readonly workTree: string;
  /** What its description says; null: nothing, and the usual places are looked at. */
  readonly wanted: readonly string[] | null;
  /** Takes secrets out of a text. */
  readonly mask: (text: string) => string;
  /** What the change itself has at that path; null if it has no such file. */
  readonly committed: (path: string) => Promise<string | null>;
  readonly signal: AbortSignal;
}

/** What the files say that a job has left in its machine. What cannot be read of them is told in the notes. Throws what the session does when the machine cannot be reached. */
export async function readFiles(source: ReportSource): Promise<Findings> {
  const list = await listReports(source.session, source.workTree, source.wanted, source.signal);
  const reader = new FilesReader(source);
  for (const path of list.paths) await reader.read(path);
  return reader.findings(notesOf(list, source.wanted));
}

function notesOf({ paths, left, isCut }: ReportList, wanted: readonly string[] | null): string[] {
  const missing = wanted !== null && !paths.some((path) => path.endsWith('.xml'));
  return [
    ...(missing ? [`There is no report at ${wanted.join(', ')}.`] : []),
    ...(left > 0 ? [`Only the first ${MOST_FILES} report files were read; ${left} more were not.`] : []),
    ...(isCut ? ['The work tree has so many XML files that not all of them were looked at: say under "reports" where the reports are.'] : []),
  ];
}

/** Reads one file after the other. */
class FilesReader {
  private readonly notes: string[] = [];
  private readonly files: string[] = [];
  private readonly seen = new Set<string>();
  private readonly tallies: Tally[] = [];
  private readonly cases = new CaseBook();
  private coverage: number | null = null;
  private budget: number = LIMITS.all;

  constructor(private readonly source: ReportSource) {}

  async read(path: string): Promise<void> {
    const bytes = await this.download(path);
    if (bytes === null || (await this.isOld(path, bytes))) return;
    const digest = createHash('sha256').update(bytes).digest('hex');
    // The same report in two places.
    if (this.seen.has(digest)) return;
    this.seen.add(digest);
    if (path.endsWith('.json')) this.coverage ??= totalOfJson(bytes.toString('utf8'));
    else await this.readXml(path, bytes);
  }

  findings(notes: readonly string[]): Findings {
    return { report: this.report(), cases: this.cases.all(), isCut: this.cases.isCut, coverage: this.coverage, notes: [...notes, ...this.notes] };
  }

  /** A broken report counts for nothing: what it lacks nobody knows. */
  private async readXml(path: string, bytes: Buffer): Promise<void> {
    const [tally, cases] = [new Tally(), new CaseBook()];
    const { workTree, mask } = this.source;
    const document = new ReportDocument(() => ({ workTree, mask, cases, tally }));
    for (let at = 0; at < bytes.length; at += CHUNK) {
      document.push(bytes.subarray(at, at + CHUNK));
      // Everybody else's requests are answered meanwhile.
      await breath();
    }
    document.end();
    if (document.problem !== null) this.notes.push(`The report ${path} could not be read: ${document.problem}.`);
    else if (document.kind === 'coverage') this.coverage = document.coverageTotal ?? this.coverage;
    else if (document.kind === 'tests') this.keep(path, tally, cases);
  }

  private keep(path: string, tally: Tally, cases: CaseBook): void {
    this.files.push(path);
    this.tallies.push(tally);
    for (const { name, outcome, milliseconds } of cases.all()) this.cases.add(name, outcome, milliseconds);
    this.cases.isCut ||= cases.isCut;
  }

  /** The whole file; null if it is too large, or gone again. */
  private async download(path: string): Promise<Buffer | null> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    try {
      for await (const chunk of this.source.session.download(`home/${this.source.workTree}/${path}`, this.source.signal)) {
        size += chunk.length;
        if (size > Math.min(LIMITS.file, this.budget)) return this.tooLarge(path);
        chunks.push(chunk);
      }
    } catch (error) {
      if (!isPluginError(error, 'not-found') && !isPluginError(error, 'invalid')) throw error;
      this.notes.push(`The report ${path} could not be read: ${error.message}`);
      return null;
    }
    this.budget -= size;
    return Buffer.concat(chunks);
  }

  private tooLarge(path: string): null {
    this.notes.push(`The report ${path} was not read: a file may have ${LIMITS.file / MEGABYTE} MB, all of a job ${LIMITS.all / MEGABYTE} MB.`);
    return null;
  }

  /** It came with the sources and says nothing of this job. */
  private async isOld(path: string, bytes: Buffer): Promise<boolean> {
    const committed = await this.source.committed(path);
    return committed !== null && committed === bytes.toString('utf8');
  }

  private report(): TestReport | null {
    if (this.tallies.length === 0) return null;
    const sum = (key: 'passed' | 'failed' | 'errored' | 'skipped'): number => this.tallies.reduce((total, tally) => total + tally[key], 0);
    const all = new Tally();
    for (const tally of this.tallies) all.keep(tally.failures);
    const failures = all.failures.map((failure) => failure.done());
    return { passed: sum('passed'), failed: sum('failed'), errored: sum('errored'), skipped: sum('skipped'), failures, files: this.files };
  }
}
