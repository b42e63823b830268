import { isPluginError, type Session } from '#plugins/api';
import type { AttemptEnd } from '../builds/sql/move-attempt.ts';
import { readableText } from '../builds/storable.ts';
import type { Secret } from '../logs/index.ts';
import { combine, type Findings, maskOf, MOST_CASES, NOTHING, readFiles, readLog } from '../test-reports/index.ts';
import { workTreeOf } from './agent-job.ts';
import type { LoadedAttempt } from './load-attempt.ts';
import type { AttemptMeans } from './attempt-run.ts';
import { within } from './within.ts';

/** How long reading a job's report files may keep its machine. */
const PATIENCE_MS = 2 * 60_000;
const LONGEST_NOTE = 500;
const MOST_NOTES = 20;

type Means = Pick<AttemptMeans, 'logs' | 'logger' | 'signal' | 'committed'>;

/** What is learnt of an attempt's tests: by the files that it left in its machine, and by its log. Neither is a verdict about the job, whatever is wrong with it. */
export class AttemptTests {
  private files: Findings = NOTHING;
  private readonly workTree: string;

  constructor(
    private readonly attempt: LoadedAttempt,
    private readonly means: Means,
    private readonly secrets: readonly Secret[],
  ) {
    this.workTree = workTreeOf(attempt.change.repository);
  }

  /** Reads the files, while the machine can still be reached. Throws the signal's reason. */
  async readFiles(session: Session): Promise<void> {
    const { means, attempt } = this;
    const wanted = attempt.spec.reports ?? null;
    const read = (signal: AbortSignal): Promise<Findings> =>
      readFiles({ session, workTree: this.workTree, wanted, mask: maskOf(this.secrets), committed: (path) => this.committed(path), signal });
    try {
      this.files = await within(PATIENCE_MS, 'reading the test reports', means.signal, read);
    } catch (error) {
      means.signal.throwIfAborted();
      means.logger.warn('report files could not be read', { attempt: attempt.attemptId, error });
      const why = isPluginError(error) ? error.message : 'the server failed at it';
      this.files = { ...NOTHING, notes: [`The report files of this job could not be read: ${why}.`] };
    }
  }

  /** All that is known in the end. The log must be complete. Throws the signal's reason. */
  async end(): Promise<Pick<AttemptEnd, 'tests' | 'coverage' | 'cases' | 'casesAreCut' | 'testNotes'>> {
    const { report, cases, isCut, coverage, notes } = combine(await this.readLog(), this.files);
    const cut = isCut ? [`More than ${MOST_CASES.toLocaleString('en')} tests ran: the history of tests has the first of them only.`] : [];
    const testNotes = [...notes, ...cut].slice(0, MOST_NOTES).map((note) => readableText(note.slice(0, LONGEST_NOTE)));
    return { tests: report, coverage, cases, casesAreCut: isCut, testNotes };
  }

  private async readLog(): Promise<Findings> {
    const { logs, logger, signal } = this.means;
    try {
      return await readLog(logs, this.attempt.attemptId, this.workTree, signal);
    } catch (error) {
      signal.throwIfAborted();
      logger.warn('a log could not be read for what it says of tests', { attempt: this.attempt.attemptId, error });
      return NOTHING;
    }
  }

  /** Where the sources cannot be asked, a report is taken for the job's own. */
  private async committed(path: string): Promise<string | null> {
    if (this.attempt.spec.checkout === null) return null;
    try {
      return await this.means.committed(path);
    } catch (error) {
      this.means.signal.throwIfAborted();
      if (!isPluginError(error)) throw error;
      this.means.logger.warn('it could not be told whether a report came with the sources', { attempt: this.attempt.attemptId, path, error });
      return null;
    }
  }
}
